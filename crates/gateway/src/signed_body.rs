//! A request body of which the head says, signed, what its digest is: it is hashed as it passes.
//!
//! 1. Up to `buffer` bytes are read before anybody is asked ([`checked`]). If the body
//!    is over by then, the service sees nothing of one that is not the signed one.
//! 2. Of a longer one, the last piece that came is held back until there is another or the end has
//!    been checked. So the service never sees the whole of a body that is not the signed one: the
//!    announced length is not reached, or the last chunk is missing.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use parking_lot::Mutex;
use symbolon_core::http_signature::{self, BodyDigest, DigestCheck};
use tokio::time::timeout;

use crate::authenticator::{Failed, Failure};
use crate::config::Limits;
use crate::rejection::Rejection;
use crate::request_body::{RequestBody, RequestBodyError};
use crate::stage::Outbound;
use crate::upstream::UpstreamError;

/// How a body is checked.
#[derive(Clone, Debug)]
pub(crate) struct BodyTerms {
    /// What it has to be.
    pub(crate) digest: BodyDigest,
    /// How many bytes of it are read before the service is asked.
    pub(crate) buffer: u64,
}

/// What credentials say of a body. Where there are several, all have to be right.
#[derive(Debug, Default)]
pub(crate) struct Demands(Mutex<Vec<Demand>>);

#[derive(Clone, Debug)]
struct Demand {
    terms: BodyTerms,
    authenticator: Arc<str>,
    challenge: &'static str,
}

impl Demands {
    /// Another one, by an authenticator with this challenge.
    pub(crate) fn demand(&self, terms: BodyTerms, by: &Arc<str>, challenge: &'static str) {
        self.0.lock().push(Demand { terms, authenticator: Arc::clone(by), challenge });
    }
}

/// The body of a request, as it may go to the service.
///
/// # Errors
/// A body that is read whole and is not the signed one, is too long, or does not come.
pub(crate) async fn checked(
    body: RequestBody,
    outbound: &Outbound,
    limits: &Limits,
) -> Result<RequestBody, Rejection> {
    let identified = outbound.permitted().identified();
    let demands = identified.demands().0.lock().clone();
    if demands.is_empty() {
        return Ok(body);
    }
    let buffer = demands.iter().map(|demand| demand.terms.buffer).max().unwrap_or(0);
    let body_limit = identified.admitted().body_limit();
    let mut signed = SignedBody::new(body, demands);
    while !signed.is_checked() && signed.held_bytes < buffer {
        let piece = poll_fn(|cx| signed.poll_more(cx));
        timeout(limits.body_timeout, piece)
            .await
            .map_err(|_| UpstreamError::UploadTimeout)
            .and_then(|read| read.map_err(UpstreamError::Downstream))
            .map_err(|error| error.into_rejection(""))?;
        if signed.held_bytes > body_limit {
            return Err(UpstreamError::BodyTooLarge.into_rejection(""));
        }
    }
    Ok(RequestBody::Signed(Box::new(signed)))
}

/// A body that is checked as it passes.
#[derive(Debug)]
pub(crate) struct SignedBody {
    inner: RequestBody,
    /// None any more once it was found to be the signed one.
    checks: Vec<(DigestCheck, Demand)>,
    /// What came and has not passed.
    held: VecDeque<Bytes>,
    held_bytes: u64,
    trailers: Option<HeaderMap>,
    /// Whether it was not the signed one.
    has_failed: bool,
}

impl SignedBody {
    fn new(body: RequestBody, demands: Vec<Demand>) -> Self {
        let checks = demands.into_iter().map(|demand| (demand.terms.digest.check(), demand));
        Self {
            inner: body,
            checks: checks.collect(),
            held: VecDeque::new(),
            held_bytes: 0,
            trailers: None,
            has_failed: false,
        }
    }

    fn is_checked(&self) -> bool {
        self.checks.is_empty()
    }

    /// Takes another piece in; once nothing more comes, the body was checked.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestBodyError>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx)).transpose()?;
        let Some(frame) = frame else { return Poll::Ready(self.finish()) };
        match frame.into_data() {
            Ok(data) => {
                self.checks.iter_mut().for_each(|(check, _)| check.update(&data));
                if !data.is_empty() {
                    self.held_bytes += data.len() as u64;
                    self.held.push_back(data);
                }
                if self.inner.is_end_stream() {
                    return Poll::Ready(self.finish());
                }
            }
            Err(frame) => {
                self.trailers = frame.into_trailers().ok();
                return Poll::Ready(self.finish());
            }
        }
        Poll::Ready(Ok(()))
    }

    fn finish(&mut self) -> Result<(), RequestBodyError> {
        for (check, demand) in std::mem::take(&mut self.checks) {
            if let Err(failure) = check.finish() {
                // Nothing of it passes any more, and it has no end.
                self.has_failed = true;
                self.held.clear();
                self.trailers = None;
                return Err(RequestBodyError::NotTheSigned(Box::new(demand.failed(&failure))));
            }
        }
        Ok(())
    }

    /// The next piece that may pass: all but the last until the end was checked.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        while !self.is_checked() && self.held.len() < 2 {
            if let Err(error) = ready!(self.poll_more(cx)) {
                return Poll::Ready(Some(Err(error)));
            }
        }
        if self.has_failed {
            return Poll::Ready(Some(Err(RequestBodyError::EndedEarly)));
        }
        Poll::Ready(match self.held.pop_front() {
            Some(data) => {
                self.held_bytes = self.held_bytes.saturating_sub(data.len() as u64);
                Some(Ok(Frame::data(data)))
            }
            None => self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))),
        })
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        !self.has_failed && self.is_checked() && self.held.is_empty() && self.trailers.is_none()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        let rest = if self.is_checked() { Some(0) } else { self.inner.size_hint().exact() };
        match rest {
            // Trailers need a body in chunks.
            Some(rest) if self.trailers.is_none() => SizeHint::with_exact(rest + self.held_bytes),
            _ => SizeHint::default(),
        }
    }
}

impl Demand {
    fn failed(self, failure: &http_signature::Failure) -> Failed {
        Failed {
            authenticator: self.authenticator,
            challenge: self.challenge,
            failure: Failure::new(failure.code(), failure.to_string()),
            is_session: false,
        }
    }
}
