//! Whether a program does what it will be measured for. What only the load generator can speak
//! (TLS, HTTP/2, WebSocket) it checks itself, with every answer.

use anyhow::{Result, ensure};

use super::Running;
use crate::{
    probe,
    task::Task,
    workload::{ANSWER, PATH, SEEN_PATH, path_on_route},
};

impl Running {
    /// Asks it, rightly and wrongly.
    pub(super) fn check(&self, task: Task) -> Result<()> {
        if task.load.is_tls() {
            return self.check_that_plain_is_refused();
        }
        if task.load.is_http2() {
            return Ok(());
        }
        match &self.credential {
            Some(credential) => self.check_credential(credential),
            None if task.routes > 0 => self.check_routes(task.routes),
            None => self.check_answer(PATH, &[]),
        }
    }

    fn check_answer(&self, path: &str, header_lines: &[&str]) -> Result<()> {
        let answer = probe::get(self.port, path, header_lines)?;
        ensure!(answer.status == 200 && answer.body == ANSWER, "`{path}`: {answer:?}");
        Ok(())
    }

    fn check_that_plain_is_refused(&self) -> Result<()> {
        let answer = probe::get(self.port, PATH, &[]);
        ensure!(answer.is_err() || answer.is_ok_and(|answer| answer.status != 200), "no TLS");
        Ok(())
    }

    /// The last route answers; there is none beyond and none for other paths. The load generator
    /// asks all of them before it measures.
    fn check_routes(&self, count: u32) -> Result<()> {
        self.check_answer(&path_on_route(count - 1), &[])?;
        for path in [&path_on_route(count), PATH] {
            let answer = probe::get(self.port, path, &[])?;
            // HAProxy has no answer of its own for what goes to no backend.
            let is_refused = matches!(answer.status, 404 | 503);
            ensure!(is_refused, "`{path}` without a route: {answer:?}");
        }
        Ok(())
    }

    fn check_credential(&self, credential: &str) -> Result<()> {
        self.check_answer(PATH, &[credential])?;
        let seen = probe::get(self.port, SEEN_PATH, &[credential])?.body.to_ascii_lowercase();
        // Symbolon strikes the token out on its way back, which shows as well that it was there.
        let shows = |token| seen.contains(&format!("\r\nauthorization: bearer {token}"));
        ensure!(shows("ey") || shows(&"*".repeat(100)), "no JWT at the upstream: {seen}");
        for wrong in [&wrong_credential(credential), ""] {
            let lines: Vec<&str> = [wrong].into_iter().filter(|line| !line.is_empty()).collect();
            let answer = probe::get(self.port, PATH, &lines)?;
            ensure!(answer.status == 401, "credential `{wrong}`: {answer:?}");
        }
        Ok(())
    }
}

/// The header line with another character in the middle of the credential.
fn wrong_credential(line: &str) -> String {
    let middle = line.len() - 20;
    line.char_indices()
        .map(|(at, c)| match c {
            'A' if at == middle => 'B',
            _ if at == middle => 'A',
            _ => c,
        })
        .collect()
}
