//! Symbolon: one worker thread, and everything on that is on by default.

mod authenticators;
mod log_in;
mod settings;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

pub(super) use self::authenticators::{
    api_key, basic_of_account, basic_of_client, hmac, jwt_of_client, jwt_of_issuer, mtls,
    mtls_and_api_key,
};
pub(crate) use self::settings::Settings;
use super::{Running, Surroundings, proof::Proof};
use crate::{
    credential::{NAME, PASSWORD},
    folder::Folder,
    pinned::{Pinned, free_port},
    task::Task,
    workload::{COOKIE, PROXY_CORE},
};

/// The account that logs in.
pub(crate) const SUBJECT: &str = NAME;

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings, task: Task) -> Result<Running> {
    let settings = Settings::of(task, &surroundings.certificate);
    let site = Site::new(&surroundings.symbolon, surroundings.upstream, &settings)?;
    let process = site.serve()?;
    Ok(site.running(process, None))
}

/// The cookie of a session that was logged in over HTTP; the service gets a JWT made for it.
pub(super) fn session(surroundings: &Surroundings, _: Task) -> Result<Running> {
    logged_in(surroundings, "[session]", |cookie| Some(cookie.to_owned()))
}

/// The token of such a session, as a program would send it.
pub(super) fn bearer(surroundings: &Surroundings, _: Task) -> Result<Running> {
    logged_in(surroundings, "[bearer]", |cookie| {
        let (_, token) = cookie.split_once(&format!("{COOKIE}="))?;
        Some(format!("authorization: Bearer {token}"))
    })
}

/// A session whose role includes the one that is asked for.
pub(super) fn role(surroundings: &Surroundings, _: Task) -> Result<Running> {
    authorized(surroundings, 0)
}

/// A session that the last of some policies lets in.
pub(super) fn five_policies(surroundings: &Surroundings, _: Task) -> Result<Running> {
    authorized(surroundings, 5)
}

/// The same with many.
pub(super) fn fifty_policies(surroundings: &Surroundings, _: Task) -> Result<Running> {
    authorized(surroundings, 50)
}

/// With a session; where there are no policies, with a rule about roles.
fn authorized(surroundings: &Surroundings, policies: usize) -> Result<Running> {
    let settings = Settings::authenticating("[session]").authorizing(policies > 0);
    let site = Site::new(&surroundings.symbolon, surroundings.upstream, &settings)?;
    let folder = site.folder.path().join("policies");
    fs::create_dir(&folder).context("cannot make the folder of policies")?;
    if policies > 0 {
        fs::write(folder.join("bench.cedar"), policy_text(policies))
            .context("cannot write policies")?;
    }
    site.add_account_with(&["--role", "admin"])?;
    let process = site.serve()?;
    let cookie = log_in::cookie_line(site.port, SUBJECT, PASSWORD)?;
    Ok(site.running(process, Some(Proof::line(cookie))))
}

/// All of these look at the path and at the principal; the last one permits.
fn policy_text(count: usize) -> String {
    let others = (1..count).map(|number| {
        format!(
            "@id(\"p{number}\") permit (principal, action, resource)\n\
             when {{ resource.params.item == principal.name && principal.groups.contains(\"g{number}\") }};\n"
        )
    });
    let last = "@id(\"last\") permit (principal in Role::\"customer\", action, resource)\n\
                when { resource.params.item == \"42\" };\n";
    others.chain([last.to_owned()]).collect()
}

/// With an account that has logged in; `credential` makes a header line of the one with its cookie.
fn logged_in(
    surroundings: &Surroundings,
    authenticate: &'static str,
    credential: fn(&str) -> Option<String>,
) -> Result<Running> {
    let settings = Settings::authenticating(authenticate);
    let site = Site::new(&surroundings.symbolon, surroundings.upstream, &settings)?;
    site.add_account()?;
    let process = site.serve()?;
    let cookie = log_in::cookie_line(site.port, SUBJECT, PASSWORD)?;
    let credential = credential(&cookie).context("the cookie has another form")?;
    Ok(site.running(process, Some(Proof::line(credential))))
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
    /// Writes the configuration.
    pub(crate) fn new(binary: &Path, upstream: u16, settings: &Settings<'_>) -> Result<Self> {
        let folder = Folder::new()?;
        fs::create_dir(folder.path().join("data")).context("cannot make the data folder")?;
        let port = free_port()?;
        let text = settings.text(port, free_port()?, upstream, folder.path());
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
        self.add_account_with(&[])
    }

    /// The same with roles or groups.
    fn add_account_with(&self, options: &[&str]) -> Result<()> {
        let mut child = Command::new(&self.binary)
            .args(["user", "add", SUBJECT, "--password-stdin"])
            .args(options)
            .arg("-c")
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

    fn running(self, process: Pinned, proof: Option<Proof>) -> Running {
        Running { port: self.port, processes: vec![process], proof, folder: self.folder }
    }
}
