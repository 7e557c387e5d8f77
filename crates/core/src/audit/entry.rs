//! A record in its place, and the bytes under its hash.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;

use super::Record;

/// Begins the bytes under every hash, so that they are those of nothing else.
const DOMAIN: &[u8] = b"symbolon-audit-1\n";

/// SHA-256 of an entry.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

/// A text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits")]
pub struct NotAHash;

/// A record with its number and its hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1, without gaps.
    pub sequence: u64,
    /// What happened.
    pub record: Record,
    /// The hash of the entry before; zeros before the first.
    pub previous: Hash,
    /// The hash of this one.
    pub hash: Hash,
}

/// What was removed from the beginning, because it was kept long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The number of the last entry that was removed.
    pub sequence: u64,
    /// Its hash, which the first entry that is left goes on from.
    pub hash: Hash,
}

impl Hash {
    /// SHA-256 of some bytes, such as a file that a record is about.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(hash)
    }
}

impl Entry {
    /// Binds a record to the entry before it.
    ///
    /// Under the hash are, in this order: the text `symbolon-audit-1` and a line feed; the hash
    /// before (32 bytes); the number (8 bytes) and the time in microseconds (8 bytes), both
    /// big-endian; then kind, actor, subject, client, session, source, outcome and detail, each
    /// as one byte 0 where there is none, or else one byte 1, the length in bytes (4 bytes,
    /// big-endian) and the text.
    pub fn seal(sequence: u64, previous: Hash, record: Record) -> Self {
        let hash = hash(sequence, previous, &record);
        Self { sequence, record, previous, hash }
    }

    /// Whether its hash is that of what it says.
    pub fn is_sound(&self) -> bool {
        self.hash == hash(self.sequence, self.previous, &self.record)
    }
}

fn hash(sequence: u64, previous: Hash, record: &Record) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(DOMAIN);
    context.update(&previous.0);
    context.update(&sequence.to_be_bytes());
    context.update(&record.at.as_micros().to_be_bytes());
    let fields = [
        Some(&*record.kind),
        Some(&*record.actor),
        record.subject.as_deref(),
        record.client.as_deref(),
        record.session.as_deref(),
        record.source.as_deref(),
        Some(&*record.outcome),
        Some(&*record.detail),
    ];
    for field in fields {
        let Some(text) = field else {
            context.update(&[0]);
            continue;
        };
        context.update(&[1]);
        // No text of ours has four gibibytes.
        context.update(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        context.update(text.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Hash(bytes)
}

/// 64 hexadecimal digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotAHash)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(bytes))
    }
}
