//! Where the master key comes from: a file that only its owner can read, or text that was given.
//!
//! 1. A key file is made on the first start, on disk before anything is sealed with the key, and
//!    never again: where something is sealed and the file is missing, a new key would only hide it.
//! 2. A file that exists is never written to, whatever is in it.
//! 3. A file that others can read is refused: a secret that may have leaked is none.

#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use symbolon_core::Random;
use symbolon_core::seal::MasterKey;
use zeroize::Zeroizing;

/// Why there is no master key; without one nothing starts.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read.
    #[error("master key file `{path}` cannot be read")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is no file, and a store that was sealed with what it held.
    #[error("master key file `{path}` is missing, and the store is sealed with that key")]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// The file, or the directory it belongs in, cannot be made.
    #[error("master key file `{path}` cannot be made")]
    Create {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others than the owner may read or change the file.
    #[error("master key file `{path}` is open to others than its owner (mode {mode:04o})")]
    OpenToOthers {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold a key.
    #[error("master key file `{path}` does not hold 64 hexadecimal digits")]
    MalformedFile {
        /// Which file.
        path: PathBuf,
    },
    /// The given text is not a key. It is not repeated: it may be a secret all the same.
    #[error("the given master key is not 64 hexadecimal digits")]
    MalformedText,
}

/// The longest file that is read, in bytes: 64 digits and room for white space.
const MAX_FILE_BYTES: usize = 256;

/// The key given as text.
pub fn from_text(text: &str) -> Result<MasterKey, MasterKeyError> {
    MasterKey::from_hex(text).ok_or(MasterKeyError::MalformedText)
}

/// The key in the file of a store that something is sealed in.
pub fn load(path: &Path) -> Result<MasterKey, MasterKeyError> {
    match File::open(path) {
        Ok(file) => read(file, path),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            Err(MasterKeyError::Missing { path: path.to_owned() })
        }
        Err(source) => Err(MasterKeyError::read(path, source)),
    }
}

/// The key in the file; a new one, and the file and its directory with it, if there is no file.
pub fn load_or_create(path: &Path, random: &dyn Random) -> Result<MasterKey, MasterKeyError> {
    match File::open(path) {
        Ok(file) => read(file, path),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            let key = MasterKey::generate(random);
            create(path, &key)
                .map_err(|source| MasterKeyError::Create { path: path.to_owned(), source })?;
            Ok(key)
        }
        Err(source) => Err(MasterKeyError::read(path, source)),
    }
}

impl MasterKeyError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::OpenToOthers { path, .. } => Some(format!(
                "run `chmod 600 {}`; if others may have read it, make a new key",
                path.display()
            )),
            Self::MalformedFile { path } => Some(format!(
                "restore `{0}` from a backup; only if nothing was stored yet, remove it and start \
                 again",
                path.display()
            )),
            Self::Missing { path } => Some(format!(
                "restore `{}` from a backup, or name the right file in `store.key_file`",
                path.display()
            )),
            Self::MalformedText => Some("`openssl rand -hex 32` makes a key".to_owned()),
            Self::Read { .. } | Self::Create { .. } => None,
        }
    }

    fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }
}

/// Judges the file that is open, not its name, which could mean another file a moment later.
fn read(file: File, path: &Path) -> Result<MasterKey, MasterKeyError> {
    let metadata = file.metadata().map_err(|source| MasterKeyError::read(path, source))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(MasterKeyError::OpenToOthers { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES));
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    match file.take(limit).read_to_string(&mut text) {
        Ok(_) => MasterKey::from_hex(&text),
        Err(source) if source.kind() == io::ErrorKind::InvalidData => None,
        Err(source) => return Err(MasterKeyError::read(path, source)),
    }
    .ok_or_else(|| MasterKeyError::MalformedFile { path: path.to_owned() })
}

/// Refuses when the file has come into being meanwhile: whoever made it is using it.
fn create(path: &Path, key: &MasterKey) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file
        .write_all(key.to_hex().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        // The name is on disk only when the directory is.
        .and_then(|()| File::open(parent)?.sync_all());
    if written.is_err() {
        // Ours, made just now, and nothing is sealed with it: a half-written file would only
        // stand in the way of the next start.
        let _ = fs::remove_file(path);
    }
    written
}
