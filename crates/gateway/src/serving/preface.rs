//! The first bytes of a connection, held back while they may still become the preface of HTTP/2
//! (RFC 9113 section 3.4): however the network cuts it up, the parser of HTTP/1.1 sees it whole.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// What every HTTP/2 connection begins with.
pub(in crate::serving) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The beginning of a connection. What is held back is the beginning of the preface, so its length
/// is all there is to remember.
#[derive(Debug, Default)]
pub(crate) struct Preface {
    held: usize,
    is_decided: bool,
}

impl Preface {
    /// Whether nothing is held back any more.
    pub(crate) fn is_decided(&self) -> bool {
        self.is_decided
    }

    /// Reads on until it is decided what the connection begins with, and gives that out.
    pub(crate) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.held == 0 {
            // As a rule everything is there at once, or begins otherwise.
            let before = out.filled().len();
            let has_room = out.remaining() >= PREFACE.len();
            ready!(Pin::new(&mut *stream).poll_read(cx, out))?;
            let read = out.filled().get(before..).unwrap_or_default();
            if !has_room || !self.may_go_on(read) {
                self.is_decided = true;
                return Poll::Ready(Ok(()));
            }
            self.held = read.len();
            out.set_filled(before);
        }
        loop {
            let mut bytes = [0; PREFACE.len()];
            let room = bytes.get_mut(self.held..).unwrap_or_default();
            let mut rest = ReadBuf::new(room);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut rest))?;
            let read = rest.filled();
            if !self.may_go_on(read) {
                self.is_decided = true;
                // There was room for all of the preface, and this is no more.
                out.put_slice(PREFACE.get(..self.held).unwrap_or_default());
                out.put_slice(read);
                return Poll::Ready(Ok(()));
            }
            self.held += read.len();
        }
    }

    /// Whether more has to come to tell.
    fn may_go_on(&self, read: &[u8]) -> bool {
        let expected = PREFACE.get(self.held..).unwrap_or_default();
        !read.is_empty() && read.len() < expected.len() && expected.starts_with(read)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncWriteExt as _;

    use super::*;

    /// What is given out, read by read, of pieces that come one by one.
    async fn given_out(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let (mut client, mut stream) = tokio::io::duplex(1024);
        let (mut preface, mut given) = (Preface::default(), Vec::new());
        let mut bytes = [0; 32];
        for piece in pieces {
            client.write_all(piece).await.unwrap();
            let read = poll_fn(|cx| {
                let mut out = ReadBuf::new(&mut bytes);
                let outcome = preface.poll_read(&mut stream, cx, &mut out);
                Poll::Ready(outcome.is_ready().then(|| out.filled().to_vec()))
            });
            given.extend(read.await);
        }
        drop(client);
        if !preface.is_decided() {
            let mut out = ReadBuf::new(&mut bytes);
            poll_fn(|cx| preface.poll_read(&mut stream, cx, &mut out)).await.unwrap();
            given.push(out.filled().to_vec());
        }
        given
    }

    #[tokio::test]
    async fn nothing_is_lost_wherever_the_network_cuts() {
        for bytes in [&PREFACE[..], b"POST / HTTP/1.1\r\n", b"PRO", b"PRI * HTTP/1.1\r\n\r\n"] {
            for cut in 1..bytes.len() {
                let (first, second) = bytes.split_at(cut);
                assert_eq!(given_out(&[first, second]).await.concat(), bytes);
            }
        }
    }

    #[tokio::test]
    async fn the_preface_comes_whole() {
        let bytes: Vec<&[u8]> = PREFACE.chunks(1).collect();
        assert_eq!(given_out(&bytes).await, [PREFACE]);
    }

    #[tokio::test]
    async fn a_full_buffer_behind_a_beginning_does_not_push_it_out() {
        let long = [b'x'; 200];
        let given = given_out(&[b"PRI * HT", &long]).await.concat();
        assert!(given.starts_with(b"PRI * HTxxxx"), "{given:?}");
    }

    #[tokio::test]
    async fn an_end_is_not_held_back() {
        assert_eq!(given_out(&[b"PR"]).await, [b"PR"]);
        assert_eq!(given_out(&[]).await, [b""]);
    }
}
