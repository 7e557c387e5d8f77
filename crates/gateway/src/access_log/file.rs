//! The access log in a file, which may be renamed away at any time, so that it can be rotated.
//!
//! 1. Before each batch, and once a second, it is looked whether the path still leads to the open
//!    file; where it does not, whatever is there now is opened, or made. No signal is needed.
//! 2. It is appended to, so that copying and truncating works too.
//! 3. Where the path cannot be opened, lines go on into the old file, and the log says so once.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Who may read it besides its owner: the group. It has addresses and names of people.
const MODE: u32 = 0o640;

/// An open file.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    /// Whether the log has said that it cannot be opened again.
    has_failed: bool,
}

impl LogFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: open(path)?, has_failed: false })
    }

    pub(super) fn write(&mut self, lines: &str) -> io::Result<()> {
        self.look();
        self.file.write_all(lines.as_bytes())
    }

    /// Whether all of it is on the disk. What is no file, such as a pipe, keeps nothing.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.file.metadata()?.is_file() { self.file.sync_data() } else { Ok(()) }
    }

    /// Opens what is at the path now, if it is something else.
    pub(super) fn look(&mut self) {
        if self.is_in_place() {
            return;
        }
        match open(&self.path) {
            Ok(file) => (self.file, self.has_failed) = (file, false),
            Err(error) if !self.has_failed => {
                self.has_failed = true;
                let path = self.path.display();
                tracing::error!(%path, %error, "access log cannot be opened again, the old file goes on");
            }
            Err(_) => {}
        }
    }

    fn is_in_place(&self) -> bool {
        let which = |metadata: Metadata| (metadata.dev(), metadata.ino());
        let there = std::fs::metadata(&self.path).map(which);
        there.is_ok_and(|there| self.file.metadata().map(which).is_ok_and(|open| open == there))
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(MODE).open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn lines_follow_the_path_and_not_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let read = |name: &str| fs::read_to_string(at(name)).unwrap();
        let mut file = LogFile::open(&at("log")).unwrap();
        file.write("1\n").unwrap();
        fs::rename(at("log"), at("log.1")).unwrap();
        file.write("2\n").unwrap();
        assert_eq!((read("log.1"), read("log")), ("1\n".to_owned(), "2\n".to_owned()));
        // Another file in its place, as logrotate's `create` makes it.
        fs::rename(at("log"), at("log.2")).unwrap();
        fs::write(at("log"), "").unwrap();
        file.write("3\n").unwrap();
        assert_eq!((read("log.2"), read("log")), ("2\n".to_owned(), "3\n".to_owned()));
        // Copied and truncated.
        fs::write(at("log"), "").unwrap();
        file.write("4\n").unwrap();
        assert_eq!(read("log"), "4\n");
        assert_eq!(fs::metadata(at("log.1")).unwrap().mode() & 0o007, 0);
    }

    #[test]
    fn where_the_path_cannot_be_opened_the_old_file_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (inner, aside) = (folder.path().join("in"), folder.path().join("aside"));
        fs::create_dir(&inner).unwrap();
        let mut file = LogFile::open(&inner.join("log")).unwrap();
        fs::rename(&inner, &aside).unwrap();
        file.write("1\n").unwrap();
        assert_eq!(fs::read_to_string(aside.join("log")).unwrap(), "1\n");
        fs::create_dir(&inner).unwrap();
        file.write("2\n").unwrap();
        assert_eq!(fs::read_to_string(inner.join("log")).unwrap(), "2\n");
    }
}
