//! The lines that a process writes, kept from the first to the last, and waited for.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};

use super::patience::{Deadline, PATIENCE};

/// Everything that came out of a pipe so far.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Kept>);

#[derive(Default)]
struct Kept {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    has_ended: bool,
}

impl Lines {
    /// Reads the pipe to its end, beside the test.
    pub(crate) fn of(pipe: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let kept = Arc::clone(&lines.0);
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                kept.state.lock().lines.push(text);
                kept.changed.notify_all();
                line.clear();
            }
            kept.state.lock().has_ended = true;
            kept.changed.notify_all();
        });
        lines
    }

    /// What was written so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.state.lock().lines.clone()
    }

    /// Waits until the pipe is closed and returns everything.
    pub(crate) fn to_the_end(&self) -> Vec<String> {
        self.wait("the end of the output", |state| state.has_ended.then(|| state.lines.clone()))
    }

    /// Waits for the first line that `read` makes something of.
    pub(crate) fn wait_for<T>(&self, what: &str, read: impl Fn(&str) -> Option<T>) -> T {
        self.wait(what, |state| state.lines.iter().find_map(|line| read(line)))
    }

    /// Waits until `count` lines are of interest and returns what was made of them.
    pub(crate) fn wait_for_several<T>(
        &self,
        count: usize,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        self.wait(what, |state| {
            let found: Vec<T> = state.lines.iter().filter_map(|line| read(line)).collect();
            (found.len() >= count).then_some(found)
        })
    }

    fn wait<T>(&self, what: &str, read: impl Fn(&State) -> Option<T>) -> T {
        let deadline = Deadline::after(PATIENCE);
        let mut state = self.0.state.lock();
        loop {
            if let Some(found) = read(&state) {
                return found;
            }
            let is_hopeless = state.has_ended || deadline.is_over();
            assert!(!is_hopeless, "no {what} in the output:\n{}", state.lines.join("\n"));
            self.0.changed.wait_for(&mut state, deadline.left());
        }
    }
}
