//! One connection from a downstream, from its first byte to its end, whatever it speaks.
//!
//! 1. The protocol comes from whoever accepted the connection: TLS knows it from ALPN, a plain
//!    listener takes either (RFC 9113 section 3.3, prior knowledge).
//! 2. Telling them apart costs HTTP/1.1 nothing: its parser runs at once, and only the bytes that
//!    it cannot mean, the preface of HTTP/2, hand the connection over.
//! 3. Both lead every request to the same `handle`.

mod calm;
mod frames;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod h1;
mod h2;
mod preface;

mod standing;
mod streams;
mod watched;
mod windows;

use std::sync::Arc;

use crate::downstream::Downstream;
use crate::downstream_stream::DownstreamStream;
use crate::drain::Draining;
use crate::rewound::Rewound;
use crate::worker::Worker;

pub(crate) use h1::{Http1Body, judge};
pub(crate) use preface::Preface;

/// What a downstream speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
    /// Whichever it begins with.
    Either,
}

/// Serves a connection to its end.
pub(crate) async fn serve(
    worker: &Arc<Worker>,
    io: DownstreamStream,
    downstream: Arc<Downstream>,
    protocol: Protocol,
    drain: Draining,
) {
    let http2 = if protocol == Protocol::Http2 {
        Some(Rewound::new(io))
    } else {
        h1::serve(worker, io, &downstream, protocol, drain.clone()).await
    };
    if let Some(io) = http2 {
        // Boxed: its state would otherwise be part of every HTTP/1.1 connection's.
        Box::pin(h2::serve(worker, io, downstream, drain)).await;
    }
}
