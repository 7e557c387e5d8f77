//! A body as it is compressed, frame by frame.
//!
//! 1. Nothing is held back: as soon as there is nothing more to be had at once, what there is
//!    leaves.
//! 2. What is kept meanwhile is at most [`PIECE`] octets and what one frame makes of itself, besides
//!    the state of the encoder.
//! 3. A body that breaks off is not ended properly: whoever decodes it finds out.

use std::io;
use std::task::Poll;

use bytes::Bytes;
use http_body::Frame;

use super::Encoding;
use super::encoder::Encoder;

/// From so many octets on what is compressed leaves.
const PIECE: usize = 16 * 1024;

type Polled<E> = Poll<Option<Result<Frame<Bytes>, E>>>;

/// Compresses one body.
pub(crate) struct Compressor {
    encoder: Encoder,
    /// Whether something was taken that cannot be read at the other end yet.
    holds: bool,
    has_ended: bool,
    /// What follows the body.
    trailers: Option<Frame<Bytes>>,
}

impl Compressor {
    pub(crate) fn new(encoding: Encoding) -> Self {
        let encoder = Encoder::new(encoding);
        Self { encoder, holds: false, has_ended: false, trailers: None }
    }

    /// Whether nothing more comes.
    pub(crate) fn is_over(&self) -> bool {
        self.has_ended && self.trailers.is_none()
    }

    /// The next frame that leaves, made of what comes `next`.
    pub(crate) fn poll<E: From<io::Error>>(
        &mut self,
        mut next: impl FnMut() -> Polled<E>,
    ) -> Polled<E> {
        if self.has_ended {
            return Poll::Ready(self.trailers.take().map(Ok));
        }
        loop {
            let frame = match next() {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return self.end(None),
                Poll::Pending if self.holds => return self.flush(),
                Poll::Pending => return Poll::Pending,
            };
            match frame.into_data() {
                Ok(octets) => self.encoder.write(&octets)?,
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
        self.trailers = trailers;
        Poll::Ready(Some(Ok(Frame::data(self.encoder.finish()?))))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use http::HeaderMap;

    use super::*;

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
            let polled = compressor.poll(|| script.next().unwrap());
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
        let polled: Polled<io::Error> = compressor.poll(|| unreachable!());
        assert!(matches!(polled, Poll::Ready(None)));
    }

    #[test]
    fn a_body_that_breaks_off_has_no_end() {
        let mut compressor = Compressor::new(Encoding::Gzip);
        let broken = || Poll::Ready(Some(Err(io::Error::other("broken"))));
        let mut script = vec![data("a"), Poll::Pending, broken()].into_iter();
        let Poll::Ready(Some(Ok(first))) = compressor.poll(|| script.next().unwrap()) else {
            panic!("nothing came");
        };
        assert!(decoded(&first.into_data().unwrap()).is_err());
        let last = compressor.poll(|| script.next().unwrap());
        assert!(matches!(last, Poll::Ready(Some(Err(_)))) && !compressor.is_over());
    }
}
