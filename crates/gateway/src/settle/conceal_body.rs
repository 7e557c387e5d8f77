//! The internal token does not leave in a body either: where a service echoes it, it is struck
//! out before the body goes on, in a response of any length and however it is cut.
//!
//! 1. It is found by its signature, without which the rest proves nothing to anybody, and struck
//!    out octet for octet: the length of the body stays what the head announced.
//! 2. Nothing that streams is delayed by it: octets are held back, at most the length of a token,
//!    only where a piece ends in so much of the token that it can hardly be anything else
//!    ([`CERTAIN`]). Of a signature of which less has left already, the rest is struck out.
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
/// No signature is shorter: 256 bits in base64url (RFC 7518 section 3.2).
const SHORTEST_SIGNATURE: usize = 43;
/// From so many octets on, what looks like the beginning of the token is taken for it.
const CERTAIN: usize = 16;

/// The search of one body for one token.
#[derive(Debug)]
pub(crate) struct BodySearch {
    token: Arc<str>,
    held: Bytes,
    /// How many octets of the signature have left at the end of the last piece.
    left: usize,
    /// What waits behind the octets that are held back.
    trailers: Option<Box<HeaderMap>>,
    has_found: bool,
}

impl BodySearch {
    pub(crate) fn new(token: &Arc<str>) -> Self {
        let token = Arc::clone(token);
        Self { token, held: Bytes::new(), left: 0, trailers: None, has_found: false }
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
        // Many answers are that short, and hold nothing.
        if is_last && self.left == 0 && self.held.len() + piece.len() < SHORTEST_SIGNATURE {
            return self.joined(&[], piece);
        }
        let token = Arc::clone(&self.token);
        let Some((unsigned, signature)) = parts(&token) else { return piece };
        // What has left is looked at again with what comes, and does not leave twice.
        let mut left = std::mem::take(&mut self.left);
        let mut piece = self.joined(signature.get(..left).unwrap_or_default(), piece);
        if memmem::find(&piece, signature).is_some() {
            self.has_found = true;
            piece = struck_out(piece, unsigned, signature);
        }
        let mut rest = Bytes::new();
        if !is_last {
            let beginnings = [token.as_bytes(), signature].map(|of| beginning(&piece, of));
            let certain = |at: &usize| piece.len() - at >= CERTAIN;
            if let Some(at) = beginnings.into_iter().flatten().filter(certain).min() {
                rest = piece.split_off(at.max(left));
                self.left = left.saturating_sub(at);
            } else if let [_, Some(at)] = beginnings {
                self.left = piece.len() - at;
            }
        }
        left = left.min(piece.len());
        self.held = rest;
        piece.split_off(left)
    }

    /// What was held back, once nothing follows.
    fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.held)
    }

    fn joined(&mut self, left: &[u8], piece: Bytes) -> Bytes {
        if self.held.is_empty() && left.is_empty() {
            return piece;
        }
        let mut joined = BytesMut::with_capacity(left.len() + self.held.len() + piece.len());
        joined.extend_from_slice(left);
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

    const UNSIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.";
    const SIGNATURE: &str = "aabaabaabaacaabaabaabaacaabaabaabaacaabaabaad";

    fn token() -> String {
        format!("{UNSIGNED}{SIGNATURE}")
    }

    /// What comes out when `body` goes in, cut at these places.
    fn passed(body: &[u8], cuts: &[usize]) -> (Vec<u8>, bool) {
        let mut search = BodySearch::new(&Arc::from(token()));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let mut out = Vec::new();
        for pair in cuts.windows(2) {
            let piece = Bytes::copy_from_slice(&body[pair[0]..pair[1]]);
            out.extend(search.pass(piece, false));
            assert!(search.held() < token().len());
        }
        out.extend(search.rest());
        (out, search.has_found())
    }

    fn stars(text: &str) -> String {
        "*".repeat(text.len())
    }

    #[test]
    fn the_token_is_struck_out_wherever_the_body_is_cut() {
        let body = format!("{{\"t\":\"{}\", \"again\":\"{SIGNATURE}{SIGNATURE}\"}}", token());
        let whole = passed(body.as_bytes(), &[]);
        let expected = format!(
            "{{\"t\":\"{}\", \"again\":\"{}\"}}",
            stars(&token()),
            stars(SIGNATURE).repeat(2)
        );
        assert_eq!(String::from_utf8(whole.0).unwrap(), expected);
        for cut in 0..body.len() {
            for next in cut..body.len() {
                let (out, has_found) = passed(body.as_bytes(), &[cut, next]);
                let out = String::from_utf8(out).unwrap();
                assert!(has_found && out.len() == body.len(), "{cut} {next}: {out}");
                assert!(!out.contains(SIGNATURE), "{cut} {next}: {out}");
            }
        }
    }

    #[test]
    fn nothing_waits_that_only_looks_like_a_beginning() {
        let mut search = BodySearch::new(&Arc::from(token()));
        for piece in ["Hello Jane", "eyJhbGci", "and aab", "aabaabaabaacaab"] {
            assert_eq!(search.pass(Bytes::from_static(piece.as_bytes()), false), piece);
            assert_eq!(search.held(), 0, "{piece}");
        }
    }

    #[test]
    fn a_signature_that_comes_octet_by_octet_does_not_leave_whole() {
        let cuts: Vec<usize> = (0..200).collect();
        let (out, has_found) = passed(format!("x{SIGNATURE}y{SIGNATURE}").as_bytes(), &cuts);
        let out = String::from_utf8(out).unwrap();
        assert!(has_found && !out.contains(&SIGNATURE[CERTAIN - 1..]), "{out}");
        assert_eq!(out.len(), 2 + 2 * SIGNATURE.len());
    }

    proptest! {
        /// Octets are kept or struck out, never lost, moved or made up.
        #[test]
        fn whatever_is_cut_anyhow_keeps_its_length_and_its_other_octets(
            body in "(aab|aac|aad|eyJhbGci|x){0,40}",
            at in any::<prop::sample::Index>(),
            cuts in prop::collection::vec(any::<usize>(), 0..12),
        ) {
            let at = at.index(body.len() + 1);
            let body = format!("{}{SIGNATURE}{}", &body[..at], &body[at..]);
            let (out, has_found) = passed(body.as_bytes(), &cuts);
            let out = String::from_utf8(out).unwrap();
            prop_assert!(has_found);
            prop_assert_eq!(out.len(), body.len());
            prop_assert!(!out.contains(SIGNATURE), "{}", out);
            let is_kept = |(out, was): (u8, u8)| out == was || out == STRUCK_OUT;
            prop_assert!(out.bytes().zip(body.bytes()).all(is_kept), "{}", out);
        }
    }
}
