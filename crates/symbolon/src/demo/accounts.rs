//! The demo's accounts. Those that are there already stay as they are.

use symbolon_auth::AccountError;
use symbolon_core::id::IdError;
use symbolon_store::StoreError;

use crate::config::Settings;
use crate::services::{OpenError, Services};

/// The password of both.
pub(super) const PASSWORD: &str = "open sesame, please";

/// Names and roles.
pub(super) const ACCOUNTS: [(&str, &str); 2] = [("alice", "customer"), ("root", "admin")];

/// Why there are no accounts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountsError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("cannot look for accounts")]
    Store(#[from] StoreError),
    #[error("cannot add an account")]
    Account(#[from] AccountError),
    #[error("cannot name an account")]
    Name(#[from] IdError),
}

/// Adds the accounts that are missing.
pub(super) async fn ensure(settings: &Settings) -> Result<(), AccountsError> {
    let services = Services::open(settings).await?;
    let done = add_missing(&services).await;
    services.store.close().await;
    done
}

async fn add_missing(services: &Services) -> Result<(), AccountsError> {
    for (name, role) in ACCOUNTS {
        let subject = name.parse()?;
        if services.core.find_account(&subject).await?.is_none() {
            let roles = vec![role.parse()?];
            services.auth.accounts().create(subject, PASSWORD, roles, Vec::new()).await?;
        }
    }
    Ok(())
}
