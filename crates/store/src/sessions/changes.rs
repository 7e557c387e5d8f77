//! Beginning and changing a session: in the store first, then in the cache, then the answer.
//!
//! Every change runs in a task of its own. Whoever asked for it may hang up; it is finished all
//! the same, so that the cache never stays behind what the store has acknowledged.
//!
//! Roles and groups stand in the account, in one file, and in each session, in another, and a
//! crash may come in between:
//! 1. what is taken away is taken from the sessions;
//! 2. the account is changed, in one transaction with the record of it;
//! 3. the sessions get what the account has: log-ins in between took the old from it, and what is
//!    given is in no session before it is on record.
//!
//! A crash before the second was acknowledged to nobody, and lets nobody keep what was taken:
//! sessions then may do less than their account.

use std::future::Future;
use std::sync::Arc;

use symbolon_core::session::Patch;
use symbolon_core::{Generation, Role, Session, SessionId, SubjectId, Timestamp, TokenHash};

use super::{LiveSession, Sessions};
use crate::audit::{By, Kind, Record};
use crate::error::StoreError;
use crate::session_store::{PatchOutcome, Rotation, Touch};

impl Sessions {
    /// Adds a session.
    ///
    /// Its `created_at` must be a time from before the credentials were checked: one that was
    /// overtaken by [`Sessions::end_all`] is dead when it comes, as it may rest on a password
    /// that has been changed since.
    pub async fn create(
        self: &Arc<Self>,
        mut session: Session,
    ) -> Result<Arc<LiveSession>, StoreError> {
        self.catch_up().await?;
        session.created_at = self.revoked.begin(&session);
        let this = self.clone();
        to_the_end(async move {
            let fence = this.cache.fence(&session.token);
            this.store.create(&session).await?;
            this.catch_up().await?;
            let live = Arc::new(LiveSession::new(session, &this.common));
            if this.is_revoked(&live.session) {
                this.store.end(live.session.id).await?;
            } else {
                this.keep(&live, fence);
                this.make_room(&live.session.subject, live.session.created_at).await;
            }
            Ok(live)
        })
        .await
    }

    /// Merges a patch into the data and bumps the generation; the next request sees it.
    pub async fn patch(
        self: &Arc<Self>,
        id: SessionId,
        patch: &Patch,
        if_generation: Option<Generation>,
    ) -> Result<PatchOutcome, StoreError> {
        let this = self.clone();
        let patch = patch.clone();
        to_the_end(async move {
            let outcome = this.store.patch(id, &patch, if_generation).await?;
            this.catch_up().await?;
            if let PatchOutcome::Applied(session) = &outcome {
                this.forget(id, &session.token);
                if this.is_revoked(session) {
                    return Ok(PatchOutcome::NoSession);
                }
            }
            Ok(outcome)
        })
        .await
    }

    /// Gives a session a new token; the old one is dead everywhere when this returns. `None` when
    /// the session is over.
    pub async fn rotate(
        self: &Arc<Self>,
        rotation: &Rotation,
        now: Timestamp,
    ) -> Result<Option<Arc<LiveSession>>, StoreError> {
        let this = self.clone();
        let rotation = rotation.clone();
        to_the_end(async move {
            let fence = this.cache.fence(&rotation.token);
            let Some((old, mut session)) = this.store.rotate(&rotation).await? else {
                return Ok(None);
            };
            this.replaced(&old, now);
            this.catch_up().await?;
            if let Some(last_seen) = this.forget(rotation.id, &old) {
                session.last_seen = session.last_seen.max(last_seen);
            }
            let live = Arc::new(LiveSession::new(session, &this.common));
            if !this.lets_in(&live, now) {
                return Ok(None);
            }
            this.keep(&live, fence);
            this.seen(&live, now);
            Ok(Some(live))
        })
        .await
    }

    /// Gives an account and its sessions other roles; whether there is such an account.
    pub async fn set_roles(
        self: &Arc<Self>,
        subject: &SubjectId,
        roles: &[Role],
        by: &By,
    ) -> Result<bool, StoreError> {
        let this = self.clone();
        let (subject, roles) = (subject.clone(), roles.to_vec());
        let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
        let record = Record::new(Kind::RolesChanged, by).subject(&subject).with("roles", names);
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let Some(before) = this.core.find_account(&subject).await? else {
                return Ok(false);
            };
            let kept = both(&before.roles, &roles);
            if kept.len() < before.roles.len() {
                this.put_roles(&subject, &kept).await?;
            }
            let is_known = this.core.set_roles(&subject, &roles, &record).await?;
            if is_known {
                this.put_roles(&subject, &roles).await?;
            }
            Ok(is_known)
        })
        .await
    }

    /// Gives an account and its sessions other groups; whether there is such an account.
    pub async fn set_groups(
        self: &Arc<Self>,
        subject: &SubjectId,
        groups: &[String],
        by: &By,
    ) -> Result<bool, StoreError> {
        let this = self.clone();
        let (subject, groups) = (subject.clone(), groups.to_vec());
        let record =
            Record::new(Kind::GroupsChanged, by).subject(&subject).with("groups", groups.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let Some(before) = this.core.find_account(&subject).await? else {
                return Ok(false);
            };
            let kept = both(&before.groups, &groups);
            if kept.len() < before.groups.len() {
                this.put_groups(&subject, &kept).await?;
            }
            let is_known = this.core.set_groups(&subject, &groups, &record).await?;
            if is_known {
                this.put_groups(&subject, &groups).await?;
            }
            Ok(is_known)
        })
        .await
    }

    /// Gives the sessions of a subject these roles, as the next request sees.
    async fn put_roles(&self, subject: &SubjectId, roles: &[Role]) -> Result<(), StoreError> {
        for token in self.store.set_roles(subject, roles).await? {
            self.cache.invalidate(&token);
        }
        Ok(())
    }

    /// The same of groups.
    async fn put_groups(&self, subject: &SubjectId, groups: &[String]) -> Result<(), StoreError> {
        for token in self.store.set_groups(subject, groups).await? {
            self.cache.invalidate(&token);
        }
        Ok(())
    }

    /// Takes a session out of the cache; its last use, which the store is told of.
    fn forget(&self, id: SessionId, token: &TokenHash) -> Option<Timestamp> {
        let at = self.cache.invalidate(token)?.last_seen();
        self.touches.push(Touch { id, at });
        Some(at)
    }
}

/// Those that were there and stay.
fn both<T: Clone + PartialEq>(before: &[T], after: &[T]) -> Vec<T> {
    before.iter().filter(|one| after.contains(one)).cloned().collect()
}

/// Runs a change in a task of its own.
pub(super) async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::spawn(change).await {
        Ok(outcome) => outcome,
        Err(error) => Err(StoreError::Unavailable(Box::new(error))),
    }
}
