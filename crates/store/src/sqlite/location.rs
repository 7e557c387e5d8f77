//! Where the files are, who may read them, and that one process only has them open.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

const SCHEME: &str = "sqlite:";
const OWNER_ONLY_FILE: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;

/// The files of one store.
#[derive(Debug)]
pub(super) struct Location {
    /// Core data, at the configured path.
    pub(super) core: PathBuf,
    /// Sessions, beside it.
    pub(super) sessions: PathBuf,
    lock: PathBuf,
}

/// Held as long as the files are open; the operating system lets go of it with the process.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Location {
    /// Reads `sqlite:PATH`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let path = url
            .strip_prefix(SCHEME)
            .map(|path| path.strip_prefix("//").unwrap_or(path))
            .filter(|path| !path.is_empty() && !path.ends_with('/'))
            .ok_or_else(|| {
                StoreError::Unavailable(format!("`{url}` is not `{SCHEME}PATH`").into())
            })?;
        Ok(Self {
            core: PathBuf::from(path),
            sessions: Path::new(path).with_extension("sessions.db"),
            lock: PathBuf::from(format!("{path}.lock")),
        })
    }

    /// Makes what is missing, readable for its owner only, and locks it for this process.
    pub(super) fn claim(&self) -> Result<Lock, StoreError> {
        let file = self.prepare().map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::InUse { path: self.core.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(StoreError::Unavailable(Box::new(error))),
        }
    }

    fn prepare(&self) -> io::Result<File> {
        if let Some(folder) = self.core.parent() {
            DirBuilder::new().recursive(true).mode(OWNER_ONLY_FOLDER).create(folder)?;
        }
        // SQLite gives its `-wal` and `-shm` files the mode of the file they belong to.
        touch(&self.core)?;
        touch(&self.sessions)?;
        touch(&self.lock)
    }
}

/// Opens a file and makes it where there is none; what is there stays as it is.
fn touch(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(OWNER_ONLY_FILE).open(path)
}
