//! The questions: does this password belong to that name, or to that hash?

use std::sync::Arc;

use symbolon_core::SubjectId;
use symbolon_core::password::{PasswordHash, PlainPassword};
use symbolon_core::secret::Secret;
use symbolon_core::throttle::Source;

use super::Passwords;
use super::attempts::{Attempt, AttemptKey, Throttled};
use super::hashing::HashingError;
use crate::core_store::Account;
use crate::error::StoreError;

/// Why a name and a password open nothing.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
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
pub struct Proved {
    /// The account.
    pub account: Account,
    /// The password.
    pub password: PlainPassword,
}

impl Passwords {
    /// Proves the password of an account: one attempt, one look-up, one hash.
    pub async fn prove(
        &self,
        typed_name: &str,
        typed_password: &str,
        source: Source,
    ) -> Result<Proved, CredentialsError> {
        let name = parse(typed_name);
        let attempt = self.attempts.admit(&AttemptKey::of(typed_name), source).await?;
        let account = match &name {
            Some(name) => self.core.find_account(name).await,
            None => Ok(None),
        };
        let (attempt, account) = decided(attempt, account)?;
        let hash = account.as_ref().map_or_else(
            || self.decoy.clone(),
            |account| PasswordHash::from_stored(&account.password_hash),
        );
        let verified = self.pool.verify(hash, plain(typed_password)).await;
        let (attempt, verified) = decided(attempt, verified)?;
        match account {
            Some(account) if verified.is_right && !account.disabled => {
                attempt.succeed();
                Ok(Proved { account, password: verified.password })
            }
            account => {
                Err(CredentialsError::Wrong { account: account.map(|account| account.subject) })
            }
        }
    }

    /// Proves the password of an account for whoever sends it with every request. One that was
    /// right within the last minute is neither hashed nor charged again.
    pub async fn prove_again(
        &self,
        typed_name: &str,
        typed_password: &str,
        source: Source,
    ) -> Result<Arc<Account>, CredentialsError> {
        let name = parse(typed_name);
        let account = match &name {
            Some(name) => self.accounts.find(name).await?,
            None => None,
        };
        if let Some(account) = account.filter(|account| !account.disabled) {
            let stored = PasswordHash::from_stored(&account.password_hash);
            let whose = account.subject.as_str();
            if self.knows(Owner::Account(whose), &stored, typed_password) {
                return Ok(account);
            }
        }
        let Proved { account, .. } = self.prove(typed_name, typed_password, source).await?;
        let stored = PasswordHash::from_stored(&account.password_hash);
        self.remember(Owner::Account(account.subject.as_str()), &stored, typed_password);
        Ok(Arc::new(account))
    }

    /// Proves the password of something that is no account, such as a client's credential:
    /// `key` names whose budget it is.
    pub async fn prove_hash(
        &self,
        key: &AttemptKey,
        stored: &PasswordHash,
        typed_password: &str,
        source: Source,
    ) -> Result<(), CredentialsError> {
        let attempt = self.attempts.admit(key, source).await?;
        let verified = self.pool.verify(stored.clone(), plain(typed_password)).await;
        let (attempt, verified) = decided(attempt, verified)?;
        if !verified.is_right {
            return Err(CredentialsError::Wrong { account: None });
        }
        attempt.succeed();
        Ok(())
    }

    /// As [`Self::prove_hash`], and as [`Self::prove_again`]. Whether the credential may still be
    /// used is for the caller to look up, before or after.
    pub async fn prove_hash_again(
        &self,
        key: &AttemptKey,
        stored: &PasswordHash,
        typed_password: &str,
        source: Source,
    ) -> Result<(), CredentialsError> {
        let mark = self.attempts.mark(key);
        if self.knows(Owner::Key(mark.as_bytes()), stored, typed_password) {
            return Ok(());
        }
        self.prove_hash(key, stored, typed_password, source).await?;
        self.remember(Owner::Key(mark.as_bytes()), stored, typed_password);
        Ok(())
    }

    /// As [`Self::prove_hash_again`], of a password that is kept in clear. It takes the same work,
    /// so that such credentials are not told from others, or from none.
    pub async fn prove_secret(
        &self,
        key: &AttemptKey,
        secret: &Secret,
        typed_password: &str,
        source: Source,
    ) -> Result<(), CredentialsError> {
        let mark = self.attempts.mark(key);
        let owner = [mark.as_bytes(), secret.reveal()].concat();
        if self.knows(Owner::Key(&owner), &self.decoy, typed_password) {
            return Ok(());
        }
        let attempt = self.attempts.admit(key, source).await?;
        let verified = self.pool.verify(self.decoy.clone(), plain(typed_password)).await;
        let (attempt, _) = decided(attempt, verified)?;
        if !secret.is(typed_password.as_bytes()) {
            return Err(CredentialsError::Wrong { account: None });
        }
        attempt.succeed();
        self.remember(Owner::Key(&owner), &self.decoy, typed_password);
        Ok(())
    }

    /// As [`Self::prove_secret`], to explain a request that nobody sent. A wrong password is a guess
    /// like any other: else whoever may ask for explanations could try out passwords by them. It
    /// is charged to the credential and to one source for all explanations, since a question says
    /// as it likes from where it comes. A right one costs nothing, and is not known again.
    pub async fn prove_secret_unsent(
        &self,
        key: &AttemptKey,
        secret: &Secret,
        typed_password: &str,
    ) -> Result<(), CredentialsError> {
        let attempt = self.attempts.admit(key, Source::Unknown).await?;
        if !secret.is(typed_password.as_bytes()) {
            return Err(CredentialsError::Wrong { account: None });
        }
        attempt.succeed();
        Ok(())
    }

    /// What a name that is nobody's costs, and gets: always [`CredentialsError::Wrong`] or worse.
    pub async fn refuse(
        &self,
        typed_name: &str,
        typed_password: &str,
        source: Source,
    ) -> CredentialsError {
        let attempt = match self.attempts.admit(&AttemptKey::of(typed_name), source).await {
            Ok(attempt) => attempt,
            Err(throttled) => return throttled.into(),
        };
        let verified = self.pool.verify(self.decoy.clone(), plain(typed_password)).await;
        match decided(attempt, verified) {
            Ok(_) => CredentialsError::Wrong { account: None },
            Err(error) => error.into(),
        }
    }

    /// Hashes a password for storing.
    pub async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, HashingError> {
        self.pool.hash(password).await
    }

    /// Whether this password was right a short while ago.
    fn knows(&self, owner: Owner<'_>, stored: &PasswordHash, typed: &str) -> bool {
        let print = self.fingerprints.of(&owner.bytes(), stored, &plain(typed));
        let is_known = self.remembered.has(&print, self.clock.now());
        if is_known {
            self.metrics.count_known_again();
        }
        is_known
    }

    fn remember(&self, owner: Owner<'_>, stored: &PasswordHash, typed: &str) {
        let print = self.fingerprints.of(&owner.bytes(), stored, &plain(typed));
        self.remembered.keep(print, self.clock.now());
    }
}

/// Whose password it is; an account and a credential are never taken for one another.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Account(&'a str),
    Key(&'a [u8]),
}

impl Owner<'_> {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Account(name) => [b"account:", name.as_bytes()].concat(),
            Self::Key(mark) => [b"key:", mark].concat(),
        }
    }
}

/// An attempt goes on with what was found out for it. Where nothing could be, because the pool is
/// full or the store is away, it is not held against whoever tried.
fn decided<T, E>(attempt: Attempt<'_>, found_out: Result<T, E>) -> Result<(Attempt<'_>, T), E> {
    match found_out {
        Ok(found_out) => Ok((attempt, found_out)),
        Err(error) => {
            attempt.undecided();
            Err(error)
        }
    }
}

fn parse(typed_name: &str) -> Option<SubjectId> {
    typed_name.trim().parse().ok()
}

/// An over-long password is nobody's; comparing it costs what any other costs.
fn plain(typed: &str) -> PlainPassword {
    PlainPassword::new(typed).unwrap_or_else(|_| PlainPassword::impossible())
}
