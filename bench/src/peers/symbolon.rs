//! Symbolon: one worker thread, and everything on that is on by default.

mod log_in;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::{Running, Surroundings, filled};
use crate::{
    folder::Folder,
    pinned::{Pinned, free_port},
    workload::PROXY_CORE,
};

const CONFIG: &str = include_str!("../../templates/symbolon.yaml");
/// The account that logs in.
pub(crate) const SUBJECT: &str = "bench";
/// How long internal tokens are valid when nothing else is said.
const LIFETIME: &str = "60s";
const PASSWORD: &str = "four proxies walked into a bar";

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings) -> Result<Running> {
    let site = Site::new(&surroundings.symbolon, surroundings.upstream, "none", LIFETIME)?;
    let process = site.serve()?;
    Ok(site.running(process, None))
}

/// The cookie of a session that was logged in over HTTP; the service gets a JWT made for it.
pub(super) fn session(surroundings: &Surroundings) -> Result<Running> {
    let site = Site::new(&surroundings.symbolon, surroundings.upstream, "[session]", LIFETIME)?;
    site.add_account()?;
    let process = site.serve()?;
    let credential = log_in::cookie_line(site.port, SUBJECT, PASSWORD)?;
    Ok(site.running(process, Some(credential)))
}

/// A configuration with its data, ready to be served.
pub(crate) struct Site {
    binary: PathBuf,
    config: PathBuf,
    /// Where it will listen.
    pub(crate) port: u16,
    /// Its configuration, data and logs.
    pub(crate) folder: Folder,
}

impl Site {
    /// Writes the configuration: one route to `upstream`, internal tokens with this `lifetime`.
    pub(crate) fn new(
        binary: &Path,
        upstream: u16,
        authenticate: &str,
        lifetime: &str,
    ) -> Result<Self> {
        let folder = Folder::new()?;
        fs::create_dir(folder.path().join("data")).context("cannot make the data folder")?;
        let port = free_port()?;
        let text = filled(
            CONFIG,
            &[
                ("port", &port.to_string()),
                ("admin", &free_port()?.to_string()),
                ("upstream", &upstream.to_string()),
                ("folder", &folder.path().to_string_lossy()),
                ("authenticate", authenticate),
                ("lifetime", lifetime),
            ],
        );
        let config = folder.write("symbolon.yaml", &text)?;
        Ok(Self { binary: binary.to_owned(), config, port, folder })
    }

    /// Starts the server; its access log goes to a file.
    pub(crate) fn serve(&self) -> Result<Pinned> {
        Pinned::start(
            PROXY_CORE,
            &self.binary,
            &["serve", "-c", &self.config.to_string_lossy()],
            &self.folder.path().join("access.log"),
            self.port,
        )
    }

    /// Makes the account that logs in.
    pub(crate) fn add_account(&self) -> Result<()> {
        let mut child = Command::new(&self.binary)
            .args(["user", "add", SUBJECT, "--password-stdin", "-c"])
            .arg(&self.config)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start `symbolon user add`")?;
        let mut stdin = child.stdin.take().context("no stdin")?;
        writeln!(stdin, "{PASSWORD}").context("cannot write the password")?;
        drop(stdin);
        let status = child.wait().context("cannot wait for `symbolon user add`")?;
        ensure!(status.success(), "`symbolon user add` failed: {status}");
        Ok(())
    }

    /// Makes `count` sessions without logging in and returns their tokens.
    pub(crate) fn seed_sessions(&self, count: u32) -> Result<String> {
        let output = Command::new(&self.binary)
            .args(["session", "seed", "--count", &count.to_string(), "--subject", SUBJECT, "-c"])
            .arg(&self.config)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start `symbolon session seed`")?;
        ensure!(output.status.success(), "`symbolon session seed` failed: {}", output.status);
        String::from_utf8(output.stdout).context("the tokens are no text")
    }

    fn running(self, process: Pinned, credential: Option<String>) -> Running {
        Running { port: self.port, processes: vec![process], credential, folder: self.folder }
    }
}
