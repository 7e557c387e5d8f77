//! Where the files are, who may read them, and that one process only has them open.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt as _, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::users::Users;
use crate::error::StoreError;

const SCHEME: &str = "sqlite:";
pub(super) const OWNER_ONLY_FILE: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;

/// The files of one store.
#[derive(Debug)]
pub(super) struct Location {
    /// Core data, at the configured path.
    pub(super) core: PathBuf,
    /// Sessions, beside it.
    pub(super) sessions: PathBuf,
    lock: PathBuf,
    users: PathBuf,
}

/// Held as long as the files are open; the operating system lets go of it with the process.
///
/// It belongs to the open file, so a process that is given the descriptor holds it as well.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    users: Users,
}

/// What was handed over belongs to another store.
#[derive(Debug, thiserror::Error)]
#[error("the store that was handed over is not `{}`", .0.display())]
struct AnotherStore(PathBuf);

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
            sessions: sessions_beside(path),
            lock: PathBuf::from(format!("{path}.lock")),
            users: PathBuf::from(format!("{path}.users")),
        })
    }

    /// Makes what is missing, readable for its owner only, and locks it for this process.
    pub(super) fn claim(&self) -> Result<Lock, StoreError> {
        let file = self.prepare().map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        self.lock(file)
    }

    /// Shares the lock that another process holds and has handed over.
    pub(super) fn share(&self, held: OwnedFd) -> Result<Lock, StoreError> {
        let held = File::from(held);
        let same = self.prepare().and_then(|own| is_same(&own, &held));
        if !same.map_err(|error| StoreError::Unavailable(Box::new(error)))? {
            let another = AnotherStore(self.core.clone());
            return Err(StoreError::Unavailable(Box::new(another)));
        }
        // Held already, unless it is another open file than the one that the lock is of.
        self.lock(held)
    }

    fn lock(&self, file: File) -> Result<Lock, StoreError> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: self.core.display().to_string() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::Unavailable(Box::new(error)));
            }
        }
        let users = Users::join(&self.users);
        let users = users.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Lock { file, users })
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

impl Lock {
    /// This process among those that hold it.
    pub(super) fn users(&self) -> &Users {
        &self.users
    }

    /// Another descriptor of it, to be handed to another process.
    pub(super) fn share(&self) -> io::Result<OwnedFd> {
        self.file.try_clone().map(OwnedFd::from)
    }
}

fn is_same(one: &File, other: &File) -> io::Result<bool> {
    let (one, other) = (one.metadata()?, other.metadata()?);
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

/// `a.sessions.db` beside `a.db`, and `a.sessions` beside any other `a`: no two have the same, since
/// each has a lock of its own.
fn sessions_beside(core: &str) -> PathBuf {
    match core.strip_suffix(".db") {
        Some(name) => PathBuf::from(format!("{name}.sessions.db")),
        None => PathBuf::from(format!("{core}.sessions")),
    }
}

/// Opens a file and makes it where there is none; what is there stays as it is.
fn touch(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(OWNER_ONLY_FILE).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_stores_share_a_file() {
        let mut files: Vec<PathBuf> = Vec::new();
        for name in ["a", "a.db", "a.sqlite", "a.sessions", "b.db.db", "b.db"] {
            let at = Location::parse(&format!("sqlite:data/{name}")).unwrap();
            files.extend([at.sessions, at.lock, at.users]);
        }
        let count = files.len();
        files.sort();
        files.dedup();
        assert_eq!(files.len(), count, "{files:?}");
        let usual = Location::parse("sqlite:data/symbolon.db").unwrap();
        assert_eq!(usual.sessions, Path::new("data/symbolon.sessions.db"));
    }
}
