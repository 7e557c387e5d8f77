//! Reads PEM files (RFC 7468) with a bound on their size.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::TlsError;

/// The largest file that is read, in bytes: a bundle of all public authorities has about 250 KiB,
/// revocation lists may be longer.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// What a file should hold, for messages.
pub(super) const CERTIFICATE: &str = "certificate";
/// What a file should hold, for messages.
pub(super) const PRIVATE_KEY: &str = "private key";
/// What a file should hold, for messages.
pub(super) const REVOCATION_LIST: &str = "revocation list";

/// A file as it was when it was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    path: PathBuf,
    state: FileState,
}

/// What tells one state of a file from another: inode, size, time of the last change.
pub type FileState = Option<(u64, u64, i64, i64)>;

impl ReadFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it was.
    pub fn state(&self) -> FileState {
        self.state
    }

    /// How a file is now; nothing where it cannot be reached.
    pub fn state_of(path: &Path) -> FileState {
        std::fs::metadata(path).ok().map(|metadata| state(&metadata))
    }
}

/// What was read of a file, and the file.
pub(super) type Read<T> = Result<(T, ReadFile), TlsError>;

/// The certificates of a file in their order; at least one.
pub(super) fn certificates(file: &Path) -> Read<Vec<CertificateDer<'static>>> {
    several(file, CERTIFICATE)
}

/// The revocation lists of a file; at least one.
pub(super) fn revocation_lists(file: &Path) -> Read<Vec<CertificateRevocationListDer<'static>>> {
    several(file, REVOCATION_LIST)
}

/// The first private key of a file: PKCS#8, PKCS#1 or SEC1, not encrypted.
pub(super) fn private_key(file: &Path) -> Read<PrivateKeyDer<'static>> {
    let (bytes, read) = read(file)?;
    let bytes = zeroize::Zeroizing::new(bytes);
    let key = PrivateKeyDer::from_pem_slice(&bytes);
    Ok((key.map_err(|error| unusable(file, PRIVATE_KEY, &error))?, read))
}

/// That a file does not hold what it should.
pub(super) fn unusable(
    file: &Path,
    what: &'static str,
    reason: &impl std::fmt::Display,
) -> TlsError {
    TlsError::Unusable { file: file.to_owned(), what, reason: reason.to_string() }
}

fn several<T: PemObject>(file: &Path, what: &'static str) -> Read<Vec<T>> {
    let (bytes, read) = read(file)?;
    let items: Result<Vec<T>, _> = T::pem_slice_iter(&bytes).collect();
    let items = items.map_err(|error| unusable(file, what, &error))?;
    if items.is_empty() {
        return Err(unusable(file, what, &"there is none in it"));
    }
    Ok((items, read))
}

fn read(file: &Path) -> Read<Vec<u8>> {
    let unreadable = |reason| TlsError::Unreadable { file: file.to_owned(), reason };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    let state = state(&opened.metadata().map_err(unreadable)?);
    let read = opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_FILE_BYTES) {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    Ok((bytes, ReadFile { path: file.to_owned(), state: Some(state) }))
}

fn state(metadata: &Metadata) -> (u64, u64, i64, i64) {
    (metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec())
}
