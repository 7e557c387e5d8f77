//! The gateway as a whole: bound first, then run, reloaded while it runs, drained at the end.

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
use symbolon_core::mark::MarkKey;
use symbolon_store::audit::Observer;
use symbolon_store::keys::Keys;
use symbolon_store::{Clients, Clock, Passwords, Sessions};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use crate::access_log::AccessLogWriter;
use crate::authenticator::Authenticators;
use crate::balance::{Overseer, Registry};
use crate::config::{Config, Routing};
use crate::descriptors;
use crate::drain::Drain;
use crate::explain::{self, Question, QuestionError};
use crate::metrics::Metrics;
use crate::replay::Replays;
use crate::route_table::RouteConflict;
use crate::snapshot::Snapshot;
use crate::tls::{ReadFile, ServerTls};
use crate::trace::{SpanExporter, Tracer};
use crate::worker::{Shared, Worker};

pub use running::Running;
pub use sockets::Inherited;

pub(crate) use sockets::Door;

/// The most threads of each worker for what blocks: names of targets that are looked up, passwords
/// that are hashed.
const MAX_BLOCKING_THREADS: usize = 16;

/// What the gateway works with and does not own.
pub struct Parts {
    /// Sessions.
    pub sessions: Arc<Sessions>,
    /// Signing keys.
    pub keys: Arc<Keys>,
    /// Clients that are registered while the system runs.
    pub clients: Arc<Clients>,
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
    drain: Drain,
}

/// A way to a running gateway.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
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
        let authenticators = Authenticators::default();
        let replays = Replays::new(&*parts.random);
        let snapshot = Snapshot::build(routing, &metrics, (&registry, &authenticators), None);
        let snapshot = snapshot.map_err(BindError::Routes)?;
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
        let drain = Drain::default();
        Ok(Self { shared: Arc::new(shared), log, addresses, doors, spans, drain })
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

impl Handle {
    /// Swaps routes, services and clients as one; on a conflict the old ones stay.
    pub fn reload(&self, routing: Routing) -> Result<(), Vec<RouteConflict>> {
        let Shared { snapshot: current, metrics, registry, authenticators, clients, .. } =
            &*self.shared;
        let kept = (registry, authenticators);
        match Snapshot::build(routing, metrics, kept, Some(&current.load())) {
            Ok(snapshot) => {
                self.shared.overseer.watch(snapshot.balancers());
                let snapshot = Arc::new(snapshot);
                current.store(Arc::clone(&snapshot));
                clients.set_file(&snapshot.clients);
                metrics.keep(snapshot.routes.iter().map(|bound| bound.metrics()));
                authenticators.forget_unused();
                metrics.reloaded("applied");
                Ok(())
            }
            Err(conflicts) => {
                self.reload_refused();
                Err(conflicts)
            }
        }
    }

    /// Explains what would become of a request, without any of it happening.
    ///
    /// # Errors
    /// [`QuestionError`].
    pub async fn explain(&self, question: Question) -> Result<serde_json::Value, QuestionError> {
        explain::explain(&self.shared, question).await
    }

    /// Reads the certificates of all listeners again. Where one is broken, the old ones of that
    /// listener stay, and the log says so.
    pub fn reload_certificates(&self) {
        for listener in &self.shared.config.listeners {
            let Some(tls) = &listener.tls else { continue };
            let address = listener.address;
            let outcome = match tls.reload(self.shared.clock.now()) {
                Ok(()) => {
                    tracing::info!(%address, "certificates reloaded");
                    self.shared.metrics.arrivals.certificates_serve(tls);
                    "applied"
                }
                Err(error) => {
                    tracing::error!(%address, %error, "certificates not reloaded, the old ones stay");
                    "refused"
                }
            };
            self.shared.metrics.arrivals.certificates_reloaded(outcome);
        }
    }

    /// The files that the listeners' certificates are made of.
    pub fn certificate_files(&self) -> Vec<ReadFile> {
        let tls = self.shared.config.listeners.iter().filter_map(|listener| listener.tls.as_ref());
        tls.flat_map(ServerTls::files).collect()
    }

    /// Counts a reload that failed before it came here.
    pub fn reload_refused(&self) {
        self.shared.metrics.reloaded("refused");
    }

    /// The meters as Prometheus text.
    pub fn metrics_text(&self) -> String {
        let snapshot = self.shared.snapshot.load_full();
        self.shared.metrics.text(|meters| {
            snapshot.services.iter().for_each(|service| meters.tell(&service.balancer));
        })
    }
}
