//! Notices that certificates have changed: their files are looked at once a second.
//!
//! Looked at, not watched: they may lie in many folders, on file systems that tell nobody, and
//! behind symbolic links that are swapped. A change is told when the files have stood still for one
//! look, so that a certificate and its key, written one after the other, are read together.

use std::path::PathBuf;
use std::time::Duration;

use symbolon_gateway::tls::{FileState, ReadFile};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Files that are looked at.
pub(super) struct Files {
    paths: Vec<PathBuf>,
    /// As they were when they were read last.
    known: Vec<FileState>,
    /// As they were at the last look.
    last: Vec<FileState>,
    looks: Interval,
}

impl Files {
    /// Looks at these files; as they were when they were read, they are known.
    pub(super) fn new(files: &[ReadFile]) -> Self {
        let paths = files.iter().map(|file| file.path().to_owned()).collect();
        let known: Vec<FileState> = files.iter().map(ReadFile::state).collect();
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { paths, last: known.clone(), known, looks }
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Waits for a change. Nothing is lost when this is dropped while it waits.
    pub(super) async fn changed(&mut self) {
        if self.is_empty() {
            return std::future::pending().await;
        }
        loop {
            self.looks.tick().await;
            let paths = self.paths.clone();
            // A file system may hang, and nothing else here should.
            let Ok(now) = tokio::task::spawn_blocking(move || states(&paths)).await else {
                continue;
            };
            let is_still = now == self.last;
            self.last = now;
            if is_still && self.last != self.known {
                self.known.clone_from(&self.last);
                return;
            }
        }
    }
}

fn states(paths: &[PathBuf]) -> Vec<FileState> {
    paths.iter().map(|path| ReadFile::state_of(path)).collect()
}
