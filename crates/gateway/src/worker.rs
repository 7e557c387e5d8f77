//! One worker: a thread with its own runtime, accept queue, pools and log buffer, so that a
//! request never crosses a thread.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use http::HeaderValue;
use symbolon_core::{Random, Timestamp};
use symbolon_store::keys::Keys;
use symbolon_store::{Clients, Clock, Passwords, Sessions};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, interval, sleep, timeout};

use crate::access_log::{AccessLogger, FLUSH_EVERY};
use crate::arrival::{Arrival, arrive};
use crate::authenticator::Authenticators;
use crate::balance::{Overseer, Registry};
use crate::config::{Config, Listener};
use crate::descriptors::Descriptor;
use crate::downstream_stream::{DownstreamStream, Place};
use crate::drain::{Accepting, Draining};
use crate::event::Event;
use crate::gateway::Door;
use crate::keepalive;
use crate::metrics::Metrics;
use crate::replay::Replays;
use crate::serving;
use crate::snapshot::Snapshot;
use crate::trace::Tracer;
use crate::upstream::Pool;

/// How often kept connections are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How long a worker waits after an `accept` that failed for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The shortest time between two warnings about it.
const WARN_EVERY: Duration = Duration::from_secs(1);

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) auth: Option<Router>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tracer: Option<Arc<Tracer>>,
    pub(crate) session_cookie: Arc<str>,
    pub(crate) forget_cookie: HeaderValue,
    pub(crate) registry: Registry,
    pub(crate) authenticators: Authenticators,
    pub(crate) replays: Replays,
    pub(crate) overseer: Overseer,
}

/// A worker's own state.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Arc<Pool>,
    /// Room for connections, and for what one of them does at the same time over HTTP/2.
    pub(crate) slots: Arc<Semaphore>,
    logger: AccessLogger,
    /// Begins every request id of this worker.
    prefix: String,
    requests: AtomicU64,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, logger: AccessLogger) -> Arc<Self> {
        let prefix = u64::from_be_bytes(symbolon_core::random::bytes(&*shared.random));
        let prefix = format!("{prefix:016x}-");
        let slots = Arc::new(Semaphore::new(shared.config.limits.connections));
        let (pool, requests) = (Arc::default(), AtomicU64::new(0));
        shared.registry.add_pool(&pool);
        Arc::new(Self { shared, pool, slots, logger, prefix, requests })
    }

    /// Accepts on all listeners until told to drain, then waits for what is under way.
    pub(crate) async fn run(
        self: Arc<Self>,
        doors: Vec<Door>,
        drain: Draining,
        still_accepting: Accepting,
    ) -> io::Result<()> {
        let slots = Arc::clone(&self.slots);
        let upkeep = tokio::spawn(Arc::clone(&self).upkeep());
        let mut accepting = Vec::new();
        for Door { socket, listener } in doors {
            let Some(listener) = self.shared.config.listeners.get(listener) else { continue };
            let listener = (TcpListener::from_std(socket)?, Arc::new(listener.clone()));
            let (worker, slots, drain) = (Arc::clone(&self), Arc::clone(&slots), drain.clone());
            accepting.push(tokio::spawn(worker.accept(listener, slots, drain)));
        }
        for task in accepting {
            // A task that panicked accepts nothing more, which is what draining means.
            let _ = task.await;
        }
        drop(still_accepting);
        let limits = &self.shared.config.limits;
        let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
        if timeout(limits.drain, slots.acquire_many(all)).await.is_err() {
            tracing::warn!("connections were still open at the end of the drain time");
        }
        upkeep.abort();
        self.logger.flush();
        Ok(())
    }

    async fn accept(
        self: Arc<Self>,
        (socket, listener): (TcpListener, Arc<Listener>),
        slots: Arc<Semaphore>,
        mut drain: Draining,
    ) {
        let mut warned = None;
        loop {
            let accepted = async {
                // The semaphore is never closed.
                let slot = Arc::clone(&slots).acquire_owned().await.map_err(io::Error::other)?;
                let descriptor = loop {
                    match Descriptor::of_a_client() {
                        Some(descriptor) => break descriptor,
                        None if self.pool.make_room() => {}
                        None => sleep(ACCEPT_PAUSE).await,
                    }
                };
                socket.accept().await.map(|accepted| (slot, descriptor, accepted))
            };
            let accepted = tokio::select! {
                accepted = accepted => accepted,
                () = drain.began() => return,
            };
            match accepted {
                Ok((slot, descriptor, (stream, peer))) => {
                    // The place is taken before the handshake, which may take its time.
                    let gauge = self.shared.metrics.connections.clone();
                    let place = Place::new(slot, descriptor, gauge);
                    let (worker, listener) = (Arc::clone(&self), Arc::clone(&listener));
                    tokio::spawn(worker.serve((stream, peer), listener, place, drain.clone()));
                }
                Err(error) => {
                    if warned.is_none_or(|at: Instant| at.elapsed() > WARN_EVERY) {
                        warned = Some(Instant::now());
                        tracing::warn!(%error, "cannot accept a connection");
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn serve(
        self: Arc<Self>,
        (stream, peer): (TcpStream, SocketAddr),
        listener: Arc<Listener>,
        place: Place,
        drain: Draining,
    ) {
        // Small answers must not wait for Nagle; where that fails they are only slower.
        let _ = stream.set_nodelay(true);
        keepalive::watch_client(&stream, self.shared.config.limits.body_timeout);
        let Some(arrival) = arrive(stream, peer, &listener, &self.shared).await else { return };
        let Arrival { socket, protocol, downstream } = arrival;
        let limits = &self.shared.config.limits;
        let stream = DownstreamStream::new(socket, limits.body_timeout, place);
        serving::serve(&self, stream, Arc::new(downstream), protocol, drain).await;
    }

    /// What happens beside requests, for as long as the worker runs.
    async fn upkeep(self: Arc<Self>) {
        let (mut flush, mut sweep) = (interval(FLUSH_EVERY), interval(SWEEP_EVERY));
        loop {
            tokio::select! {
                _ = flush.tick() => self.logger.flush(),
                _ = sweep.tick() => self.pool.sweep(),
            }
        }
    }

    pub(crate) fn begin_event(&self, peer: SocketAddr, now: Timestamp) -> Event {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let mut request_id = String::with_capacity(40);
        request_id.push_str(&self.prefix);
        request_id.push_str(itoa::Buffer::new().format(number));
        let (logger, metrics) = (self.logger.clone(), Arc::clone(&self.shared.metrics));
        Event::begin(request_id.into(), now, peer, logger, metrics)
    }
}
