//! The programs that are measured. Each file starts one of them with its best sensible settings.

mod envoy;
mod haproxy;
mod nginx;
pub(crate) mod symbolon;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::{
    credential::{SignedToken, opaque_token},
    folder::Folder,
    pinned::Pinned,
    probe,
    workload::{ANSWER, COOKIE, PATH, SEEN_PATH},
};

/// What a program needs to be started.
pub(crate) struct Surroundings {
    /// The port of the upstream.
    pub(crate) upstream: u16,
    /// How many sessions those peers hold that hold sessions.
    pub(crate) sessions: u32,
    /// The JWT that the peers inject or verify.
    pub(crate) token: SignedToken,
    /// The binary of Symbolon.
    pub(crate) symbolon: PathBuf,
    /// The binary of Envoy.
    pub(crate) envoy: PathBuf,
}

/// One row of the table.
pub(crate) struct Program {
    /// What it is called with `--only`.
    pub(crate) name: &'static str,
    /// What it is called in the table.
    pub(crate) title: &'static str,
    /// Whether it lets only the authenticated through.
    pub(crate) authenticates: bool,
    start: fn(&Surroundings) -> Result<Running>,
}

/// A program that runs and can be measured. Ends when dropped.
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) port: u16,
    /// The proxy first, then whatever it asks about each request.
    pub(crate) processes: Vec<Pinned>,
    /// The header line with the credential; none where there is no authentication.
    pub(crate) credential: Option<String>,
    /// Its configuration, data and logs.
    pub(crate) folder: Folder,
}

/// Every program, in the order of the table.
pub(crate) const PROGRAMS: &[Program] = &[
    Program { name: "nginx", title: "nginx", authenticates: false, start: nginx::plain },
    Program {
        name: "symbolon",
        title: "**Symbolon**",
        authenticates: false,
        start: symbolon::plain,
    },
    Program { name: "haproxy", title: "HAProxy", authenticates: false, start: haproxy::plain },
    Program { name: "envoy", title: "Envoy", authenticates: false, start: envoy::plain },
    Program {
        name: "symbolon-session",
        title: "**Symbolon, session cookie → JWT**",
        authenticates: true,
        start: symbolon::session,
    },
    Program {
        name: "haproxy-map",
        title: "HAProxy, cookie → SHA-256 → map file → JWT (no revocation)",
        authenticates: true,
        start: haproxy::map,
    },
    Program {
        name: "nginx-lua",
        title: "nginx + Lua, cookie → shared dictionary → JWT",
        authenticates: true,
        start: nginx::lua,
    },
    Program {
        name: "nginx-auth-request",
        title: "nginx `auth_request` to a fast local server",
        authenticates: true,
        start: nginx::auth_request,
    },
    Program {
        name: "envoy-jwt",
        title: "Envoy `jwt_authn` ES256 with its token cache",
        authenticates: true,
        start: envoy::jwt_authn,
    },
    Program {
        name: "envoy-ext-authz",
        title: "Envoy `ext_authz` HTTP to a fast local server",
        authenticates: true,
        start: envoy::ext_authz,
    },
];

impl Program {
    /// Starts it and makes sure that it does what it will be measured for.
    pub(crate) fn start(&self, surroundings: &Surroundings) -> Result<Running> {
        let running = (self.start)(surroundings).and_then(|running| {
            ensure!(running.credential.is_some() == self.authenticates, "the wrong row");
            running.check()?;
            Ok(running)
        });
        running.with_context(|| format!("`{}`", self.name))
    }
}

impl Running {
    /// The ids of all its processes.
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.processes.iter().map(Pinned::id).collect()
    }

    fn check(&self) -> Result<()> {
        let Some(credential) = &self.credential else {
            let answer = probe::get(self.port, PATH, &[])?;
            ensure!(answer.status == 200 && answer.body == ANSWER, "plain request: {answer:?}");
            return Ok(());
        };
        let answer = probe::get(self.port, PATH, &[credential])?;
        ensure!(answer.status == 200 && answer.body == ANSWER, "right credential: {answer:?}");
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

/// The header line with the opaque token that the peers know.
fn cookie_line() -> String {
    format!("cookie: {COOKIE}={}", opaque_token(0))
}

/// Fills in a configuration's `{{name}}` places.
fn filled(template: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    })
}

/// The sessions of the peers, as lines made by `line` from the opaque token.
fn session_lines(count: u32, line: impl Fn(&str) -> String) -> String {
    (0..count).map(|number| line(&opaque_token(number)) + "\n").collect()
}

/// Starts the server that is asked about each request; returns it with its port.
fn auth_server(surroundings: &Surroundings, folder: &Folder) -> Result<(Pinned, u16)> {
    let port = crate::pinned::free_port()?;
    let jwt = &surroundings.token.jwt;
    let sessions = folder.write(
        "sessions.txt",
        &session_lines(surroundings.sessions, |token| format!("{token} {jwt}")),
    )?;
    let own = std::env::current_exe().context("cannot find this program")?;
    let process = Pinned::start(
        crate::workload::PROXY_CORE,
        own,
        &["auth-server", "--port", &port.to_string(), "--sessions", &sessions.to_string_lossy()],
        &folder.path().join("auth-server.log"),
        port,
    )?;
    Ok((process, port))
}
