//! One request and its answer over one connection; both directions move at the same time.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Method;

use super::UpstreamError;
use super::connection::Connection;
use super::response_head::{self, ResponseHead, Search};
use super::upload::Upload;
use crate::balance::Lease;

/// The most interim (1xx) answers before a final one.
const MAX_INTERIM: u32 = 16;

/// A request under way.
pub(super) struct Exchange {
    connection: Connection,
    upload: Upload,
    method: Method,
    interim: u32,
    search: Search,
    broken: bool,
    lease: Lease,
}

impl Exchange {
    pub(super) fn new(connection: Connection, upload: Upload, method: Method) -> Box<Self> {
        let lease = Lease::default();
        Box::new(Self {
            connection,
            upload,
            method,
            interim: 0,
            search: Search::default(),
            broken: false,
            lease,
        })
    }

    /// Holds something until the answer is over.
    pub(super) fn hold(&mut self, lease: Lease) {
        self.lease = lease;
    }

    /// The head of the final answer, at most `patience` after the last progress of the request.
    pub(super) async fn response_head(
        &mut self,
        patience: Duration,
    ) -> Result<ResponseHead, UpstreamError> {
        // The first piece sent is the head, from which the time counts.
        let mut sent = 0;
        self.connection.be_patient(patience);
        poll_fn(|cx| {
            if let Poll::Ready(head) = self.poll_response_head(cx) {
                return Poll::Ready(head);
            }
            if self.upload.sent() != sent {
                sent = self.upload.sent();
                self.connection.be_patient(patience);
            }
            while self.connection.poll_patience(cx).is_ready() {
                // A target that was not sent everything yet owes nobody an answer.
                if !self.upload.is_waiting() {
                    return Poll::Ready(Err(UpstreamError::ResponseTimeout));
                }
                self.connection.be_patient(patience);
            }
            Poll::Pending
        })
        .await
    }

    /// Whoever was waited for when the time was over: it may have been the downstream.
    pub(super) fn blame(&self, error: UpstreamError) -> UpstreamError {
        match error {
            UpstreamError::ResponseTimeout if self.upload.is_waiting() => {
                UpstreamError::UploadTimeout
            }
            error => error,
        }
    }

    /// Whether request and connection are in a state in which another request can follow.
    pub(super) fn is_clean(&self) -> bool {
        !self.broken && self.upload.is_done() && self.connection.read.is_empty()
    }

    /// How many bytes of the answer were read and not yet used.
    pub(super) fn has_read(&self) -> usize {
        self.connection.read.len()
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// What a tunnel needs, and what it holds as long as it lives.
    pub(super) fn into_tunnel(self) -> (Connection, Lease) {
        (self.connection, self.lease)
    }

    pub(super) fn into_upload(self) -> Upload {
        self.upload
    }

    /// Goes on sending while the answer is read.
    ///
    /// A target that stops reading may still have something to say (RFC 9112 section 9.5), so
    /// only the downstream's failures end the exchange here.
    pub(super) fn poll_upload(&mut self, cx: &mut Context<'_>) -> Result<(), UpstreamError> {
        if self.broken || self.upload.is_done() {
            return Ok(());
        }
        match self.upload.poll(&mut self.connection, cx) {
            Poll::Ready(Err(UpstreamError::Io(_) | UpstreamError::Closed)) => {
                self.broken = true;
                self.upload.abandon();
                Ok(())
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// The head, once it is there.
    fn look_for_head(&mut self) -> Result<Option<ResponseHead>, UpstreamError> {
        let read = &mut self.connection.read;
        if !self.search.is_due(read) {
            return Ok(None);
        }
        let head = response_head::parse(read, &self.method)?;
        if head.is_some() {
            self.search = Search::default();
        }
        Ok(head)
    }

    fn poll_response_head(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<ResponseHead, UpstreamError>> {
        loop {
            self.poll_upload(cx)?;
            if let Some(head) = self.look_for_head()? {
                if !head.is_interim() {
                    return Poll::Ready(Ok(head));
                }
                self.interim += 1;
                if self.interim > MAX_INTERIM {
                    return Poll::Ready(Err(UpstreamError::Malformed("too many interim answers")));
                }
                continue;
            }
            let is_first = self.connection.read.is_empty() && self.interim == 0;
            match ready!(self.connection.poll_fill(cx)) {
                Ok(0) | Err(_) if is_first => return Poll::Ready(Err(UpstreamError::Closed)),
                Ok(0) => return Poll::Ready(Err(UpstreamError::Truncated)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(UpstreamError::Io(error))),
            }
        }
    }
}
