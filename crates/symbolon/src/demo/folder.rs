//! The folder with the demo's state: temporary and removed at the end, or kept.
//!
//! One demo at a time uses a folder: a second one would write its own ports into the configuration
//! that the first is following. Everybody knows the passwords of its accounts, so that it goes
//! nowhere where something else is.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use symbolon_core::{OsRandom, PlainToken, TokenKind, random};
use zeroize::Zeroizing;

/// The file with the API key of the client `robot`, as the configuration names it.
pub(super) const ROBOT_KEY_FILE: &str = "robot.key";

const CONFIGURATION_FILE: &str = "symbolon.yaml";

/// Locked while a demo uses the folder; where it lies, a demo has been before.
const LOCK_FILE: &str = "demo.lock";

/// Random bytes in the name of a temporary folder.
const NAME_BYTES: usize = 8;

/// The folder; a temporary one is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    is_kept: bool,
    _lock: File,
}

/// What cannot be done with the folder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// Another demo uses it.
    #[error("another demo is running on folder `{0}`")]
    InUse(PathBuf),
    /// It is not empty, and no demo's.
    #[error(
        "folder `{0}` has something in it that is not a demo's: name an empty one, or a new one"
    )]
    Taken(PathBuf),
    /// The file system refuses something.
    #[error("cannot {does} `{path}`")]
    Refused {
        /// What was tried.
        does: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl Folder {
    /// Opens `kept`, made if need be, or makes a temporary one. New folders are their owner's only.
    pub(super) fn open(kept: Option<&Path>) -> Result<Self, FolderError> {
        let path = match kept {
            Some(path) => path.to_owned(),
            None => temporary_path(),
        };
        let is_kept = kept.is_some();
        DirBuilder::new()
            .recursive(is_kept)
            .mode(0o700)
            .create(&path)
            .map_err(refused("make folder", &path))?;
        if is_taken(&path).map_err(refused("read", &path))? {
            return Err(FolderError::Taken(path));
        }
        let lock = lock(&path)?;
        Ok(Self { path, is_kept, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    pub(super) fn configuration_file(&self) -> PathBuf {
        self.path.join(CONFIGURATION_FILE)
    }

    /// Writes the configuration anew, over that of the start before; gives the file's path.
    pub(super) fn write_configuration(&self, text: &str) -> Result<PathBuf, FolderError> {
        let path = self.configuration_file();
        fs::write(&path, text).map_err(refused("write", &path))?;
        Ok(path)
    }

    /// The API key of `robot`, made on the first start.
    pub(super) fn robot_key(&self) -> Result<Zeroizing<String>, FolderError> {
        let path = self.path.join(ROBOT_KEY_FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Zeroizing::new(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = PlainToken::generate(TokenKind::ApiKey, &OsRandom);
                let key = Zeroizing::new(key.reveal().to_owned());
                write_secret(&path, &key).map_err(refused("write", &path))?;
                Ok(key)
            }
            Err(error) => Err(refused("read", &path)(error)),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "temporary folder stays behind");
        }
    }
}

fn temporary_path() -> PathBuf {
    let number = u64::from_be_bytes(random::bytes::<NAME_BYTES>(&OsRandom));
    std::env::temp_dir().join(format!("symbolon-demo-{number:016x}"))
}

fn is_taken(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_some() && !folder.join(LOCK_FILE).try_exists()?)
}

/// The lock is let go of when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, FolderError> {
    let path = folder.join(LOCK_FILE);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(refused("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(refused("lock", &path)(error)),
    }
}

fn refused(does: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Refused { does, path, source }
}

fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{secret}")
}
