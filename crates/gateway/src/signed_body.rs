//! A request body of which the head says, signed, what its digest is: it is hashed as it passes.
//!
//! 1. Up to `buffer` bytes are read before anybody is asked ([`SignedBody::prepare`]). If the body
//!    is over by then, the service sees nothing of one that is not the signed one.
//! 2. Of a longer one, the last piece that came is held back until there is another or the end has
//!    been checked. So the service never sees the whole of a body that is not the signed one: the
//!    announced length is not reached, or the last chunk is missing.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use symbolon_core::http_signature::{BodyDigest, DigestCheck};

use crate::request_body::{RequestBody, RequestBodyError};

/// How a body is checked.
#[derive(Clone, Debug)]
pub(crate) struct BodyTerms {
    /// What it has to be.
    pub(crate) digest: BodyDigest,
    /// How many bytes of it are read before the service is asked.
    pub(crate) buffer: u64,
}

/// A body that is checked as it passes.
#[derive(Debug)]
pub(crate) struct SignedBody {
    inner: RequestBody,
    /// `None` once it was found to be the signed one.
    check: Option<DigestCheck>,
    /// What came and has not passed.
    held: VecDeque<Bytes>,
    held_bytes: u64,
    trailers: Option<HeaderMap>,
}

impl SignedBody {
    /// Checks `body` as these terms say.
    pub(crate) fn new(body: RequestBody, terms: &BodyTerms) -> Self {
        Self {
            inner: body,
            check: Some(terms.digest.check()),
            held: VecDeque::new(),
            held_bytes: 0,
            trailers: None,
        }
    }

    /// Reads until the body is over, or until so many bytes came.
    ///
    /// # Errors
    /// A body that is not the signed one, or that breaks off.
    pub(crate) async fn prepare(&mut self, bytes: u64) -> Result<(), RequestBodyError> {
        while self.check.is_some() && self.held_bytes < bytes {
            std::future::poll_fn(|cx| self.poll_more(cx)).await?;
        }
        Ok(())
    }

    /// Takes another piece in; once nothing more comes, the body was checked.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestBodyError>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx)).transpose()?;
        let Some(frame) = frame else { return Poll::Ready(self.finish()) };
        match frame.into_data() {
            Ok(data) => {
                if let Some(check) = &mut self.check {
                    check.update(&data);
                }
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
        match self.check.take() {
            Some(check) => check.finish().map_err(|_| {
                // Nothing of it passes any more.
                self.held.clear();
                self.trailers = None;
                RequestBodyError::NotTheSigned
            }),
            None => Ok(()),
        }
    }

    /// The next piece that may pass: all but the last until the end was checked.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        while self.check.is_some() && self.held.len() < 2 {
            if let Err(error) = ready!(self.poll_more(cx)) {
                return Poll::Ready(Some(Err(error)));
            }
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
        self.check.is_none() && self.held.is_empty() && self.trailers.is_none()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        let rest = if self.check.is_some() { self.inner.size_hint().exact() } else { Some(0) };
        match rest {
            // Trailers need a body in chunks.
            Some(rest) if self.trailers.is_none() => SizeHint::with_exact(rest + self.held_bytes),
            _ => SizeHint::default(),
        }
    }
}
