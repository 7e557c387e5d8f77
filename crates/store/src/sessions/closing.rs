//! Changes of an account after which nobody may be in by what was before: it is disabled, or an
//! operator gave it another password.
//!
//! The change and the revocation of the account's sessions are one transaction of the core store,
//! so that no crash leaves an account that is closed and sessions that are open. The log in memory
//! has the revocation before the answer. Whoever calls then ends the sessions by
//! [`Sessions::end_all_by`], which records it, removes them, and covers what began meanwhile.
//!
//! A log-in may be under way all the while, and may have its session before the change is durable.
//! Until then, sessions of the account begin when the closing did, at the latest: so the
//! revocation covers those that were not there yet when it was made.

use std::sync::Arc;

use symbolon_core::SubjectId;

use super::Sessions;
use super::changes::to_the_end;
use crate::audit::Record;
use crate::clock::Clock;
use crate::error::StoreError;

impl Sessions {
    /// Disables an account, and its sessions let nobody in; whether there is such an account.
    pub async fn disable(
        self: &Arc<Self>,
        subject: &SubjectId,
        clock: &Arc<dyn Clock>,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let (this, subject, record) = (self.clone(), subject.clone(), record.clone());
        let clock = Arc::clone(clock);
        to_the_end(async move {
            let now = clock.now();
            let _closing = this.revoked.close(&subject, now);
            let (revocation, _) = this.revocation_of(&subject, now).await?;
            let changed = this.core.set_disabled(&subject, true, Some(&revocation), &record);
            let is_changed = changed.await?;
            if is_changed {
                this.revoked.insert(&revocation, clock.now());
            }
            Ok(is_changed)
        })
        .await
    }

    /// Gives an account another password if it has the old one still, and its sessions let nobody
    /// in; whether it had.
    pub async fn reset_password(
        self: &Arc<Self>,
        subject: &SubjectId,
        (old_hash, new_hash): (&str, &str),
        clock: &Arc<dyn Clock>,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let (this, subject, record) = (self.clone(), subject.clone(), record.clone());
        let hashes = (old_hash.to_owned(), new_hash.to_owned());
        let clock = Arc::clone(clock);
        to_the_end(async move {
            let now = clock.now();
            let _closing = this.revoked.close(&subject, now);
            let (revocation, _) = this.revocation_of(&subject, now).await?;
            let hashes = (hashes.0.as_str(), hashes.1.as_str());
            let changed = this.core.set_password(&subject, hashes, now, Some(&revocation), &record);
            let is_changed = changed.await?;
            if is_changed {
                this.revoked.insert(&revocation, clock.now());
            }
            Ok(is_changed)
        })
        .await
    }
}
