//! The socket of a connection, what was read from it and not yet used, and what is still to come of
//! the request that is under way.
//!
//! 1. Between requests a connection holds no read buffer: heads are read into one of the worker's.
//! 2. While a request is worked on, the socket is listened to, so that a client that goes away is
//!    noticed at once. What it sends ahead is kept, and then nobody listens until that is used: a
//!    client can make us hold one read's worth of requests to come and no more.

use std::cell::RefCell;
use std::future::Future as _;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use http_body::Frame;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, ReadBuf};

use super::coming::Coming;
use super::parse::{Parsed, has_empty_line, parse};
use crate::chunked::Decoded;
use crate::config::Limits;
use crate::downstream_stream::DownstreamStream;
use crate::rejection::Rejection;
use crate::request_body::RequestBodyError;
use crate::serving::preface::PREFACE;

/// The most that is read at once, in bytes.
const READ_SIZE: usize = 16 * 1024;
/// What a client is told that waits before it sends its body (RFC 9110 section 10.1.1).
const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

thread_local! {
    /// Where a worker reads heads into.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into_boxed_slice());
}

/// A connection as far as bytes are concerned.
pub(super) struct Wire {
    /// Gone once the connection is over, whoever still holds a body.
    io: Option<DownstreamStream>,
    read: BytesMut,
    /// How long a part of a head was when it was last parsed, and how much of it was searched for
    /// its end.
    looked_at: usize,
    searched: usize,
    coming: Coming,
    /// Whether the client waits to be told to go on.
    expects_continue: bool,
    /// What is still to be sent of the answer that tells it, and whether that may be held back.
    interim: &'static [u8],
    is_unflushed: bool,
    /// Who waits for the body.
    asking: Option<Waker>,
    /// Who wants to listen once the body has come.
    listening: Option<Waker>,
}

/// What a client has sent.
pub(super) enum Input {
    Request(Box<Parsed>),
    /// The preface of HTTP/2.
    Http2,
    /// Nothing any more.
    End,
}

impl Wire {
    pub(super) fn new(io: DownstreamStream) -> Self {
        Self {
            io: Some(io),
            read: BytesMut::new(),
            looked_at: 0,
            searched: 0,
            coming: Coming::Length(0),
            expects_continue: false,
            interim: b"",
            is_unflushed: false,
            asking: None,
            listening: None,
        }
    }

    /// Whether part of a head has come.
    pub(super) fn has_begun(&self) -> bool {
        !self.read.is_empty()
    }

    /// Reads a head.
    pub(super) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        limits: &Limits,
        takes_http2: bool,
    ) -> Poll<Result<Input, Rejection>> {
        if self.looked_at == 0
            && !self.read.is_empty()
            && let Some(input) = self.take_head(limits, takes_http2)?
        {
            return Poll::Ready(Ok(input));
        }
        if self.read.is_empty() {
            // What a body needed is given back.
            self.read = BytesMut::new();
        }
        SCRATCH.with_borrow_mut(|scratch| {
            loop {
                let mut room = ReadBuf::new(scratch);
                let Some(io) = &mut self.io else { return Poll::Ready(Ok(Input::End)) };
                // A connection that breaks between requests has come to its end.
                let is_read = ready!(Pin::new(io).poll_read(cx, &mut room)).is_ok();
                let came = room.filled();
                if !is_read || came.is_empty() {
                    return Poll::Ready(Ok(Input::End));
                }
                // As a rule all of it is there, and nothing else.
                let is_usual = self.read.is_empty() && !came.starts_with(PREFACE);
                if is_usual && let Some((parsed, length)) = parse(came, limits)? {
                    self.read.extend_from_slice(came.get(length..).unwrap_or_default());
                    return Poll::Ready(Ok(self.begin(parsed)));
                }
                self.read.extend_from_slice(came);
                if let Some(input) = self.take_head(limits, takes_http2)? {
                    return Poll::Ready(Ok(input));
                }
            }
        })
    }

    /// Takes a head out of what was read. It is looked at when it may have ended, and when it is
    /// twice as long as last time: nobody makes us read it again with every byte.
    fn take_head(
        &mut self,
        limits: &Limits,
        takes_http2: bool,
    ) -> Result<Option<Input>, Rejection> {
        // RFC 9112 section 2.2: an empty line before a request.
        let blank = self.read.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.read.advance(blank);
        if takes_http2 && self.read.starts_with(PREFACE) {
            return Ok(Some(Input::Http2));
        }
        let is_long = self.read.len() >= (2 * self.looked_at).min(limits.head_bytes);
        let may_end = has_empty_line(self.read.get(self.searched.saturating_sub(2)..));
        self.searched = self.read.len();
        if !is_long && !may_end {
            return Ok(None);
        }
        self.looked_at = self.read.len();
        let Some((parsed, length)) = parse(&self.read, limits)? else { return Ok(None) };
        self.read.advance(length);
        Ok(Some(self.begin(parsed)))
    }

    fn begin(&mut self, mut parsed: Parsed) -> Input {
        (self.looked_at, self.searched) = (0, 0);
        self.coming = std::mem::replace(&mut parsed.coming, Coming::Length(0));
        self.expects_continue = parsed.expects_continue;
        Input::Request(Box::new(parsed))
    }

    /// Whether the body of the request has come whole.
    pub(super) fn is_body_over(&self) -> bool {
        self.coming.is_over()
    }

    /// How many bytes of it are still to come, where it was said.
    pub(super) fn body_remaining(&self) -> Option<u64> {
        self.coming.remaining()
    }

    /// Reads the next piece of the body.
    pub(super) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        if std::mem::take(&mut self.expects_continue) && self.read.is_empty() {
            self.interim = GO_ON;
        }
        loop {
            let frame = match self.coming.decode(&mut self.read) {
                Ok(Decoded::Data(data)) => Some(Ok(Frame::data(data))),
                Ok(Decoded::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
                Ok(Decoded::End) => None,
                Ok(Decoded::More) => match self.poll_more(cx) {
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(error)) => Some(Err(error)),
                    Poll::Pending => {
                        self.asking = Some(cx.waker().clone());
                        return Poll::Pending;
                    }
                },
                Err(malformed) => Some(Err(malformed.into())),
            };
            if self.coming.is_over()
                && let Some(waker) = self.listening.take()
                && !waker.will_wake(cx.waker())
            {
                waker.wake();
            }
            return Poll::Ready(frame);
        }
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestBodyError>> {
        let Some(io) = &mut self.io else {
            return Poll::Ready(Err(RequestBodyError::EndedEarly));
        };
        while !self.interim.is_empty() {
            let written = ready!(Pin::new(&mut *io).poll_write(cx, self.interim))?;
            self.interim = self.interim.get(written.max(1)..).unwrap_or_default();
            self.is_unflushed = true;
        }
        if self.is_unflushed {
            ready!(Pin::new(&mut *io).poll_flush(cx))?;
            self.is_unflushed = false;
        }
        self.read.reserve(READ_SIZE);
        match ready!(pin!(io.read_buf(&mut self.read)).poll(cx))? {
            0 => Poll::Ready(Err(RequestBodyError::EndedEarly)),
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Ready once the client has gone. Listens only while nothing else is to be read.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.coming.is_over() {
            self.listening = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if !self.read.is_empty() {
            return Poll::Pending;
        }
        let Some(io) = &mut self.io else { return Poll::Ready(()) };
        SCRATCH.with_borrow_mut(|scratch| {
            loop {
                let mut room = ReadBuf::new(scratch);
                let outcome = ready!(Pin::new(&mut *io).poll_read(cx, &mut room));
                if outcome.is_err() || room.filled().is_empty() {
                    return Poll::Ready(());
                }
                // Old clients send an empty line after a body.
                if room.filled().iter().any(|byte| !matches!(byte, b'\r' | b'\n')) {
                    self.read.extend_from_slice(room.filled());
                    return Poll::Pending;
                }
            }
        })
    }

    /// Lets go of what has come of a body that nobody asked for. Whether that was all of it.
    pub(super) fn skip_body(&mut self) -> bool {
        while let Ok(Decoded::Data(_)) = self.coming.decode(&mut self.read) {}
        self.coming.is_over()
    }

    /// The answer begins: what is still to be sent before it, after which no client is told to go
    /// on.
    pub(super) fn take_interim(&mut self) -> &'static [u8] {
        self.expects_continue = false;
        std::mem::take(&mut self.interim)
    }

    /// The socket, to be written to.
    pub(super) fn io(&mut self) -> io::Result<Pin<&mut DownstreamStream>> {
        self.io.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Throws away what the client still sends, as far as one read goes; how much that was.
    pub(super) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        self.read.clear();
        let Some(io) = &mut self.io else { return Poll::Ready(0) };
        SCRATCH.with_borrow_mut(|scratch| {
            let mut room = ReadBuf::new(scratch);
            let outcome = ready!(io.poll_read_raw(cx, &mut room));
            Poll::Ready(if outcome.is_ok() { room.filled().len() } else { 0 })
        })
    }

    /// Makes the end of the connection look like none: what was sent has no other.
    pub(super) fn break_off(&mut self) {
        if let Some(io) = &self.io {
            io.reset_when_dropped();
        }
    }

    /// Takes the socket and what was read ahead; whoever still wants a body gets no more of it.
    pub(super) fn take(&mut self) -> Option<(DownstreamStream, Bytes)> {
        if let Some(waker) = self.asking.take() {
            waker.wake();
        }
        Some((self.io.take()?, self.read.split().freeze()))
    }
}
