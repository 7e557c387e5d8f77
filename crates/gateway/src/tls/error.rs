//! What is wrong with the files that TLS is made of.

use std::io;
use std::path::{Path, PathBuf};

/// Why something cannot be used. Always says which file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("`{}` cannot be read: {reason}", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The file is no PEM, or holds something that cannot be used.
    #[error("`{}` holds no usable {what}: {reason}", .file.display())]
    Unusable {
        /// Which.
        file: PathBuf,
        /// What should be in it: `certificate`, `private key`, `revocation list`.
        what: &'static str,
        /// Why it is not.
        reason: String,
    },
    /// The key belongs to another certificate.
    #[error("the key in `{}` is not that of the certificate in `{}`", .key_file.display(), .cert_file.display())]
    KeyDoesNotFit {
        /// Where the certificate is.
        cert_file: PathBuf,
        /// Where the key is.
        key_file: PathBuf,
    },
    /// The system has no certificates of authorities.
    #[error("the system has no certificates of authorities: {0}")]
    NoSystemAuthorities(String),
    /// The provider refuses.
    #[error("TLS cannot be set up: {0}")]
    Refused(String),
}

impl TlsError {
    /// The file that it is about.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Unreadable { file, .. } | Self::Unusable { file, .. } => Some(file),
            Self::KeyDoesNotFit { key_file, .. } => Some(key_file),
            Self::NoSystemAuthorities(_) | Self::Refused(_) => None,
        }
    }
}
