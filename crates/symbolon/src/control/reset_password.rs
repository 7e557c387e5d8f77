//! An operator gives an account another password: for whoever forgot theirs, or lost it to
//! somebody else. All sessions end, because nobody knows who opened them.

use symbolon_core::SubjectId;
use symbolon_core::audit::{By, Kind, Record};
use symbolon_core::password::{HashError, PasswordHash, Refusal, Rules};
use symbolon_store::StoreError;
use tokio::task::{JoinError, spawn_blocking};

use super::Password;
use crate::services::Services;

/// Why the password is still the old one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResetError {
    #[error("there is no account `{0}`")]
    NoAccount(SubjectId),
    #[error("password is not accepted: {0}")]
    Refused(Refusal),
    #[error("password cannot be hashed")]
    Hash(#[from] HashError),
    #[error("password cannot be hashed")]
    Interrupted(#[from] JoinError),
    #[error("the password was changed by somebody else at the same time")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces the password; how many sessions ended.
pub(super) async fn reset_password(
    services: &Services,
    subject: &SubjectId,
    password: &Password,
    by: &By,
) -> Result<u64, ResetError> {
    let account = services.core.find_account(subject).await?;
    let account = account.ok_or_else(|| ResetError::NoAccount(subject.clone()))?;
    let rules = Rules { context: &[subject.as_str(), &services.service_name] };
    let new = rules.judge(password.reveal()).map_err(ResetError::Refused)?;
    let random = services.random.clone();
    let hash = spawn_blocking(move || PasswordHash::of(&new.into_plain(), &*random)).await??;
    let record = Record::new(Kind::PasswordReset, by).subject(subject);
    let hashes = (account.password_hash.as_str(), hash.as_str());
    // From here on nobody is in, whatever becomes of this process.
    if !services.sessions.reset_password(subject, hashes, &services.clock, &record).await? {
        return Err(ResetError::Changed);
    }
    let by = By { at: services.clock.now(), ..by.clone() }.because("password_reset");
    Ok(services.sessions.end_all_by(subject, &by).await?)
}
