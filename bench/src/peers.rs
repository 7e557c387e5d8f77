//! The programs that are measured. Each file starts one of them with its best sensible settings.

pub(crate) mod authenticators;
mod check;
mod envoy;
mod haproxy;
mod nginx;
mod proof;
pub(crate) mod symbolon;

use std::path::PathBuf;

use anyhow::{Context, Result};

pub(crate) use self::proof::Proof;
use crate::{
    certificate::Certificate,
    credential::opaque_token,
    folder::Folder,
    pinned::{Pinned, free_port},
    task::Task,
    token::SignedTokens,
    workload::{COOKIE, PROXY_CORE},
};

/// What a program needs to be started.
pub(crate) struct Surroundings {
    /// The port of the upstream.
    pub(crate) upstream: u16,
    /// How many sessions those peers hold that hold sessions.
    pub(crate) sessions: u32,
    /// The JWTs that the peers inject or verify.
    pub(crate) tokens: SignedTokens,
    /// What they show where they speak TLS, and what is shown to them.
    pub(crate) certificate: Certificate,
    /// The binary of Symbolon.
    pub(crate) symbolon: PathBuf,
    /// The binary of Envoy.
    pub(crate) envoy: PathBuf,
}

/// One row of a table.
pub(crate) struct Program {
    /// What it is called with `--only`.
    pub(crate) name: &'static str,
    /// What it is called in the table.
    pub(crate) title: &'static str,
    /// The table that it belongs to.
    pub(crate) group: &'static str,
    /// What it is set up for.
    pub(crate) task: Task,
    start: Start,
}

type Start = fn(&Surroundings, Task) -> Result<Running>;

/// A program that runs and can be measured. Ends when dropped.
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) port: u16,
    /// The proxy first, then whatever it asks about each request.
    pub(crate) processes: Vec<Pinned>,
    /// What it is shown; none where there is no authentication.
    pub(crate) proof: Option<Proof>,
    /// Its configuration, data and logs.
    pub(crate) folder: Folder,
}

/// Those that only proxy, in the order of the table.
pub(crate) fn four(group: &'static str, task: Task) -> [Program; 4] {
    let programs: [(_, _, Start); 4] = [
        ("nginx", "nginx", nginx::plain),
        ("symbolon", "**Symbolon**", symbolon::plain),
        ("haproxy", "HAProxy", haproxy::plain),
        ("envoy", "Envoy", envoy::plain),
    ];
    programs.map(|(name, title, start)| Program { name, title, group, task, start })
}

/// Those that let only the authenticated through.
pub(crate) fn authenticating(group: &'static str, task: Task) -> [Program; 9] {
    let programs: [(_, _, Start); 9] = [
        ("symbolon-session", "**Symbolon, session cookie → JWT**", symbolon::session),
        ("symbolon-bearer", "**Symbolon, opaque bearer token → JWT**", symbolon::bearer),
        ("symbolon-api-key", "**Symbolon, API key → JWT**", symbolon::api_key),
        ("haproxy-map", "HAProxy, cookie → SHA-256 → map file → JWT (no revocation)", haproxy::map),
        ("nginx-lua", "nginx + Lua, cookie → shared dictionary → JWT", nginx::lua),
        ("nginx-map", "nginx `map`, API key in clear → JWT (no revocation)", nginx::map),
        ("nginx-auth-request", "nginx `auth_request` to a fast local server", nginx::auth_request),
        ("envoy-jwt", "Envoy `jwt_authn` ES256 with its token cache", |surroundings, _| {
            envoy::jwt_authn(surroundings, &surroundings.tokens.es256)
        }),
        ("envoy-ext-authz", "Envoy `ext_authz` HTTP to a fast local server", envoy::ext_authz),
    ];
    programs.map(|(name, title, start)| Program { name, title, group, task, start })
}

/// Ours with a session cookie, by what is asked of whoever shows it.
pub(crate) fn authorizing(group: &'static str, task: Task) -> [Program; 4] {
    let programs: [(_, _, Start); 4] = [
        ("symbolon-no-rule", "**Symbolon, no rule**", symbolon::session),
        ("symbolon-role", "**Symbolon, `any_role` with inheritance**", symbolon::role),
        ("symbolon-5-policies", "**Symbolon, 5 Cedar policies**", symbolon::five_policies),
        ("symbolon-50-policies", "**Symbolon, 50 Cedar policies**", symbolon::fifty_policies),
    ];
    programs.map(|(name, title, start)| Program { name, title, group, task, start })
}

impl Program {
    /// Starts it and makes sure that it does what it will be measured for.
    pub(crate) fn start(&self, surroundings: &Surroundings) -> Result<Running> {
        let running = (self.start)(surroundings, self.task).and_then(|running| {
            running.check(self.task, surroundings)?;
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
}

/// The opaque token that the peers know, in a cookie.
fn cookie() -> Proof {
    Proof::line(format!("cookie: {COOKIE}={}", opaque_token(0)))
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
    let port = free_port()?;
    let jwt = &surroundings.tokens.es256.jwt;
    let sessions = folder.write(
        "sessions.txt",
        &session_lines(surroundings.sessions, |token| format!("{token} {jwt}")),
    )?;
    let own = std::env::current_exe().context("cannot find this program")?;
    let process = Pinned::start(
        PROXY_CORE,
        own,
        &["auth-server", "--port", &port.to_string(), "--sessions", &sessions.to_string_lossy()],
        &folder.path().join("auth-server.log"),
        port,
    )?;
    Ok((process, port))
}
