//! The internal token does not leave in a body either: where a service echoes it, it is struck
//! out before the body goes on, in a response of any length and however it is cut.
//!
//! 1. It is found by its signature, without which the rest proves nothing to anybody, and struck
//!    out octet for octet: the length of the body stays what the head announced.
//! 2. At most the length of a token is held back, and only where a piece ends in what could be
//!    the beginning of one; so nothing that streams is delayed by it.
//!
//! What is compressed or otherwise encoded cannot be searched.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use memchr::{memchr, memmem};

use super::conceal::conceal_trailers;

/// What stands in the place of an octet of the token.
const STRUCK_OUT: u8 = b'*';

/// The search of one body for one token.
#[derive(Debug)]
pub(crate) struct BodySearch {
    token: Arc<str>,
    held: Bytes,
    /// What waits behind the octets that are held back.
    trailers: Option<Box<HeaderMap>>,
    has_found: bool,
}

impl BodySearch {
    pub(crate) fn new(token: &Arc<str>) -> Self {
        let token = Arc::clone(token);
        Self { token, held: Bytes::new(), trailers: None, has_found: false }
    }

    /// How many octets are held back.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// Whether the token was in the body.
    pub(crate) fn has_found(&self) -> bool {
        self.has_found
    }

    /// Whether nothing is held back.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.trailers.is_none()
    }

    /// What can go on now that this frame, or the end, has come.
    pub(crate) fn pass_frame(
        &mut self,
        frame: Option<Frame<Bytes>>,
        is_last: bool,
    ) -> Option<Frame<Bytes>> {
        match frame.map(Frame::into_data) {
            Some(Ok(piece)) => Some(Frame::data(self.pass(piece, is_last))),
            Some(Err(frame)) => {
                let mut trailers = frame.into_trailers().unwrap_or_default();
                conceal_trailers(&mut trailers, &self.token);
                if self.held.is_empty() {
                    return Some(Frame::trailers(trailers));
                }
                self.trailers = Some(Box::new(trailers));
                Some(Frame::data(self.rest()))
            }
            None if self.held.is_empty() => {
                self.trailers.take().map(|trailers| Frame::trailers(*trailers))
            }
            None => Some(Frame::data(self.rest())),
        }
    }

    /// What of the next piece, and of what was held back before it, can go on.
    fn pass(&mut self, piece: Bytes, is_last: bool) -> Bytes {
        let mut piece = self.joined(piece);
        let Some((unsigned, signature)) = parts(&self.token) else { return piece };
        if memmem::find(&piece, signature).is_some() {
            self.has_found = true;
            piece = struck_out(piece, unsigned, signature);
        }
        if !is_last {
            let beginnings = [self.token.as_bytes(), signature].map(|of| beginning(&piece, of));
            if let Some(at) = beginnings.into_iter().flatten().min() {
                self.held = piece.split_off(at);
            }
        }
        piece
    }

    /// What was held back, once nothing follows.
    fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.held)
    }

    fn joined(&mut self, piece: Bytes) -> Bytes {
        if self.held.is_empty() {
            return piece;
        }
        let mut joined = BytesMut::with_capacity(self.held.len() + piece.len());
        joined.extend_from_slice(&self.rest());
        joined.extend_from_slice(&piece);
        joined.freeze()
    }
}

/// What is signed, with the dot behind it, and the signature.
fn parts(token: &str) -> Option<(&[u8], &[u8])> {
    let parts = token.as_bytes().split_at_checked(token.rfind('.')? + 1)?;
    (!parts.1.is_empty()).then_some(parts)
}

fn struck_out(piece: Bytes, unsigned: &[u8], signature: &[u8]) -> Bytes {
    let mut piece = BytesMut::from(piece);
    let mut from = 0;
    while let Some(at) = piece.get(from..).and_then(|rest| memmem::find(rest, signature)) {
        let (mut start, end) = (from + at, from + at + signature.len());
        if piece.get(..start).is_some_and(|before| before.ends_with(unsigned)) {
            start -= unsigned.len();
        }
        if let Some(found) = piece.get_mut(start..end) {
            found.fill(STRUCK_OUT);
        }
        from = end;
    }
    piece.freeze()
}

/// Where the longest end of `piece` begins that could be the beginning of something.
fn beginning(piece: &[u8], of: &[u8]) -> Option<usize> {
    let first = *of.first()?;
    let mut from = piece.len().saturating_sub(of.len() - 1);
    while let Some(at) = piece.get(from..).and_then(|rest| memchr(first, rest)) {
        from += at;
        if piece.get(from..).is_some_and(|end| of.starts_with(end)) {
            return Some(from);
        }
        from += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "eyJ.eyJ.aabaac";

    /// What comes out when `body` goes in, cut at these places.
    fn passed(body: &[u8], cuts: &[usize]) -> (Vec<u8>, bool) {
        let mut search = BodySearch::new(&Arc::from(TOKEN));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let mut out = Vec::new();
        for pair in cuts.windows(2) {
            out.extend(search.pass(Bytes::copy_from_slice(&body[pair[0]..pair[1]]), false));
            assert!(search.held() < TOKEN.len());
        }
        out.extend(search.rest());
        (out, search.has_found())
    }

    #[test]
    fn the_token_is_struck_out_wherever_the_body_is_cut() {
        let body = b"{\"t\":\"eyJ.eyJ.aabaac\", \"again\":\"aabaacaabaac\"}";
        for cut in 0..body.len() {
            let (out, has_found) = passed(body, &[cut]);
            assert_eq!(out, b"{\"t\":\"**************\", \"again\":\"************\"}", "{cut}");
            assert!(has_found);
        }
    }

    proptest! {
        #[test]
        fn a_body_cut_anyhow_is_what_it_is_whole(
            body in "([abc]|eyJ.){0,60}",
            cuts in prop::collection::vec(any::<usize>(), 0..12),
        ) {
            let expected = body.replace(TOKEN, "**************").replace("aabaac", "******");
            let (out, has_found) = passed(body.as_bytes(), &cuts);
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected.clone());
            prop_assert_eq!(has_found, expected != body);
        }
    }
}
