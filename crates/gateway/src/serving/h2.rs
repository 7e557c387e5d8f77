//! HTTP/2 from a downstream (RFC 9113), and what keeps one connection from taking more than its
//! share (docs/http2.md lists bound by bound).

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

use super::standing::Standing;
use super::streams::{self, Streams, WatchedBody};
use super::watched::Watched;
use crate::config::Limits;
use crate::downstream::Downstream;
use crate::drain::Draining;
use crate::handle::handle;
use crate::head;
use crate::patience::PatientTimer;
use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBody;
use crate::rewound::Rewound;
use crate::upgrade::Upgrade;
use crate::worker::Worker;

/// How much of a request body may be under way, per stream, in bytes.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The same for all streams of a connection together.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// How much of an answer waits for its window, per stream, in bytes.
const MAX_SEND_BUFFER: usize = 64 * 1024;
/// How many streams may be reset before they were looked at (CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 20;
/// Within which time a request that is cancelled was asked for to be cancelled. Whoever waits
/// longer has no more requests under way than streams, and may have a deadline.
const RAPID: Duration = Duration::from_millis(500);
/// How many streams we may have to reset for mistakes of the client (CVE-2025-8671).
const MAX_ERROR_RESETS: usize = 100;
/// How long an idle connection may take to part after it was told to (GOAWAY).
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// Serves it to its end.
pub(super) async fn serve<I>(
    worker: &Arc<Worker>,
    io: Rewound<I>,
    downstream: Arc<Downstream>,
    mut drain: Draining,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let peer = downstream.peer;
    let limits = worker.shared.config.limits;
    let standing = Arc::new(Standing::new());
    let service = service_fn(|request: Request<Incoming>| {
        answer(Arc::clone(worker), Arc::clone(&downstream), request, Arc::clone(&standing))
    });
    let (metrics, patience) = (Arc::clone(&worker.shared.metrics), limits.body_timeout);
    let watched = TokioIo::new(Watched::new(io, &metrics));
    let streams = Streams { standing: Arc::clone(&standing), patience, metrics };
    let http = builder(streams, &limits);
    let mut connection = pin!(http.serve_connection(watched, service));
    let mut is_leaving = false;
    // Set once nobody is waited for any more.
    let mut until = None;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = standing.exhausted() => {
                tracing::debug!(%peer, "too many requests were cancelled");
                worker.shared.metrics.http2_cut("cancelled");
                return;
            }
            () = drain.began(), if !is_leaving => is_leaving = true,
            () = standing.idle(limits.head_timeout), if until.is_none() => {
                is_leaving = true;
                until = Some(Instant::now() + LEAVE_WITHIN);
            }
            () = over(until) => return,
        }
        connection.as_mut().graceful_shutdown();
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, error = symbolon_core::error::chain(&error), "connection ended");
    }
}

fn builder(streams: Streams, limits: &Limits) -> http2::Builder<Streams> {
    // Whoever is silent is asked half way through the patience, and has the other half to answer.
    let half = limits.body_timeout / 2;
    let mut http = http2::Builder::new(streams);
    http.timer(PatientTimer)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_ERROR_RESETS)
        .keep_alive_interval(half)
        .keep_alive_timeout(half)
        .enable_connect_protocol();
    http
}

async fn answer(
    worker: Arc<Worker>,
    downstream: Arc<Downstream>,
    mut request: Request<Incoming>,
    standing: Arc<Standing>,
) -> Result<Response<WatchedBody>, h2::Error> {
    if standing.open() > 1 {
        // One client must not have the sockets of many: each stream may need one to a service.
        let Ok(slot) = Arc::clone(&worker.slots).try_acquire_owned() else {
            return Err(refused(&worker, downstream.peer));
        };
        streams::occupy(slot);
    }
    let mut cancelled = Cancelled::unless_answered(standing);
    let is_head = request.method() == Method::HEAD;
    let upgrade = (request.method() == Method::CONNECT)
        .then(|| Upgrade::Http2(hyper::upgrade::on(&mut request)));
    let now = worker.shared.clock.now();
    let (head, body) = head::of_http2(request, &*worker.shared.random);
    let response =
        handle(&worker, (&downstream, now), head, RequestBody::Http2(body), upgrade).await;
    cancelled.is_not();
    Ok(response.map(|body| WatchedBody::new(body, is_head)))
}

/// The client may ask again (RFC 9113 section 8.7).
fn refused(worker: &Worker, peer: SocketAddr) -> h2::Error {
    worker.shared.metrics.http2_cut("refused");
    let mut event = worker.begin_event(peer, worker.shared.clock.now());
    event.rejected(Rejection::new(Reason::Unavailable, "too many streams and connections"));
    h2::Reason::REFUSED_STREAM.into()
}

async fn over(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Counts a request as cancelled unless it was answered, or its client had waited.
struct Cancelled {
    standing: Option<Arc<Standing>>,
    since: Instant,
}

impl Cancelled {
    fn unless_answered(standing: Arc<Standing>) -> Self {
        Self { standing: Some(standing), since: Instant::now() }
    }

    fn is_not(&mut self) {
        if let Some(standing) = self.standing.take() {
            standing.ended(false);
        }
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        if let Some(standing) = self.standing.take()
            && self.since.elapsed() < RAPID
        {
            standing.ended(true);
        }
    }
}
