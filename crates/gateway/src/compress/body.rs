//! A body as it is compressed, frame by frame.
//!
//! 1. Nothing is held back: as soon as there is nothing more to be had at once, what there is
//!    leaves.
//! 2. What is kept meanwhile is at most [`PIECE`] octets and what one frame makes of itself, besides
//!    the state of the encoder.
//! 3. Compressing is work: after [`AT_ONCE`] octets others on the worker have their turn.
//! 4. A body that breaks off is not ended properly: whoever decodes it finds out.

use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;

use super::encoder::Encoder;
use super::{DIGESTS, Encoding};

/// From so many octets on what is compressed leaves.
const PIECE: usize = 16 * 1024;
/// How much is taken at once, in bytes: one or two milliseconds of work.
const AT_ONCE: usize = 128 * 1024;

type Polled<E> = Poll<Option<Result<Frame<Bytes>, E>>>;

/// Compresses one body.
pub(crate) struct Compressor {
    encoder: Encoder,
    /// Whether something was taken that cannot be read at the other end yet.
    holds: bool,
    /// How much was taken since others had their turn.
    taken: usize,
    has_ended: bool,
    /// What follows the body.
    trailers: Option<Frame<Bytes>>,
}

impl Compressor {
    pub(crate) fn new(encoding: Encoding) -> Self {
        let encoder = Encoder::new(encoding);
        Self { encoder, holds: false, taken: 0, has_ended: false, trailers: None }
    }

    /// Whether nothing more comes.
    pub(crate) fn is_over(&self) -> bool {
        self.has_ended && self.trailers.is_none()
    }

    /// The next frame that leaves, made of what comes `next`.
    pub(crate) fn poll<E: From<io::Error>>(
        &mut self,
        cx: &mut Context<'_>,
        mut next: impl FnMut(&mut Context<'_>) -> Polled<E>,
    ) -> Polled<E> {
        if self.has_ended {
            return Poll::Ready(self.trailers.take().map(Ok));
        }
        loop {
            if self.taken >= AT_ONCE {
                self.taken = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let frame = match next(cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return self.end(None),
                Poll::Pending => {
                    self.taken = 0;
                    return if self.holds { self.flush() } else { Poll::Pending };
                }
            };
            match frame.into_data() {
                Ok(octets) => {
                    self.encoder.write(&octets)?;
                    self.taken += octets.len();
                }
                Err(trailers) => return self.end(Some(trailers)),
            }
            self.holds = true;
            if self.encoder.ready() >= PIECE {
                return Poll::Ready(Some(Ok(Frame::data(self.encoder.take()))));
            }
        }
    }

    fn flush<E: From<io::Error>>(&mut self) -> Polled<E> {
        self.encoder.flush()?;
        self.holds = false;
        Poll::Ready(Some(Ok(Frame::data(self.encoder.take()))))
    }

    fn end<E: From<io::Error>>(&mut self, trailers: Option<Frame<Bytes>>) -> Polled<E> {
        self.has_ended = true;
        self.trailers = trailers.map(|trailers| match trailers.into_trailers() {
            Ok(mut trailers) => {
                for digest in &DIGESTS {
                    trailers.remove(digest);
                }
                Frame::trailers(trailers)
            }
            Err(other) => other,
        });
        Poll::Ready(Some(Ok(Frame::data(self.encoder.finish()?))))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::task::Waker;

    use http::HeaderMap;

    use super::*;

    fn nobody() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    fn decoded(octets: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        flate2::read::GzDecoder::new(octets).read_to_string(&mut text)?;
        Ok(text)
    }

    fn data(text: &'static str) -> Polled<io::Error> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
    }

    #[test]
    fn what_comes_at_once_leaves_at_once_and_trailers_follow() {
        let mut compressor = Compressor::new(Encoding::Gzip);
        let trailers = Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new()))));
        let mut script = vec![data("a"), data("b"), Poll::Pending, data("c"), trailers].into_iter();
        let (mut sent, mut pieces) = (Vec::new(), 0);
        while !compressor.is_over() {
            let polled = compressor.poll(&mut nobody(), |_| script.next().unwrap());
            let Poll::Ready(Some(Ok(frame))) = polled else { panic!("{polled:?}") };
            match frame.into_data() {
                Ok(octets) => {
                    sent.extend(octets);
                    pieces += 1;
                }
                Err(frame) => assert!(frame.is_trailers() && compressor.is_over()),
            }
        }
        assert_eq!((decoded(&sent).unwrap().as_str(), pieces), ("abc", 2));
        let polled: Polled<io::Error> = compressor.poll(&mut nobody(), |_| unreachable!());
        assert!(matches!(polled, Poll::Ready(None)));
    }

    #[test]
    fn others_have_their_turn() {
        let mut compressor = Compressor::new(Encoding::Gzip);
        let zeros = Bytes::from(vec![0; 16 * 1024]);
        let mut asked = 0;
        let mut next = |_: &mut Context<'_>| {
            asked += 1;
            Polled::<io::Error>::Ready(Some(Ok(Frame::data(zeros.clone()))))
        };
        for _ in 0..3 {
            assert!(compressor.poll(&mut nobody(), &mut next).is_pending());
        }
        assert_eq!(asked, 3 * AT_ONCE / (16 * 1024));
    }

    #[test]
    fn a_body_that_breaks_off_has_no_end() {
        let mut compressor = Compressor::new(Encoding::Gzip);
        let broken = || Poll::Ready(Some(Err(io::Error::other("broken"))));
        let mut script = vec![data("a"), Poll::Pending, broken()].into_iter();
        let first = compressor.poll(&mut nobody(), |_| script.next().unwrap());
        let Poll::Ready(Some(Ok(first))) = first else { panic!("nothing came") };
        assert!(decoded(&first.into_data().unwrap()).is_err());
        let last = compressor.poll(&mut nobody(), |_| script.next().unwrap());
        assert!(matches!(last, Poll::Ready(Some(Err(_)))) && !compressor.is_over());
    }
}
