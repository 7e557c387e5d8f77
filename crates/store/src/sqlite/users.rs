//! Who has the files open, as the kernel knows: each process holds a shared lock on one more file
//! before it reads anything, and whoever is granted an exclusive one is the only one.
//!
//! These locks are those of `fcntl(2)`, not of `flock(2)`: they belong to the process, so nobody
//! inherits them or is handed them, and one that cannot be made exclusive stays a shared one. They
//! also fall when *any* descriptor of the file is closed, so each process opens it once.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use super::location::{Lock, OWNER_ONLY_FILE};

/// This process among those that have the files open.
#[derive(Debug)]
pub(super) struct Users {
    file: File,
}

/// No other process has the files open, nor will one begin to read them before this is dropped.
pub struct Alone(Arc<Lock>);

impl Users {
    /// Joins them. Waits while one of them is [`Alone`], which is a matter of a look-up.
    pub(super) fn join(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.mode(OWNER_ONLY_FILE).open(path)?;
        fcntl_lock(&file, FlockOperation::LockShared)?;
        Ok(Self { file })
    }
}

impl Alone {
    /// `None` where another process has the files open.
    pub(super) fn prove(lock: Arc<Lock>) -> io::Result<Option<Self>> {
        match fcntl_lock(&lock.users().file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self(lock))),
            Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // Nobody else has any, so nothing is in the way.
        let _ = fcntl_lock(&self.0.users().file, FlockOperation::NonBlockingLockShared);
    }
}
