//! Notices that the configuration file, or a policy, may have changed, and when whoever changes it
//! is done.
//!
//! The folder is watched, not the file: editors and orchestrators replace files by renaming, and
//! a watch on the file itself would then follow the old one. A file that is written where it stands is
//! read once its writer has closed it: the half of a file can be more open than the whole.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher, WatcherKind};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// How long nothing more must happen before what is there is read.
const SETTLE: Duration = Duration::from_millis(100);

/// How long a file may be held open by whoever writes it; beyond that it is taken as it is.
const WRITER_PATIENCE: Duration = Duration::from_secs(30);

/// Signs that the file may have changed; several in short order are one.
pub(super) struct Changes {
    signs: mpsc::Receiver<()>,
    activity: Arc<Mutex<Activity>>,
    /// Device and inode of the folder, where that is what is watched.
    folder: Option<(u64, u64)>,
    /// Ends the watch when dropped; `None` where the folder cannot be watched.
    _watcher: Option<RecommendedWatcher>,
}

/// What somebody is doing to the files right now.
#[derive(Debug, Default)]
struct Activity {
    last: Option<Instant>,
    /// The files that were written to and not yet closed.
    written: HashSet<PathBuf>,
}

/// Starts to watch. Where that fails, SIGHUP still works, and the log says so.
pub(super) fn changes(file: &Path) -> Changes {
    let name = file.file_name().map(OsStr::to_owned).unwrap_or_default();
    let concerns = move |event: &Event| may_concern(event, &name);
    start(&[(parent(file), RecursiveMode::NonRecursive)], concerns, "configuration")
}

/// Starts to watch a folder and what is in it, and whether another takes its place; without one there
/// are no changes.
pub(super) fn folder(folder: Option<&Path>) -> Changes {
    let Some(folder) = folder else {
        let (_, signs) = mpsc::channel(1);
        return Changes { signs, activity: Arc::default(), folder: None, _watcher: None };
    };
    let root = folder.to_owned();
    let concerns = move |event: &Event| {
        event
            .paths
            .iter()
            .any(|path| path.starts_with(&root) || path.file_name() == root.file_name())
    };
    let mut watched = vec![(parent(folder), RecursiveMode::NonRecursive)];
    let found = inode(folder);
    if found.is_some() {
        watched.push((folder, RecursiveMode::Recursive));
    }
    Changes { folder: found, ..start(&watched, concerns, "policies") }
}

/// The folder that something is in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn start(
    folders: &[(&Path, RecursiveMode)],
    concerns: impl Fn(&Event) -> bool + Send + 'static,
    what: &'static str,
) -> Changes {
    // One sign that waits says as much as many.
    let (sender, signs) = mpsc::channel(1);
    let activity = Arc::new(Mutex::new(Activity::default()));
    let noted = Arc::clone(&activity);
    let on_event = move |event: notify::Result<Event>| {
        if let Ok(event) = event
            && concerns(&event)
            && noted.lock().note(&event)
        {
            let _ = sender.try_send(());
        }
    };
    let watcher = notify::recommended_watcher(on_event).and_then(|mut watcher| {
        folders.iter().try_for_each(|(folder, mode)| watcher.watch(folder, *mode))?;
        Ok(watcher)
    });
    if let Err(error) = &watcher {
        tracing::warn!(%error, what, "not watched for changes: use SIGHUP");
    }
    Changes { signs, activity, folder: None, _watcher: watcher.ok() }
}

impl Changes {
    /// Waits for the next sign of a change.
    pub(super) async fn next(&mut self) {
        if self.signs.recv().await.is_none() {
            // Nobody watches.
            std::future::pending::<()>().await;
        }
    }

    /// Waits until nothing happens any more, and nobody is in the middle of writing. Signs until then
    /// are used up.
    pub(super) async fn settled(&mut self) {
        let give_up = Instant::now() + WRITER_PATIENCE;
        loop {
            while self.signs.try_recv().is_ok() {}
            let left = self.activity.lock().left(Instant::now());
            if left.is_zero() {
                return;
            }
            if Instant::now() >= give_up {
                tracing::warn!("files are still being written, and taken as they are");
                return self.activity.lock().written.clear();
            }
            sleep(left).await;
        }
    }

    /// Whether what it watches is still the folder that is found under this path.
    pub(super) fn is_of(&self, folder: Option<&Path>) -> bool {
        self.folder == folder.and_then(inode)
    }
}

impl Activity {
    /// Takes an event in; whether it is a sign of a change.
    fn note(&mut self, event: &Event) -> bool {
        let is_sign = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                self.forget(&event.paths);
                false
            }
            EventKind::Access(_) => return false,
            // Elsewhere nobody tells that a file was closed.
            EventKind::Modify(ModifyKind::Data(_))
                if RecommendedWatcher::kind() == WatcherKind::Inotify =>
            {
                self.written.extend(event.paths.iter().cloned());
                true
            }
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                self.forget(&event.paths);
                true
            }
            _ => true,
        };
        self.last = Some(Instant::now());
        is_sign
    }

    fn forget(&mut self, paths: &[PathBuf]) {
        self.written.retain(|written| !paths.contains(written));
    }

    /// How long it has to be waited for at least.
    fn left(&self, now: Instant) -> Duration {
        if !self.written.is_empty() {
            return SETTLE;
        }
        self.last.map_or(Duration::ZERO, |last| (last + SETTLE).saturating_duration_since(now))
    }
}

/// Device and inode; none where there is no such folder.
fn inode(folder: &Path) -> Option<(u64, u64)> {
    fs::metadata(folder).ok().map(|folder| (folder.dev(), folder.ino()))
}

/// Whether an event may be a change of the file, or the end of one. Renames of other names count,
/// because the file may be reached through them (a symbolic link that is swapped); writes to other
/// files, such as a database in the same folder, do not.
fn may_concern(event: &Event, name: &OsStr) -> bool {
    let is_file = event.paths.iter().any(|path| path.file_name() == Some(name));
    match event.kind {
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Create(_) => true,
        _ => is_file,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, RenameMode};

    use super::*;

    #[test]
    fn writes_to_other_files_are_not_our_concern() {
        let concern = |kind, path: &str| {
            let event = Event::new(kind).add_path(path.into());
            may_concern(&event, OsStr::new("symbolon.yaml"))
        };
        let write = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let rename = EventKind::Modify(ModifyKind::Name(RenameMode::To));
        assert!(concern(write, "/etc/symbolon.yaml"));
        assert!(!concern(write, "/etc/symbolon.db-wal"));
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert!(concern(closed, "/etc/symbolon.yaml") && !concern(closed, "/etc/symbolon.db-wal"));
        assert!(concern(rename, "/etc/..data"));
        assert!(concern(EventKind::Create(CreateKind::Any), "/etc/symbolon.yaml"));
    }

    #[test]
    fn what_is_being_written_is_not_over_until_it_is_closed() {
        let mut activity = Activity::default();
        let is_over = |activity: &Activity, now| activity.left(now).is_zero();
        let later = || Instant::now() + SETTLE;
        assert!(is_over(&activity, Instant::now()));
        let event = |kind| Event::new(kind).add_path("/etc/symbolon.yaml".into());
        let read = event(EventKind::Access(AccessKind::Close(AccessMode::Read)));
        assert!(!activity.note(&read) && is_over(&activity, Instant::now()));
        assert!(activity.note(&event(EventKind::Modify(ModifyKind::Data(DataChange::Any)))));
        assert!(!is_over(&activity, later()));
        assert!(!activity.note(&event(EventKind::Access(AccessKind::Close(AccessMode::Write)))));
        assert!(!is_over(&activity, Instant::now()) && is_over(&activity, later()));
        // What is moved away is nobody's concern any more.
        activity.note(&event(EventKind::Modify(ModifyKind::Data(DataChange::Any))));
        activity.note(&event(EventKind::Modify(ModifyKind::Name(RenameMode::From))));
        assert!(is_over(&activity, later()));
    }
}
