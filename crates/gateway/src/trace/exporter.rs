//! Spans on their way to the collector: in batches, over OTLP/HTTP, away from the workers.
//!
//! A collector that is away costs spans, never requests: a batch is offered [`ATTEMPTS`] times
//! and dropped then; all that is dropped is counted (`symbolon_trace_spans_dropped_total`).

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::otlp;
use crate::config::Tracing;
use crate::look_up;

/// The most spans of one batch.
const BATCH: usize = 512;
/// How long a batch is gathered.
const GATHER: Duration = Duration::from_secs(1);
/// How often a batch is offered.
const ATTEMPTS: u32 = 3;
/// The wait before it is offered again; doubles.
const BACK_OFF: Duration = Duration::from_millis(500);
/// The longest that one offer takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer of a collector that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Sends spans to the collector until the end.
pub struct SpanExporter {
    tracing: Tracing,
    spans: mpsc::Receiver<String>,
    dropped: Counter,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("cannot reach the collector")]
    Connect(#[from] std::io::Error),
    #[error("the connection to the collector failed")]
    Http(#[from] hyper::Error),
    #[error("the request to the collector cannot be made")]
    Request(#[from] http::Error),
    #[error("the collector took longer than {} s", PATIENCE.as_secs())]
    Timeout,
    #[error("the collector answered {0}")]
    Refused(StatusCode),
}

impl SpanExporter {
    pub(super) fn new(tracing: Tracing, spans: mpsc::Receiver<String>, dropped: Counter) -> Self {
        Self { tracing, spans, dropped }
    }

    /// Runs until told to stop; what waits by then is offered once more.
    pub async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_over = false;
        while !is_over {
            tokio::select! {
                received = self.spans.recv_many(&mut batch, BATCH) => if received == 0 { return },
                _ = shutdown.wait_for(|shutdown| *shutdown) => is_over = true,
            }
            self.gather(&mut batch, is_over).await;
            self.offer(&batch, if is_over { 1 } else { ATTEMPTS }).await;
            batch.clear();
        }
    }

    /// Adds what comes within the time for gathering, or what is at hand at the end.
    async fn gather(&mut self, batch: &mut Vec<String>, is_over: bool) {
        let wait = if is_over { Duration::ZERO } else { GATHER };
        // Running out of time is how gathering ends.
        let _ = timeout(wait, async {
            while batch.len() < BATCH {
                let room = BATCH - batch.len();
                if self.spans.recv_many(batch, room).await == 0 {
                    return;
                }
            }
        })
        .await;
    }

    async fn offer(&self, batch: &[String], attempts: u32) {
        if batch.is_empty() {
            return;
        }
        let body = Bytes::from(otlp::export(&self.tracing.service_name, batch));
        for attempt in 1..=attempts {
            let error = match timeout(PATIENCE, self.post(body.clone())).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error,
                Err(_) => ExportError::Timeout,
            };
            if attempt == attempts || !error.may_pass() {
                self.dropped.inc_by(batch.len() as u64);
                let error = symbolon_core::error::chain(&error);
                tracing::warn!(spans = batch.len(), error, "spans were dropped");
                return;
            }
            sleep(BACK_OFF * 2_u32.pow(attempt - 1)).await;
        }
    }

    async fn post(&self, body: Bytes) -> Result<(), ExportError> {
        let stream = look_up::connect(&self.tracing.authority).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the sender; its error is the request's error as well.
        let connection = tokio::spawn(connection);
        let request = Request::post(&*self.tracing.path)
            .header(header::HOST, &*self.tracing.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        // Read to its end, so that the collector is not cut off while it answers.
        let _ = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        connection.abort();
        if status.is_success() { Ok(()) } else { Err(ExportError::Refused(status)) }
    }
}

impl ExportError {
    /// Whether it is worth another try (OTLP specification, "Retryable Response Codes").
    fn may_pass(&self) -> bool {
        match self {
            Self::Refused(status) => matches!(status.as_u16(), 429 | 502 | 503 | 504),
            Self::Request(_) => false,
            Self::Connect(_) | Self::Http(_) | Self::Timeout => true,
        }
    }
}
