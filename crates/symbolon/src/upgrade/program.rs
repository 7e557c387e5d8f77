//! Which program takes over: the one that lies now where this one was started from.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program with the arguments of this process.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// How this process was started. To be asked before anything is replaced: the system's own
    /// word (`/proc/self/exe`) follows the old file, and through symbolic links.
    pub(crate) fn of_this_process() -> Option<Self> {
        let mut words = env::args_os();
        let name = words.next().unwrap_or_default();
        let here = env::current_dir().ok();
        let path = started_from(&name, here.as_deref(), env::var_os("PATH").as_deref());
        let path = path.or_else(|| env::current_exe().ok())?;
        Some(Self { path, arguments: words.collect() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        command
    }
}

/// What a shell makes of a command's first word (POSIX 2.9.1.1).
fn started_from(name: &OsStr, here: Option<&Path>, path: Option<&OsStr>) -> Option<PathBuf> {
    let is_path = name.as_encoded_bytes().contains(&b'/');
    if is_path {
        return here.map(|here| here.join(name));
    }
    let mut folders = env::split_paths(path.filter(|_| !name.is_empty())?);
    folders.find_map(|folder| {
        let candidate = here?.join(folder).join(name);
        is_executable(&candidate).then_some(candidate)
    })
}

fn is_executable(path: &Path) -> bool {
    let metadata = path.metadata();
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    #[test]
    fn a_path_is_followed_from_where_the_process_was_started() {
        let here = Some(Path::new("/srv"));
        let from = |name: &str| started_from(OsStr::new(name), here, None);
        assert_eq!(from("bin/symbolon"), Some("/srv/bin/symbolon".into()));
        assert_eq!(from("/opt/symbolon"), Some("/opt/symbolon".into()));
        assert_eq!(from("symbolon"), None);
    }

    #[test]
    fn a_name_is_looked_for_where_the_shell_does() {
        let folder = tempfile::tempdir().unwrap();
        let [empty, first, second] = ["empty", "first", "second"].map(|name| {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        });
        for (folder, mode) in [(&first, 0o644), (&second, 0o755)] {
            fs::write(folder.join("symbolon"), "").unwrap();
            fs::set_permissions(folder.join("symbolon"), Permissions::from_mode(mode)).unwrap();
        }
        let path = env::join_paths([&empty, &first, &second]).unwrap();
        let from = |name: &str| started_from(OsStr::new(name), Some(folder.path()), Some(&path));
        assert_eq!(from("symbolon"), Some(second.join("symbolon")));
        assert_eq!(from("other"), None);
        assert_eq!(from(""), None);
    }
}
