//! Notices that the configuration file, or a policy, may have changed.
//!
//! The folder is watched, not the file: editors and orchestrators replace files by renaming, and
//! a watch on the file itself would then follow the old one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// How long to wait for a writer to finish after its first sign of life.
const SETTLE: Duration = Duration::from_millis(100);

/// Signs that the file may have changed; several in short order are one.
pub(super) struct Changes {
    signs: mpsc::Receiver<()>,
    /// Ends the watch when dropped; `None` where the folder cannot be watched.
    _watcher: Option<RecommendedWatcher>,
}

/// Starts to watch. Where that fails, SIGHUP still works, and the log says so.
pub(super) fn changes(file: &Path) -> Changes {
    // One sign that waits says as much as many.
    let (sender, signs) = mpsc::channel(1);
    let name = file.file_name().map(OsStr::to_owned).unwrap_or_default();
    let on_event = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| may_concern(&event, &name)) {
            let _ = sender.try_send(());
        }
    };
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let watcher = notify::recommended_watcher(on_event).and_then(|mut watcher| {
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    if let Err(error) = &watcher {
        tracing::warn!(%error, "configuration is not watched for changes: use SIGHUP");
    }
    Changes { signs, _watcher: watcher.ok() }
}

/// Starts to watch a folder and what is in it; without one there are no changes.
pub(super) fn folder(folder: Option<&Path>) -> Changes {
    let (sender, signs) = mpsc::channel(1);
    let on_event = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            let _ = sender.try_send(());
        }
    };
    let Some(folder) = folder else { return Changes { signs, _watcher: None } };
    let watcher = notify::recommended_watcher(on_event).and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    if let Err(error) = &watcher {
        tracing::warn!(%error, "policies are not watched for changes: use SIGHUP");
    }
    Changes { signs, _watcher: watcher.ok() }
}

impl Changes {
    /// Waits for the next change. Nothing is lost when this is dropped while it waits.
    pub(super) async fn next(&mut self) {
        if self.signs.recv().await.is_none() {
            // Nobody watches.
            return std::future::pending().await;
        }
        sleep(SETTLE).await;
        while self.signs.try_recv().is_ok() {}
    }
}

/// Whether an event may be a change of the file. Renames of other names count, because the file
/// may be reached through them (a symbolic link that is swapped); writes to other files, such as a
/// database in the same folder, do not.
fn may_concern(event: &Event, name: &OsStr) -> bool {
    let is_file = event.paths.iter().any(|path| path.file_name() == Some(name));
    match event.kind {
        EventKind::Access(_) => false,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Create(_) => true,
        _ => is_file,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, DataChange, RenameMode};

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
        assert!(!concern(EventKind::Access(AccessKind::Any), "/etc/symbolon.yaml"));
        assert!(concern(rename, "/etc/..data"));
        assert!(concern(EventKind::Create(CreateKind::Any), "/etc/symbolon.yaml"));
    }
}
