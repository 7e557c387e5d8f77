//! The first bytes of a connection, held back while they may still become the preface of HTTP/2
//! (RFC 9113 section 3.4): however the network cuts it up, the parser of HTTP/1.1 sees it whole.

use tokio::io::ReadBuf;

/// What every HTTP/2 connection begins with.
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The beginning of a connection.
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

    /// Looks at what was read into the empty `out`, and whether to read on before it is given out.
    /// What is held back is the preface itself, so its length is all there is to remember.
    pub(crate) fn hold(&mut self, out: &mut ReadBuf<'_>) -> bool {
        let read = out.filled();
        let expected = PREFACE.get(self.held..).unwrap_or_default();
        let may_be = !read.is_empty() && read.len() < expected.len() && expected.starts_with(read);
        if may_be {
            self.held += read.len();
            out.clear();
            return true;
        }
        self.is_decided = true;
        self.release(out);
        false
    }

    /// Puts what was held back in front of what was read.
    fn release(&self, out: &mut ReadBuf<'_>) {
        let held = PREFACE.get(..self.held).unwrap_or_default();
        if held.is_empty() || out.remaining() < held.len() {
            return;
        }
        let read = out.filled().to_vec();
        out.clear();
        out.put_slice(held);
        out.put_slice(&read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given_out(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut preface, mut given) = (Preface::default(), Vec::new());
        for piece in pieces {
            let mut bytes = [0; 256];
            let mut out = ReadBuf::new(&mut bytes);
            out.put_slice(piece);
            if preface.is_decided() || !preface.hold(&mut out) {
                given.extend_from_slice(out.filled());
            }
        }
        given
    }

    #[test]
    fn nothing_is_lost_wherever_the_network_cuts() {
        for bytes in [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n....."[..], b"POST / HTTP/1.1\r\n", b"PRO"]
        {
            for cut in 1..bytes.len() {
                let (first, second) = bytes.split_at(cut);
                assert_eq!(given_out(&[first, second]), bytes);
            }
        }
    }

    #[test]
    fn the_preface_comes_whole() {
        let mut preface = Preface::default();
        let mut bytes = [0; 64];
        for byte in &PREFACE[..23] {
            let mut out = ReadBuf::new(&mut bytes);
            out.put_slice(&[*byte]);
            assert!(preface.hold(&mut out));
        }
        let mut out = ReadBuf::new(&mut bytes);
        out.put_slice(b"\n");
        assert!(!preface.hold(&mut out));
        assert_eq!(out.filled(), PREFACE);
    }

    #[test]
    fn an_end_is_not_held_back() {
        let mut preface = Preface::default();
        let mut bytes = [0; 64];
        let mut out = ReadBuf::new(&mut bytes);
        out.put_slice(b"PR");
        assert!(preface.hold(&mut out));
        assert!(!preface.hold(&mut out));
        assert_eq!(out.filled(), b"PR");
    }
}
