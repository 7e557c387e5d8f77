//! The request on its way up: head first, then the body as it comes, counted against its limit.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body as _;
use tokio::time::{Sleep, sleep};

use super::UpstreamError;
use super::connection::Connection;
use super::request_head::{self, Origin, RequestFraming};
use crate::config::Limits;
use crate::request_body::{RequestBody, RequestBodyError};
use crate::stage::Outbound;
use crate::trailers;

/// Up to this many bytes are gathered for one write.
const GATHER: usize = 16 * 1024;

/// What is still to be sent of a request.
pub(super) struct Upload {
    out: BytesMut,
    body: Option<RequestBody>,
    framing: RequestFraming,
    /// How many bytes of body may still come.
    budget: u64,
    /// How many bytes of body are still owed, where their number was announced.
    owed: Option<u64>,
    /// How many bytes the target has taken.
    sent: u64,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Upload {
    /// Head and body of a request.
    pub(super) fn new(
        outbound: &Outbound,
        origin: &Origin,
        body: RequestBody,
        limits: &Limits,
    ) -> Self {
        let admitted = outbound.permitted().identified().admitted();
        let framing = match body.size_hint().exact() {
            _ if body.is_end_stream() && is_bodyless(outbound) => RequestFraming::None,
            Some(length) => RequestFraming::Length(length),
            None => RequestFraming::Chunked,
        };
        let upload = Self {
            out: BytesMut::with_capacity(2048),
            body: (!body.is_end_stream()).then_some(body),
            framing,
            budget: admitted.body_limit(),
            owed: match framing {
                RequestFraming::Length(length) => Some(length),
                RequestFraming::None | RequestFraming::Chunked => None,
            },
            sent: 0,
            patience: limits.body_timeout,
            waiting: None,
        };
        upload.rewound(outbound, origin)
    }

    /// The same from its start; only for a request without body.
    pub(super) fn rewound(mut self, outbound: &Outbound, origin: &Origin) -> Self {
        self.out.clear();
        request_head::write(&mut self.out, outbound, origin, self.framing);
        self
    }

    /// Whether there is no body to send.
    pub(super) fn is_empty(&self) -> bool {
        self.body.is_none()
    }

    /// Whether everything was sent.
    pub(super) fn is_done(&self) -> bool {
        self.body.is_none() && self.out.is_empty()
    }

    /// Whether the target has taken all there is, and the downstream owes more.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some() && self.out.is_empty()
    }

    /// How many bytes the target has taken.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends as much as can be sent; ready when everything is.
    pub(super) fn poll(
        &mut self,
        connection: &mut Connection,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), UpstreamError>> {
        loop {
            let body = self.poll_gather(cx)?;
            while !self.out.is_empty() {
                let written = ready!(connection.poll_write(cx, &self.out));
                match written.map_err(UpstreamError::Io)? {
                    0 => return Poll::Ready(Err(UpstreamError::Closed)),
                    written => {
                        self.sent += written as u64;
                        self.out.advance(written);
                    }
                }
            }
            ready!(body);
            if self.body.is_none() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Forgets the rest: the target does not want it.
    pub(super) fn abandon(&mut self) {
        self.out.clear();
    }

    /// Takes what has come of the body; pending while there is nothing more right now.
    fn poll_gather(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), UpstreamError>> {
        while self.out.len() < GATHER {
            let Some(body) = &mut self.body else { break };
            match Pin::new(body).poll_frame(cx) {
                Poll::Pending => return self.poll_patience(cx),
                Poll::Ready(Some(Ok(frame))) => {
                    self.waiting = None;
                    match frame.into_data() {
                        Ok(data) => self.push(&data)?,
                        Err(frame) => {
                            let trailers = frame.into_trailers().unwrap_or_default();
                            self.finish(&trailers)?;
                        }
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(UpstreamError::Downstream(error)));
                }
                Poll::Ready(None) => self.finish(&HeaderMap::new())?,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), UpstreamError>> {
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(UpstreamError::UploadTimeout))
    }

    fn push(&mut self, data: &Bytes) -> Result<(), UpstreamError> {
        let length = data.len() as u64;
        self.budget = self.budget.checked_sub(length).ok_or(UpstreamError::BodyTooLarge)?;
        if let Some(owed) = &mut self.owed {
            *owed = owed.checked_sub(length).ok_or(UpstreamError::BodyTooLarge)?;
        }
        if data.is_empty() {
            return Ok(());
        }
        if self.framing == RequestFraming::Chunked {
            self.out.put_slice(format!("{length:x}\r\n").as_bytes());
            self.out.put_slice(data);
            self.out.put_slice(b"\r\n");
        } else {
            self.out.put_slice(data);
        }
        Ok(())
    }

    /// The body is over. What is still owed then would be taken out of the next request.
    fn finish(&mut self, came: &HeaderMap) -> Result<(), UpstreamError> {
        if self.owed.is_some_and(|owed| owed > 0) {
            return Err(UpstreamError::Downstream(RequestBodyError::EndedEarly));
        }
        self.body = None;
        self.waiting = None;
        if self.framing != RequestFraming::Chunked {
            return Ok(());
        }
        self.out.put_slice(b"0\r\n");
        for (name, value) in came.iter().filter(|(name, _)| trailers::is_request_trailer(name)) {
            self.out.put_slice(name.as_str().as_bytes());
            self.out.put_slice(b": ");
            self.out.put_slice(value.as_bytes());
            self.out.put_slice(b"\r\n");
        }
        self.out.put_slice(b"\r\n");
        Ok(())
    }
}

/// Methods for which an absent body is not announced (RFC 9110 section 8.6).
fn is_bodyless(outbound: &Outbound) -> bool {
    let method = outbound.permitted().identified().admitted().matched().clean().method();
    !matches!(*method, http::Method::POST | http::Method::PUT | http::Method::PATCH)
}
