//! The gateway's settings, already resolved: whatever is in here is valid on its own.
//!
//! The binary builds these values from the configuration file. Only [`Routing`] can change while
//! the gateway runs; the rest holds until the next start.

pub mod access_log;
pub mod authenticators;
mod authorize;
pub mod balancing;
mod identity_headers;
pub mod issuers;
mod listener;
mod resolver;
mod service;
mod tracing;

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::Client;
use symbolon_core::policy::Hierarchy;

use crate::action::Actions;
use crate::limit::{Admission, Sources};
use crate::pattern::{Conditions, HostPattern, MethodSet, PathPattern};
use crate::trusted::TrustedProxies;

pub use crate::server_timing::ServerTiming;
pub use access_log::AccessLog;
pub use authenticators::{Authenticate, Authenticator, AuthenticatorKind, Chain};
pub use authorize::Authorize;
pub use balancing::Balancing;
pub use identity_headers::{Fact, IdentityHeaders};
pub use listener::{Listener, ProxyProtocol};
pub use resolver::Resolver;
pub use service::{Protocol, Service, Target, TargetKind, Targets, Timeouts};
pub use tracing::{Sampling, SamplingError, Tracing};

/// Everything the gateway needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Sockets to accept connections on.
    pub listeners: Vec<Listener>,
    /// Worker threads, each with its own runtime, accept queue and upstream pools.
    pub workers: usize,
    /// Bounds on what a downstream may ask of us.
    pub limits: Limits,
    /// Which requests are written down, how and where.
    pub access_log: AccessLog,
    /// Whom spans are told to, if anybody.
    pub tracing: Option<Tracing>,
    /// Who is told how long the stages of a request took, if anybody.
    pub server_timing: Option<ServerTiming>,
    /// Where anonymous navigations are sent to log in: an absolute path, `/auth/login`.
    pub login_path: String,
    /// The full name of the session cookie, with `__Host-` where it has it.
    pub session_cookie: SessionCookie,
    /// Routes and services; replaced whole on reload.
    pub routing: Routing,
}

/// The part of the configuration that is swapped as one while running.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    /// `scheme://authority` of the site: what every link, redirect and `Forwarded` says.
    pub public_url: String,
    /// Whose `Forwarded` and `X-Forwarded-*` are believed.
    pub trusted_proxies: TrustedProxies,
    /// From where requests may come, whatever they ask for; `None` from everywhere.
    pub sources: Option<Sources>,
    /// Who is asked for the addresses of targets; without it the system is, each time a connection
    /// is opened.
    pub resolver: Option<Arc<Resolver>>,
    /// Named upstream groups.
    pub services: Vec<Service>,
    /// Match rules.
    pub routes: Vec<Route>,
    /// What follows from roles and groups.
    pub hierarchy: Arc<Hierarchy>,
    /// Clients that the configuration names.
    pub clients: Vec<Client>,
}

/// One match rule.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, unique.
    pub name: Arc<str>,
    /// Hosts it answers for; empty means every host.
    pub hosts: Vec<HostPattern>,
    /// Paths it answers for; at least one.
    pub paths: Vec<PathPattern>,
    /// Methods it answers for.
    pub methods: MethodSet,
    /// What headers and query must be besides.
    pub conditions: Conditions,
    /// The service it leads to, by name; empty where the route answers itself.
    pub service: Arc<str>,
    /// What it does besides.
    pub actions: Actions,
    /// From where, how often, how many at once.
    pub admission: Admission,
    /// Who may pass.
    pub authenticate: Authenticate,
    /// What an unauthenticated request is told.
    pub when_unauthenticated: WhenUnauthenticated,
    /// What an authenticated principal must have.
    pub authorize: Authorize,
    /// The longest request body, in bytes; `None` for the listener's limit.
    pub max_body: Option<u64>,
}

/// What an unauthenticated request is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenUnauthenticated {
    /// Navigations are sent to log in, everything else gets 401.
    #[default]
    Auto,
    /// Always sent to log in.
    Login,
    /// Always 401.
    Reject,
}

/// The session cookie, as the gateway reads, replaces and clears it.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    /// Full name.
    pub name: String,
    /// `SameSite` value as text: `Lax`, `Strict` or `None`.
    pub same_site: &'static str,
    /// Whether it has the `Secure` attribute.
    pub secure: bool,
}

/// Bounds on what a downstream may ask of us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest request head (request line and headers), in bytes: 431 (or 414) beyond.
    pub head_bytes: usize,
    /// The most header fields: 431 beyond.
    pub header_count: usize,
    /// The longest request target, in bytes: 414 beyond.
    pub target_bytes: usize,
    /// The longest request body, in bytes: 413 beyond.
    pub body_bytes: u64,
    /// The longest wait for a PROXY header and a TLS handshake together.
    pub handshake_timeout: Duration,
    /// The longest wait for a request head, also between requests on a kept connection.
    pub head_timeout: Duration,
    /// The longest silence inside a request body or while a response is not taken.
    pub body_timeout: Duration,
    /// The most open connections of one worker; further ones wait in the accept queue.
    pub connections: usize,
    /// The most streams that are open at once on one HTTP/2 connection.
    pub streams: u32,
    /// How long running requests may take to finish at shutdown.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 * 1024,
            header_count: 100,
            target_bytes: 8 * 1024,
            body_bytes: 16 * 1024 * 1024,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_mins(1),
            body_timeout: Duration::from_mins(1),
            connections: 10_000,
            streams: 100,
            drain: Duration::from_secs(30),
        }
    }
}

impl SessionCookie {
    /// The attributes that follow the value in `Set-Cookie`.
    pub fn attributes(&self) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("; Path=/; HttpOnly; SameSite={}{secure}", self.same_site)
    }
}
