//! Beginning and changing a session: in the store first, then in the cache, then the answer.
//!
//! Every change runs in a task of its own. Whoever asked for it may hang up; it is finished all
//! the same, so that the cache never stays behind what the store has acknowledged.

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

    /// Gives an account other roles, and then its sessions; whether there is such an account.
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
            if !this.core.set_roles(&subject, &roles, &record).await? {
                return Ok(false);
            }
            for token in this.store.set_roles(&subject, &roles).await? {
                this.cache.invalidate(&token);
            }
            Ok(true)
        })
        .await
    }

    /// Gives an account other groups, and then its sessions; whether there is such an account.
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
            if !this.core.set_groups(&subject, &groups, &record).await? {
                return Ok(false);
            }
            for token in this.store.set_groups(&subject, &groups).await? {
                this.cache.invalidate(&token);
            }
            Ok(true)
        })
        .await
    }

    /// Takes a session out of the cache; its last use, which the store is told of.
    fn forget(&self, id: SessionId, token: &TokenHash) -> Option<Timestamp> {
        let at = self.cache.invalidate(token)?.last_seen();
        self.touches.push(Touch { id, at });
        Some(at)
    }
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
