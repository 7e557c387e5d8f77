//! The admin listener: health, readiness, metrics and explanations. Never on a public listener.
//!
//! 1. It answers only where `Host` is `localhost` or an IP address: a page on a foreign name that
//!    was made to resolve to this machine (DNS rebinding) gets nothing.
//! 2. Nothing here changes anything.

mod explain;
mod host;
mod metrics;
mod process;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State as Extract};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use symbolon_gateway::Handle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::services::Services;

/// The longest wait for the store when readiness is asked for.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether new requests are welcome.
pub(crate) type Readiness = Arc<Ready>;

/// See [`Readiness`].
#[derive(Debug, Default)]
pub(crate) struct Ready(AtomicBool);

/// What the endpoints look at.
#[derive(Clone)]
pub(crate) struct State {
    services: Services,
    gateway: Handle,
    readiness: Readiness,
}

/// A bound admin listener.
#[derive(Debug)]
pub(crate) struct AdminListener {
    listener: TcpListener,
    /// The address that was asked for, perhaps with port 0.
    wanted: SocketAddr,
    address: SocketAddr,
}

impl Ready {
    pub(crate) fn set(&self, is_ready: bool) {
        self.0.store(is_ready, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl State {
    pub(crate) fn new(services: Services, gateway: Handle, readiness: Readiness) -> Self {
        Self { services, gateway, readiness }
    }
}

impl AdminListener {
    pub(crate) async fn bind(wanted: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(wanted).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, wanted, address })
    }

    /// Takes over the listener of a process that this one replaces, if that is where the
    /// configuration wants it.
    pub(crate) async fn inherit(
        wanted: SocketAddr,
        (was_wanted, listener): (SocketAddr, std::net::TcpListener),
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        if wanted != was_wanted && wanted != address {
            return Self::bind(wanted).await;
        }
        listener.set_nonblocking(true)?;
        Ok(Self { listener: TcpListener::from_std(listener)?, wanted, address })
    }

    /// Another descriptor of it, with the address that was asked for.
    pub(crate) fn share(&self) -> io::Result<(SocketAddr, std::net::TcpListener)> {
        Ok((self.wanted, self.listener.as_fd().try_clone_to_owned()?.into()))
    }

    /// The bound address, with the port that the system chose.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the future is dropped; once another process answers (`left`), only what is
    /// under way.
    pub(crate) async fn run(self, state: State, mut left: watch::Receiver<bool>) {
        let left = async move { drop(left.wait_for(|left| *left).await) };
        let serve = axum::serve(self.listener, router(state)).with_graceful_shutdown(left);
        if let Err(error) = serve.await {
            tracing::error!(%error, "the admin listener failed");
        }
    }
}

fn router(state: State) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(show_metrics))
        .route("/v1/explain", post(explain::explain))
        .layer(DefaultBodyLimit::max(explain::MAX_BYTES))
        .layer(from_fn(host::check))
        .with_state(state)
}

/// The process is alive; nothing else is said.
async fn health() -> &'static str {
    "ok\n"
}

/// Whether requests are welcome and the store answers.
async fn ready(Extract(state): Extract<State>) -> impl IntoResponse {
    if !state.readiness.is_set() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not serving\n");
    }
    let answer = timeout(STORE_TIMEOUT, state.services.core.list_accounts(None, 1)).await;
    match answer {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "store does not answer\n"),
    }
}

async fn show_metrics(Extract(state): Extract<State>) -> impl IntoResponse {
    let text = metrics::text(&state.services, &state.gateway);
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text)
}
