//! Whether a program does what it will be measured for. What only the load generator can speak
//! (HTTP/2, WebSocket) it checks itself, with every answer.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{
    Running, Surroundings,
    proof::{Proof, Shown},
};
use crate::{
    load::tls,
    probe::{self, Answer},
    task::Task,
    workload::{ANSWER, PATH, SEEN_PATH, path_on_route},
};

impl Running {
    /// Asks it, rightly and wrongly.
    pub(super) fn check(&self, task: Task, surroundings: &Surroundings) -> Result<()> {
        if task.load.is_tls() {
            self.check_that_plain_is_refused()?;
        }
        match &self.proof {
            Some(proof) => match &proof.shown {
                Shown::Certificate { client, line } => {
                    self.check_certificate(proof, surroundings, client, line.as_deref())
                }
                Shown::Line(_) | Shown::Signature(_) => self.check_proof(proof),
            },
            None if task.load.is_tls() || task.load.is_http2() => Ok(()),
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

    /// With what is right, altered and missing; with a signature also a second time.
    fn check_proof(&self, proof: &Proof) -> Result<()> {
        let lines = |path| proof.lines(path).context("there is nothing to show");
        let right = lines(PATH)?;
        self.check_answer(PATH, &[&right])?;
        let seen = probe::get(self.port, SEEN_PATH, &[&lines(SEEN_PATH)?])?.body;
        ensure!(proof.seen.is_in(&seen), "the upstream does not see who it is: {seen}");
        let mut wrong = vec![altered(&lines(PATH)?), String::new()];
        if matches!(proof.shown, Shown::Signature(_)) {
            wrong.push(right);
        }
        for wrong in wrong {
            let lines: Vec<&str> = [&*wrong].into_iter().filter(|line| !line.is_empty()).collect();
            refused(&probe::get(self.port, PATH, &lines)?, &wrong)?;
        }
        Ok(())
    }

    /// With the right certificate, with that of somebody else, with none; and without the line.
    fn check_certificate(
        &self,
        proof: &Proof,
        surroundings: &Surroundings,
        client: &Path,
        line: Option<&str>,
    ) -> Result<()> {
        let ask = |certificate: &Path, path, lines: &[&str]| {
            let config = tls::config(&surroundings.certificate.authority, certificate)?;
            probe::get_tls(self.port, path, lines, config)
        };
        let lines: Vec<&str> = line.into_iter().collect();
        let answer = ask(client, PATH, &lines)?;
        ensure!(answer.status == 200 && answer.body == ANSWER, "`{PATH}`: {answer:?}");
        let seen = ask(client, SEEN_PATH, &lines)?.body;
        ensure!(proof.seen.is_in(&seen), "the upstream does not see who it is: {seen}");
        refused(&ask(&surroundings.certificate.stranger, PATH, &lines)?, "another certificate")?;
        refused(&ask(Path::new(""), PATH, &lines)?, "no certificate")?;
        if line.is_some() {
            refused(&ask(client, PATH, &[])?, "a certificate alone")?;
        }
        Ok(())
    }
}

fn refused(answer: &Answer, shown: &str) -> Result<()> {
    ensure!(answer.status == 401, "with `{shown}`: {answer:?}");
    Ok(())
}

/// The header lines with another character in the middle of the credential.
fn altered(lines: &str) -> String {
    let middle = lines.len() - 20;
    lines
        .char_indices()
        .map(|(at, c)| match c {
            'A' if at == middle => 'B',
            _ if at == middle => 'A',
            _ => c,
        })
        .collect()
}
