//! Whether a name and a password belong together.
//!
//! 1. The attempt is paced before anything else ([`crate::attempts`]).
//! 2. An unknown name, a wrong password and a disabled account cost the same work, get the same
//!    answer and take the same time (ASVS 6.3.8): one look-up, one hash.
//! 3. The typed name is never logged unless it is an account's: people type their password into
//!    the wrong field.

use symbolon_core::SubjectId;
use symbolon_core::password::{PasswordHash, PlainPassword};
use symbolon_core::throttle::Source;
use symbolon_store::{Account, StoreError};

use crate::attempts::Throttled;
use crate::hashing::HashingError;
use crate::service::Service;

/// Why a name and a password open nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialsError {
    /// Unknown name, wrong password or disabled account; which one is not told.
    #[error("wrong name or password")]
    Wrong {
        /// The account, where there is one: for the log only.
        account: Option<SubjectId>,
    },
    /// Too many attempts.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// No hash was computed.
    #[error("password cannot be compared")]
    Hashing(#[from] HashingError),
    /// The account cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account whose password was proved just now, with the password for re-hashing.
pub(crate) struct Proved {
    pub(crate) account: Account,
    pub(crate) password: PlainPassword,
}

/// Proves a password.
pub(crate) async fn prove(
    service: &Service,
    typed_name: &str,
    typed_password: &str,
    source: Source,
) -> Result<Proved, CredentialsError> {
    let name: Option<SubjectId> = typed_name.trim().parse().ok();
    let attempt = service.attempts.admit(name.clone(), source).await?;
    let account = match &name {
        Some(name) => service.core.find_account(name).await?,
        None => None,
    };
    let hash = account.as_ref().map_or_else(
        || service.decoy.clone(),
        |account| PasswordHash::from_stored(&account.password_hash),
    );
    // An over-long password is nobody's; comparing it costs what any other costs.
    let password =
        PlainPassword::new(typed_password).unwrap_or_else(|_| PlainPassword::impossible());
    let verified = service.hashing.verify(hash, password).await?;
    match account {
        Some(account) if verified.is_right && !account.disabled => {
            attempt.succeed();
            Ok(Proved { account, password: verified.password })
        }
        account => Err(CredentialsError::Wrong { account: account.map(|account| account.subject) }),
    }
}
