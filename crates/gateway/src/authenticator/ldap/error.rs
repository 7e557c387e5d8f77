//! Why a directory did not say whether a password is right.

use std::io;

use ldap3::LdapError;

/// None of these is a wrong password.
#[derive(Debug, thiserror::Error)]
pub(super) enum DirectoryError {
    #[error("cannot connect to the directory")]
    Connect(#[source] io::Error),
    #[error("the connection to the directory took too long")]
    ConnectTimeout,
    #[error("no certificate could be for the directory's host")]
    Name,
    #[error("the connection to the directory cannot be made secure")]
    Secure(#[source] LdapError),
    #[error("the connection to the directory was lost")]
    Lost(#[source] LdapError),
    #[error("the directory took too long")]
    Timeout,
    #[error("the directory has as much to do as is allowed")]
    Crowded,
    /// The text is for people and may be anything.
    #[error("the directory refused: {operation}, result code {code}: {text:?}")]
    Refused { operation: &'static str, code: u32, text: String },
    #[error("the directory does not know the service account")]
    ServiceAccount,
    #[error("the directory did not let somebody read their own entry")]
    OwnEntry,
    #[error("somebody is in too many groups")]
    TooManyGroups,
}

impl DirectoryError {
    /// Whether a connection that was used before may be to blame.
    pub(super) fn is_worth_another(&self) -> bool {
        matches!(self, Self::Lost(_))
    }
}
