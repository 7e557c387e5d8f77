//! Questions and answers on the wire (RFC 1035 section 4, RFC 2782, RFC 3596, RFC 6891).

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::DnsError;

/// The most bytes of an answer in a datagram that we ask for.
pub(super) const MAX_DATAGRAM: u16 = 1_232;
/// How long nothing is believed for which no TTL is told, in seconds.
const NEGATIVE_TTL: u32 = u32::MAX;
/// The longest name on the wire, in bytes.
const MAX_NAME: usize = 255;
/// The most records of an answer that are looked at.
const MAX_RECORDS: usize = 512;

/// The longest chain of aliases that is followed.
const MAX_ALIASES: usize = 16;

const CNAME: u16 = 5;
const INTERNET: u16 = 1;
const NAME_ERROR: u8 = 3;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Kind {
    A = 1,
    Aaaa = 28,
    Srv = 33,
}

/// What was asked for and is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Address(IpAddr),
    Service { priority: u16, weight: u16, port: u16, name: String },
}

/// An answer; without records there is nothing of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) records: Vec<Record>,
    /// The shortest of those on the way, in seconds.
    pub(super) ttl: u32,
    /// Whether there is more than fits.
    pub(super) is_truncated: bool,
}

/// A question.
pub(super) fn question(id: u16, name: &str, kind: Kind) -> Result<Vec<u8>, DnsError> {
    let mut out = Vec::with_capacity(64);
    out.extend(id.to_be_bytes());
    // Recursion desired; one question, one additional record.
    out.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    let labels = name.trim_end_matches('.').split('.');
    for label in labels {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length));
        out.push(length.ok_or(DnsError::Name)?);
        out.extend(label.as_bytes());
    }
    out.push(0);
    if out.len() > 12 + MAX_NAME {
        return Err(DnsError::Name);
    }
    out.extend((kind as u16).to_be_bytes());
    out.extend(INTERNET.to_be_bytes());
    // OPT: the root's name, type 41, how much we take, and nothing else.
    out.extend([0, 0, 41]);
    out.extend(MAX_DATAGRAM.to_be_bytes());
    out.extend([0; 6]);
    Ok(out)
}

/// The answer to a question; `None` if it is one to another question.
pub(super) fn answer(
    bytes: &[u8],
    id: u16,
    name: &str,
    kind: Kind,
) -> Result<Option<Answer>, DnsError> {
    let mut reader = Reader { bytes, at: 0 };
    let head: [u8; 12] = reader.array()?;
    let [id_high, id_low, flags, more, _, questions, answers_high, answers_low, ..] = head;
    if u16::from_be_bytes([id_high, id_low]) != id || flags & 0x80 == 0 || questions != 1 {
        return Ok(None);
    }
    let asked = reader.name()?;
    let is_ours = asked.eq_ignore_ascii_case(name.trim_end_matches('.'))
        && reader.number()? == kind as u16
        && reader.number()? == INTERNET;
    if !is_ours {
        return Ok(None);
    }
    let code = more & 0x0f;
    if code != 0 && code != NAME_ERROR {
        return Err(DnsError::Code(code));
    }
    let count = usize::from(u16::from_be_bytes([answers_high, answers_low]));
    let mut answer =
        Answer { records: Vec::new(), ttl: NEGATIVE_TTL, is_truncated: flags & 2 != 0 };
    if answer.is_truncated {
        return Ok(Some(answer));
    }
    let mut contents = Vec::new();
    for _ in 0..count.min(MAX_RECORDS) {
        let owner = reader.name()?;
        let (of, class) = (reader.number()?, reader.number()?);
        let ttl = u32::from_be_bytes(reader.array()?);
        let length = usize::from(reader.number()?);
        let end = reader.at + length;
        if class == INTERNET && of == CNAME {
            contents.push((owner, ttl, Content::Alias(reader.name()?)));
        } else if class == INTERNET && of == kind as u16 {
            contents.push((owner, ttl, Content::Record(reader.record(kind, length)?)));
        }
        reader.at = end;
    }
    answer.follow(asked, &contents);
    Ok(Some(answer))
}

/// What a record of an answer says.
enum Content {
    Alias(String),
    Record(Record),
}

impl Answer {
    /// Takes what is of this name, or of the one that its aliases lead to, in whatever order they
    /// stand there. A name with an alias has nothing else (RFC 1034 section 3.6.2).
    fn follow(&mut self, mut name: String, contents: &[(String, u32, Content)]) {
        for _ in 0..MAX_ALIASES {
            let of_name = || contents.iter().filter(|(owner, ..)| *owner == name);
            let alias = of_name().find_map(|(_, ttl, content)| match content {
                Content::Alias(other) => Some((*ttl, other.clone())),
                Content::Record(_) => None,
            });
            if let Some((ttl, other)) = alias {
                self.ttl = self.ttl.min(ttl);
                name = other;
                continue;
            }
            for (_, ttl, content) in of_name() {
                if let Content::Record(record) = content {
                    self.ttl = self.ttl.min(*ttl);
                    self.records.push(record.clone());
                }
            }
            return;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], DnsError> {
        let taken = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        self.at += N;
        taken.copied().ok_or(DnsError::Malformed)
    }

    fn number(&mut self) -> Result<u16, DnsError> {
        self.array().map(u16::from_be_bytes)
    }

    /// A name in lower case, without the root's dot (RFC 1035 section 4.1.4).
    fn name(&mut self) -> Result<String, DnsError> {
        let (mut name, mut at, mut has_jumped) = (String::new(), self.at, false);
        loop {
            let length = *self.bytes.get(at).ok_or(DnsError::Malformed)?;
            match length {
                0 => {
                    if !has_jumped {
                        self.at = at + 1;
                    }
                    return Ok(name);
                }
                1..64 => {
                    let label = self.bytes.get(at + 1..=at + usize::from(length));
                    let label = label.ok_or(DnsError::Malformed)?;
                    if name.len() + label.len() > MAX_NAME || !label.iter().copied().all(is_plain) {
                        return Err(DnsError::Malformed);
                    }
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.extend(label.iter().map(|byte| char::from(byte.to_ascii_lowercase())));
                    at += 1 + label.len();
                }
                192.. => {
                    let low = *self.bytes.get(at + 1).ok_or(DnsError::Malformed)?;
                    let to = usize::from(u16::from_be_bytes([length & 0x3f, low]));
                    if !has_jumped {
                        self.at = at + 2;
                    }
                    // Only back, so that it ends.
                    if to >= at {
                        return Err(DnsError::Malformed);
                    }
                    (at, has_jumped) = (to, true);
                }
                _ => return Err(DnsError::Malformed),
            }
        }
    }

    fn record(&mut self, kind: Kind, length: usize) -> Result<Record, DnsError> {
        match (kind, length) {
            (Kind::A, 4) => Ok(Record::Address(Ipv4Addr::from(self.array::<4>()?).into())),
            (Kind::Aaaa, 16) => Ok(Record::Address(Ipv6Addr::from(self.array::<16>()?).into())),
            (Kind::Srv, 7..) => Ok(Record::Service {
                priority: self.number()?,
                weight: self.number()?,
                port: self.number()?,
                name: self.name()?,
            }),
            _ => Err(DnsError::Malformed),
        }
    }
}

/// What stands in names of hosts and services.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}
