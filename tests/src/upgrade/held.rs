//! New servers that have everything open and bound and do not get any further: they wait for
//! somebody to read their access log.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;

/// The numbers of all servers that were started, the first one first.
pub(super) fn servers(stage: &Stage, count: usize) -> Vec<u32> {
    let said = stage.symbolon.wait_to_say(count, "starting");
    said.iter().map(|line| u32::try_from(line["pid"].as_u64().unwrap()).unwrap()).collect()
}

/// A queue in place of the access log.
pub(super) struct Held(PathBuf);

impl Held {
    /// From now on servers are held, and this is their configuration.
    pub(super) fn of(stage: &Stage, mut settings: Settings) -> Self {
        let path = stage.symbolon.folder().join("held");
        make_queue(&path);
        settings.sections = format!("{}\naccess_log: {}", settings.sections, path.display());
        stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
        Self(path)
    }

    /// Waits until this server is held: the system says what it waits for (`proc(5)`).
    pub(super) fn wait_for(id: u32) {
        eventually("a server that waits for a reader", || {
            let at = fs::read_to_string(format!("/proc/{id}/wchan")).unwrap();
            (at == "wait_for_partner").then_some(())
        });
    }

    /// Lets it go, and those to come; they go on while the reader is kept.
    pub(super) fn let_go(&self) -> File {
        // With leave to write as well, so as not to wait where nobody does (`fifo(7)`).
        File::options().read(true).write(true).open(&self.0).unwrap()
    }
}

pub(super) fn make_queue(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}
