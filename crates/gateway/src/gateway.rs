//! The gateway as a whole: bound first, then run, reloaded while it runs, drained at the end.

mod handle;
mod running;
mod sockets;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwap;
use axum::Router;
use http::HeaderValue;
use symbolon_core::Random;
use symbolon_core::client_token::ClientTokens;
use symbolon_core::mark::MarkKey;
use symbolon_store::audit::Observer;
use symbolon_store::keys::Keys;
use symbolon_store::{Clients, Clock, Passwords, Sessions};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use crate::access_log::AccessLogWriter;
use crate::authenticator::{Authenticators, Means};
use crate::balance::{Overseer, Registry};
use crate::config::Config;
use crate::descriptors;
use crate::drain::Drain;
use crate::issuers::{IssuerKeeper, Issuers};
use crate::metrics::Metrics;
use crate::replay::Replays;
use crate::route_table::RouteConflict;
use crate::snapshot::Snapshot;
use crate::trace::{SpanExporter, Tracer};
use crate::worker::{Shared, Worker};

pub use handle::Handle;
pub use running::Running;
pub use sockets::Inherited;

pub(crate) use sockets::Door;

/// The most threads of each worker for what blocks: passwords that are hashed.
const MAX_BLOCKING_THREADS: usize = 16;

/// What the gateway works with and does not own.
pub struct Parts {
    /// Sessions.
    pub sessions: Arc<Sessions>,
    /// Signing keys.
    pub keys: Arc<Keys>,
    /// Clients that are registered while the system runs.
    pub clients: Arc<Clients>,
    /// Makes and judges tokens of clients.
    pub client_tokens: Arc<ClientTokens>,
    /// Where requests are noted that are refused, or carry a credential of their own.
    pub observer: Arc<Observer>,
    /// The one place where passwords are checked.
    pub passwords: Arc<Passwords>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// The authentication service, where it runs in this process.
    pub auth: Option<Router>,
    /// Makes the values of sticky cookies.
    pub marks: MarkKey,
    /// Sockets of the process that this one replaces; none where it replaces none.
    pub inherited: Vec<Inherited>,
}

/// A gateway whose sockets are bound and which does not accept yet.
pub struct Gateway {
    shared: Arc<Shared>,
    log: AccessLogWriter,
    addresses: Vec<SocketAddr>,
    /// One set of sockets per worker.
    doors: Vec<Vec<Door>>,
    spans: Option<SpanExporter>,
    issuers: Option<IssuerKeeper>,
    drain: Drain,
}

/// Why a gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The access log cannot be opened.
    #[error("cannot open the access log")]
    AccessLog(#[source] io::Error),
    /// A thread cannot be started.
    #[error("cannot start a worker")]
    Worker(#[source] io::Error),
    /// Routes collide.
    #[error("{} routes collide, the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Routes(Vec<RouteConflict>),
    /// The cookie's name or attributes cannot stand in a header.
    #[error("the session cookie's name cannot stand in a header")]
    Cookie,
}

impl Gateway {
    /// Binds everything; nothing is accepted before [`Gateway::run`].
    pub fn bind(mut config: Config, parts: Parts) -> Result<Self, BindError> {
        let workers = config.workers.max(1);
        config.limits.connections = descriptors::bound(config.limits.connections, workers);
        let (addresses, doors) = sockets::bind_all(&config.listeners, parts.inherited, workers)?;
        let log = AccessLogWriter::start(&config.access_log).map_err(BindError::AccessLog)?;
        let metrics = Metrics::new(log.dropped(), parts.observer);
        for tls in config.listeners.iter().filter_map(|listener| listener.tls.as_ref()) {
            tls.warn(parts.clock.now());
            metrics.arrivals.certificates_serve(tls);
        }
        let registry = Registry::new(parts.marks, Arc::clone(&parts.random));
        let routing = std::mem::take(&mut config.routing);
        let (issuers, issuer_keeper) = Issuers::new();
        let authenticators = Authenticators::new(Means {
            issuers,
            client_tokens: parts.client_tokens,
            random: Arc::clone(&parts.random),
        });
        let replays = Replays::new(&*parts.random);
        let snapshot = Snapshot::build(routing, &metrics, (&registry, &authenticators), None);
        let snapshot = snapshot.map_err(BindError::Routes)?;
        replays.reach(snapshot.clock_skew(), parts.clock.now());
        parts.clients.set_file(&snapshot.clients);
        let tracing = config.tracing.as_ref();
        let tracing =
            tracing.map(|tracing| Tracer::new(tracing, &parts.random, &metrics.spans_dropped));
        let (tracer, spans) = tracing.unzip();
        let cookie = &config.session_cookie;
        let forget = format!("{}=; Max-Age=0{}", cookie.name, cookie.attributes());
        let shared = Shared {
            forget_cookie: HeaderValue::try_from(forget).map_err(|_| BindError::Cookie)?,
            session_cookie: config.session_cookie.name.as_str().into(),
            config,
            snapshot: ArcSwap::from_pointee(snapshot),
            sessions: parts.sessions,
            keys: parts.keys,
            clients: parts.clients,
            passwords: parts.passwords,
            clock: parts.clock,
            random: parts.random,
            auth: parts.auth,
            metrics,
            tracer,
            registry,
            authenticators,
            replays,
            overseer: Overseer::default(),
        };
        let (issuers, drain) = (Some(issuer_keeper), Drain::default());
        Ok(Self { shared: Arc::new(shared), log, addresses, doors, spans, issuers, drain })
    }

    /// The addresses that were bound, with the ports that the system chose.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A way to reload, observe and drain it.
    pub fn handle(&self) -> Handle {
        Handle { shared: Arc::clone(&self.shared), drain: self.drain.clone() }
    }

    /// What sends spans to the collector, where there is one; somebody has to run it.
    pub fn span_exporter(&mut self) -> Option<SpanExporter> {
        self.spans.take()
    }

    /// What fetches the keys of outside issuers; somebody has to run it, beside the workers.
    pub fn issuer_keeper(&mut self) -> Option<IssuerKeeper> {
        self.issuers.take()
    }

    /// Starts the workers. Sockets that did not listen yet, since another process does on the same
    /// addresses, do from now on.
    pub fn run(self) -> Result<Running, BindError> {
        let mut workers = Vec::new();
        let (accepting, accepted) = mpsc::channel(1);
        let listeners = &self.shared.config.listeners;
        let sockets = sockets::share(listeners, &self.doors).map_err(BindError::Worker)?;
        let snapshot = self.shared.snapshot.load_full();
        self.shared.overseer.watch(snapshot.balancers());
        self.shared.metrics.keep(snapshot.routes.iter().map(|bound| bound.metrics()));
        let runtimes: Vec<Runtime> = self
            .doors
            .iter()
            .map(|_| runtime())
            .collect::<io::Result<_>>()
            .map_err(BindError::Worker)?;
        sockets::listen(listeners, &self.doors)?;
        for (number, (doors, runtime)) in self.doors.into_iter().zip(runtimes).enumerate() {
            let seed = u64::from_be_bytes(symbolon_core::random::bytes(&*self.shared.random));
            let worker = Worker::new(Arc::clone(&self.shared), self.log.logger(seed));
            let (drain, accepting) = (self.drain.subscribe(), accepting.clone());
            let thread = thread::Builder::new().name(format!("worker-{number}"));
            let run = move || {
                if let Err(error) = runtime.block_on(worker.run(doors, drain, accepting)) {
                    tracing::error!(%error, "worker ended");
                }
            };
            workers.push(thread.spawn(run).map_err(BindError::Worker)?);
        }
        let handle = Handle { shared: self.shared, drain: self.drain };
        Ok(Running { handle, log: self.log, workers, sockets, accepted })
    }
}

/// What a worker runs on.
fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().max_blocking_threads(MAX_BLOCKING_THREADS).enable_all().build()
}
