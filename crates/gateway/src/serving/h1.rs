//! HTTP/1.1 from a downstream.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Protocol;
use super::rewound::Rewound;
use crate::body::GatewayBody;
use crate::downstream::Downstream;
use crate::drain::Draining;
use crate::handle::handle;
use crate::patience::PatientTimer;
use crate::request_body::RequestBody;
use crate::worker::Worker;

/// The smallest read buffer that hyper takes, in bytes.
const MIN_HEAD_BYTES: usize = 8192;
/// The most header fields that hyper takes by itself; another bound costs it an allocation.
const HYPER_HEADERS: usize = 100;

/// Serves it to its end; gives it back where it begins as HTTP/2 does and may.
pub(super) async fn serve<I>(
    worker: &Arc<Worker>,
    io: I,
    downstream: &Downstream,
    protocol: Protocol,
    mut drain: Draining,
) -> Option<Rewound<I>>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let peer = downstream.peer;
    let limits = &worker.shared.config.limits;
    let is_fresh = AtomicBool::new(true);
    let service = service_fn(|request: Request<Incoming>| {
        is_fresh.store(false, Ordering::Relaxed);
        let worker = Arc::clone(worker);
        async move {
            let mut response = handle(&worker, downstream, request.map(RequestBody::http1)).await;
            if worker.shared.is_leaving.load(Ordering::Relaxed) {
                say_last(&mut response);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(PatientTimer)
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.head_bytes.max(MIN_HEAD_BYTES))
        .half_close(false);
    if limits.header_count != HYPER_HEADERS {
        http.max_headers(limits.header_count);
    }
    let mut connection = http.serve_connection(TokioIo::new(io), service).with_upgrades();
    let ended = tokio::select! {
        ended = &mut connection => ended,
        // Who may have a request under way to us is not hung up on for another process's sake: the
        // next answer says that it is the last.
        () = drain.ended() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    let error = ended.err()?;
    let is_http2 = error.is_parse_version_h2() && is_fresh.load(Ordering::Relaxed);
    if is_http2 && protocol == Protocol::Either {
        let parts = connection.into_parts()?;
        return Some(Rewound::with(parts.io.into_inner(), parts.read_buf));
    }
    if error.is_parse() {
        worker.unreadable(peer, &error);
    }
    tracing::debug!(%peer, error = symbolon_core::error::chain(&error), "connection ended");
    None
}

/// Says that nothing more is answered on this connection (RFC 9112 section 9.6).
fn say_last(response: &mut Response<GatewayBody>) {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
}
