//! The frames of an HTTP/2 connection as they pass (RFC 9113 section 4.1): their heads are read, and
//! of SETTINGS and `WINDOW_UPDATE` what they say of windows.

/// The length of a frame's head, in bytes.
const HEAD: usize = 9;
/// The flag `END_STREAM` of DATA and HEADERS (sections 6.1 and 6.2).
const END_STREAM: u8 = 1;
/// The length of one setting, and of what a `WINDOW_UPDATE` says (sections 6.5.1 and 6.9).
const SETTING: usize = 6;
const INCREMENT: usize = 4;
/// `SETTINGS_INITIAL_WINDOW_SIZE` (section 6.5.2).
const INITIAL_WINDOW_SIZE: u16 = 4;

/// What is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// DATA.
    Data,
    /// HEADERS.
    Headers,
    /// `RST_STREAM`.
    Reset,
    /// SETTINGS.
    Settings,
    /// `WINDOW_UPDATE`.
    WindowUpdate,
    /// Everything else.
    Other,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) stream: u32,
    pub(super) length: usize,
    pub(super) ends_stream: bool,
}

/// What is seen of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Frame(Frame),
    /// The window of a stream, or with 0 that of the connection, is opened further.
    Opened {
        stream: u32,
        by: u32,
    },
    /// Windows of streams are so wide from now on (section 6.9.2).
    InitialWindow(u32),
}

/// Finds the heads in a stream of bytes.
#[derive(Debug)]
pub(super) struct Scanner {
    /// How much is still to be passed over.
    skip: usize,
    /// The frame in whose payload we are, where it is looked at, and what is left of that.
    inside: Option<(Frame, usize)>,
    /// A head, or a piece of a payload.
    piece: [u8; HEAD],
    has: usize,
}

impl Scanner {
    /// Passes over `skip` bytes first.
    pub(super) fn new(skip: usize) -> Self {
        Self { skip, inside: None, piece: [0; HEAD], has: 0 }
    }

    /// Tells everything that ends within `bytes`.
    pub(super) fn scan<E>(
        &mut self,
        mut bytes: &[u8],
        mut tell: impl FnMut(Seen) -> Result<(), E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let wanted = match self.inside {
                None => HEAD,
                Some((Frame { kind: Kind::Settings, .. }, _)) => SETTING,
                Some(_) => INCREMENT,
            };
            for (place, byte) in self.piece.iter_mut().take(wanted).skip(self.has).zip(bytes) {
                *place = *byte;
            }
            let taken = (wanted - self.has).min(bytes.len());
            self.has += taken;
            bytes = bytes.get(taken..).unwrap_or_default();
            if self.has == wanted {
                self.has = 0;
                if let Some(seen) = self.seen(wanted) {
                    tell(seen)?;
                }
            }
        }
        Ok(())
    }

    /// What the piece that is whole now says.
    fn seen(&mut self, length: usize) -> Option<Seen> {
        let Some((frame, left)) = self.inside else {
            let frame = Frame::read(self.piece);
            self.enter(frame, frame.length);
            return Some(Seen::Frame(frame));
        };
        self.enter(frame, left - length);
        if frame.kind == Kind::WindowUpdate {
            let (by, _) = self.piece.split_first_chunk()?;
            return Some(Seen::Opened { stream: frame.stream, by: without_reserved(*by) });
        }
        let (name, rest) = self.piece.split_first_chunk()?;
        let (value, _) = rest.split_first_chunk()?;
        let is_window = u16::from_be_bytes(*name) == INITIAL_WINDOW_SIZE;
        is_window.then(|| Seen::InitialWindow(u32::from_be_bytes(*value)))
    }

    /// Goes on in a payload of which so much is left.
    fn enter(&mut self, frame: Frame, left: usize) {
        let least = match frame.kind {
            Kind::Settings => SETTING,
            Kind::WindowUpdate => INCREMENT,
            _ => usize::MAX,
        };
        // What is too short to say something is a mistake that the parser finds as well.
        (self.inside, self.skip) =
            if left >= least { (Some((frame, left)), 0) } else { (None, left) };
    }
}

impl Frame {
    fn read(head: [u8; HEAD]) -> Self {
        let [a, b, c, kind, flags, stream @ ..] = head;
        let kind = match kind {
            0 => Kind::Data,
            1 => Kind::Headers,
            3 => Kind::Reset,
            4 => Kind::Settings,
            8 => Kind::WindowUpdate,
            _ => Kind::Other,
        };
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let stream = without_reserved(stream);
        Self { kind, stream, length, ends_stream: flags & END_STREAM != 0 }
    }
}

/// A number of 31 bits; the first bit is reserved (sections 4.1 and 6.9).
fn without_reserved(octets: [u8; 4]) -> u32 {
    u32::from_be_bytes(octets) & (u32::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::preface::PREFACE;

    #[test]
    fn frames_are_found_wherever_the_network_cuts() {
        let mut bytes = PREFACE.to_vec();
        bytes.extend([0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 9, 0, 4, 0, 1, 0, 0]);
        bytes.extend([0, 0, 0, 0, 1, 0, 0, 0, 1]);
        bytes.extend([0, 1, 1, 1, 5, 0, 0, 0, 3]);
        bytes.extend([7; 257]);
        bytes.extend([0, 0, 4, 8, 0, 0x80, 0, 1, 3, 0x80, 0, 0, 5]);
        // Too short, as a frame and inside of one.
        bytes.extend([0, 0, 2, 8, 0, 0, 0, 0, 3, 1, 1]);
        bytes.extend([0, 0, 7, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 9]);
        bytes.extend([0, 0, 4, 3, 0, 0, 0, 0, 5, 0, 0, 0, 8]);
        bytes.extend([0, 0, 1, 0, 0, 0, 0, 0, 1, 9]);
        for size in 1..bytes.len() {
            let (mut scanner, mut found) = (Scanner::new(PREFACE.len()), Vec::new());
            for piece in bytes.chunks(size) {
                let tell = |seen| {
                    found.push(seen);
                    Ok::<_, ()>(())
                };
                scanner.scan(piece, tell).unwrap();
            }
            let frame = |kind, stream, length, ends_stream| {
                Seen::Frame(Frame { kind, stream, length, ends_stream })
            };
            let expected = [
                frame(Kind::Settings, 0, 12, false),
                Seen::InitialWindow(65_536),
                frame(Kind::Data, 1, 0, true),
                frame(Kind::Headers, 3, 257, true),
                frame(Kind::WindowUpdate, 259, 4, false),
                Seen::Opened { stream: 259, by: 5 },
                frame(Kind::WindowUpdate, 3, 2, false),
                frame(Kind::Settings, 0, 7, false),
                Seen::InitialWindow(1),
                frame(Kind::Reset, 5, 4, false),
                frame(Kind::Data, 1, 1, false),
            ];
            assert_eq!(found, expected, "{size}");
        }
    }
}
