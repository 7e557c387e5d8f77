//! A password that its owner changes.
//!
//! 1. The session by which it is changed gets its new token first. After a crash behind that the
//!    password is the old one, and its owner logs in again.
//! 2. Where the other sessions are to end, their revocation is in one transaction with the new
//!    password: no crash, and no store that is busy, leaves somebody in by what was before. It is
//!    the revocation of all that the account has begun, which covers log-ins under way, and what
//!    goes on by the password without a session. The one session that stays begins anew, one
//!    microsecond behind.
//! 3. The rows are removed last, and what fails there is left to expiry.
//!
//! All of it runs in a task of its own, whether or not the person waits for the answer.

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::SubjectId;

use super::Sessions;
use super::changes::to_the_end;
use crate::audit::{By, Kind, Record};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::session_store::Rotation;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// Whose password.
    pub subject: SubjectId,
    /// The hash that the account must have still, and the one that it gets.
    pub hashes: (String, String),
    /// The new token of the session by which it is changed.
    pub rotation: Rotation,
    /// Whether the other sessions end.
    pub ends_others: bool,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum PasswordChanged {
    /// The session was over: nothing is changed.
    NoSession,
    /// The account had another password by then. The session has its new token all the same.
    Meanwhile,
    /// It is changed, and so many other sessions have ended.
    Done(u64),
}

impl Sessions {
    /// Gives an account another password, and the session by which it is changed another token.
    pub async fn change_password(
        self: &Arc<Self>,
        change: PasswordChange,
        clock: &Arc<dyn Clock>,
        by: &By,
    ) -> Result<PasswordChanged, StoreError> {
        let (this, clock, by) = (self.clone(), Arc::clone(clock), by.clone());
        to_the_end(async move { this.put_password(change, &*clock, &by).await }).await
    }

    async fn put_password(
        self: &Arc<Self>,
        change: PasswordChange,
        clock: &dyn Clock,
        by: &By,
    ) -> Result<PasswordChanged, StoreError> {
        let PasswordChange { subject, hashes, mut rotation, ends_others } = change;
        let now = clock.now();
        let mut record = Record::new(Kind::PasswordChanged, by).subject(&subject);
        let closing = ends_others.then(|| self.revoked.close(&subject, now));
        let mut ending = None;
        if closing.is_some() {
            let (revocation, count) = self.revocation_of(&subject, now).await?;
            let others = count.saturating_sub(1);
            rotation.begins_at = Some(revocation.at.plus(Duration::from_micros(1)));
            record = record.with("sessions_ended", others);
            ending = Some((revocation, others));
        }
        if self.rotate(&rotation, now).await?.is_none() {
            return Ok(PasswordChanged::NoSession);
        }
        let revocation = ending.as_ref().map(|(revocation, _)| revocation);
        let hashes = (hashes.0.as_str(), hashes.1.as_str());
        if !self.core.set_password(&subject, hashes, by.at, revocation, &record).await? {
            return Ok(PasswordChanged::Meanwhile);
        }
        let Some((revocation, others)) = ending else { return Ok(PasswordChanged::Done(0)) };
        self.revoked.insert(&revocation, clock.now());
        drop(closing);
        let removed = self.remove_all(&subject, Some(rotation.id)).await;
        Ok(PasswordChanged::Done(removed.unwrap_or(others)))
    }
}
