//! Replaces the binary under test while it serves.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use serde_json::Value;

use super::patience::eventually;
use super::program::{lives, signal};
use super::surroundings;
use super::symbolon::Symbolon;

impl Symbolon {
    /// Where it is started from.
    pub(crate) fn binary(&self) -> PathBuf {
        self.folder().join("symbolon")
    }

    /// Puts the binary under test there.
    pub(crate) fn put_binary(&self) {
        let new = self.folder().join("new");
        symlink(surroundings::symbolon(), &new).unwrap();
        fs::rename(new, self.binary()).unwrap();
    }

    /// Puts a shell script there; `BINARY` in it is replaced by the binary under test.
    pub(crate) fn put_script(&self, lines: &str) {
        let new = self.folder().join("new");
        let lines = lines.replace("BINARY", surroundings::symbolon().to_str().unwrap());
        fs::write(&new, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&new, Permissions::from_mode(0o755)).unwrap();
        fs::rename(new, self.binary()).unwrap();
    }

    /// The processes that served, in their order; the last one does.
    pub(crate) fn generations(&self) -> Vec<u32> {
        let replaced = self.log().all();
        let replaced = replaced.iter().filter_map(|line| pid(line, "replaced: draining"));
        std::iter::once(self.program().id()).chain(replaced).collect()
    }

    /// The process that serves.
    pub(crate) fn serving(&self) -> u32 {
        *self.generations().last().unwrap()
    }

    /// SIGUSR2 to the process that serves.
    pub(crate) fn ask_to_upgrade(&self) {
        signal(self.serving(), "USR2");
    }

    /// The same, and waits until another process serves; the number of the replaced one.
    pub(crate) fn upgrade(&self) -> u32 {
        let generations = self.generations();
        self.ask_to_upgrade();
        let read = |line: &str| pid(line, "replaced: draining");
        self.log().wait_for_several(generations.len(), "`replaced`", read);
        *generations.last().unwrap()
    }

    /// The number of the process that an upgrade has started and that may fail.
    pub(crate) fn wait_for_start(&self, count: usize) -> u32 {
        let read = |line: &str| pid(line, "new process started");
        *self.log().wait_for_several(count, "`new process started`", read).last().unwrap()
    }

    /// Waits for lines with this message.
    pub(crate) fn wait_to_say(&self, count: usize, message: &str) -> Vec<Value> {
        self.log().wait_for_several(count, message, |line| said(line, message))
    }

    /// Waits until all processes but the one that serves have ended.
    pub(crate) fn wait_until_alone(&self) {
        let mut generations = self.generations();
        generations.pop();
        for id in generations {
            eventually("the end of a replaced process", || (!lives(id)).then_some(()));
        }
    }

    /// SIGTERM to the process that serves, and waits until all have ended; everything they said.
    pub(crate) fn stop_all(&self) -> Vec<String> {
        signal(self.serving(), "TERM");
        self.log().to_the_end()
    }
}

fn pid(line: &str, message: &str) -> Option<u32> {
    u32::try_from(said(line, message)?["pid"].as_u64()?).ok()
}

fn said(line: &str, message: &str) -> Option<Value> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["message"] == message).then_some(line)
}
