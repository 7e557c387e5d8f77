//! What is to be written to a client and was not yet: small pieces together, large ones as they
//! are, without a copy.

use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use tokio::io::AsyncWrite as _;

use super::wire::Wire;

/// Up to this many bytes a piece is copied behind the ones before.
const SMALL: usize = 4 * 1024;
/// How much is gathered for one write.
const GATHER: usize = 16 * 1024;
/// How much room is kept between answers.
const KEPT: usize = 2 * 1024;

/// Bytes in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Out {
    lines: Vec<u8>,
    /// How many of these were written.
    written: usize,
    piece: Bytes,
    behind: &'static [u8],
}

impl Out {
    /// Where to append small things; only while there is room.
    pub(super) fn lines(&mut self) -> &mut Vec<u8> {
        &mut self.lines
    }

    /// Appends a piece, and `behind` it something small.
    pub(super) fn push(&mut self, piece: Bytes, behind: &'static [u8]) {
        if piece.len() <= SMALL {
            self.lines.extend_from_slice(&piece);
            self.lines.extend_from_slice(behind);
        } else {
            (self.piece, self.behind) = (piece, behind);
        }
    }

    /// Whether something may be appended before a write.
    pub(super) fn has_room(&self) -> bool {
        self.piece.is_empty() && self.behind.is_empty() && self.lines.len() < GATHER
    }

    /// Writes everything.
    pub(super) fn poll_write(
        &mut self,
        wire: &Mutex<Wire>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut wire = wire.lock();
        while !self.is_empty() {
            let io = wire.io()?;
            let lines = self.lines.get(self.written..).unwrap_or_default();
            let written = if self.piece.is_empty() && self.behind.is_empty() {
                ready!(io.poll_write(cx, lines))?
            } else {
                let slices = [lines, &self.piece, self.behind].map(IoSlice::new);
                ready!(io.poll_write_vectored(cx, &slices))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        wire.io()?.poll_flush(cx)
    }

    /// Gives back room that one long head or piece has taken.
    pub(super) fn rest(&mut self) {
        if self.lines.capacity() > KEPT {
            self.lines = Vec::new();
        }
    }

    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.piece.is_empty() && self.behind.is_empty()
    }

    fn advance(&mut self, mut written: usize) {
        let of_lines = written.min(self.lines.len() - self.written);
        self.written += of_lines;
        written -= of_lines;
        if self.written == self.lines.len() {
            self.lines.clear();
            self.written = 0;
        }
        let of_piece = written.min(self.piece.len());
        self.piece.advance(of_piece);
        self.behind = self.behind.get(written - of_piece..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_at_a_time_the_order_is_kept() {
        let whole = [&b"head"[..], &[b'x'; SMALL + 1], b"\r\n"].concat();
        for step in [1, 3, 5, SMALL, SMALL + 6] {
            let mut out = Out::default();
            out.lines().extend_from_slice(b"head");
            out.push(Bytes::from(vec![b'x'; SMALL + 1]), b"\r\n");
            assert!(!out.has_room());
            let mut came = Vec::new();
            while !out.is_empty() {
                let lines = &out.lines[out.written..];
                let rest = [lines, &out.piece, out.behind].concat();
                let step = step.min(rest.len());
                came.extend_from_slice(&rest[..step]);
                out.advance(step);
            }
            assert_eq!(came, whole, "{step}");
        }
    }
}
