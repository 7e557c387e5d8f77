//! Questions and answers on the wire (RFC 1035 section 4, RFC 2782, RFC 3596, RFC 6891).

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
    // Aliases are followed as they stand there: each after the name it belongs to.
    let mut wanted = asked;
    for _ in 0..count.min(MAX_RECORDS) {
        let owner = reader.name()?;
        let (of, class) = (reader.number()?, reader.number()?);
        let ttl = u32::from_be_bytes(reader.array()?);
        let length = usize::from(reader.number()?);
        let end = reader.at + length;
        if class == INTERNET && owner.eq_ignore_ascii_case(&wanted) {
            if of == CNAME {
                wanted = reader.name()?;
                answer.ttl = answer.ttl.min(ttl);
            } else if of == kind as u16 {
                answer.records.push(reader.record(kind, length)?);
                answer.ttl = answer.ttl.min(ttl);
            }
        }
        reader.at = end;
    }
    Ok(Some(answer))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An answer to `a.test`, with records that say their name as a pointer to the question.
    fn answered(kind: Kind, records: &[(u16, u32, &[u8])]) -> Vec<u8> {
        let mut bytes = question(7, "a.test", kind).unwrap();
        bytes.truncate(bytes.len() - 11);
        bytes[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
        bytes[7] = u8::try_from(records.len()).unwrap();
        for (of, ttl, content) in records {
            bytes.extend([0xc0, 12]);
            bytes.extend(of.to_be_bytes());
            bytes.extend(INTERNET.to_be_bytes());
            bytes.extend(ttl.to_be_bytes());
            bytes.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
            bytes.extend(*content);
        }
        bytes
    }

    fn read(bytes: &[u8], kind: Kind) -> Answer {
        answer(bytes, 7, "A.test.", kind).unwrap().unwrap()
    }

    #[test]
    fn addresses_are_read_with_the_shortest_ttl() {
        let bytes = answered(Kind::A, &[(1, 60, &[10, 0, 0, 1]), (1, 30, &[10, 0, 0, 2])]);
        let addresses = [[10, 0, 0, 1], [10, 0, 0, 2]].map(|ip| Record::Address(ip.into()));
        let expected = Answer { records: addresses.to_vec(), ttl: 30, is_truncated: false };
        assert_eq!(read(&bytes, Kind::A), expected);
        let six = Ipv6Addr::LOCALHOST.octets();
        let bytes = answered(Kind::Aaaa, &[(28, 5, &six)]);
        assert_eq!(read(&bytes, Kind::Aaaa).records, [Record::Address(six.into())]);
    }

    #[test]
    fn an_alias_is_followed_and_what_belongs_to_others_is_not_taken() {
        let alias = [b"\x01b".as_slice(), &[0xc0, 14]].concat();
        let mut bytes = answered(Kind::A, &[(CNAME, 9, &alias), (1, 60, &[10, 6, 6, 6])]);
        assert!(
            read(&bytes, Kind::A).records.is_empty(),
            "it is of `a.test`, and not of the alias"
        );
        // The same record, now of the name that the alias leads to.
        let target = u8::try_from(bytes.len() - 16 - 4).unwrap();
        let at = bytes.len() - 16;
        bytes[at + 1] = target;
        let answer = read(&bytes, Kind::A);
        assert_eq!((answer.records.len(), answer.ttl), (1, 9));
    }

    #[test]
    fn services_are_read() {
        let content = [&[0, 1, 0, 2, 0x1f, 0x90][..], b"\x03web", &[0xc0, 14]].concat();
        let answer = read(&answered(Kind::Srv, &[(33, 5, &content)]), Kind::Srv);
        let name = "web.test".to_owned();
        let service = Record::Service { priority: 1, weight: 2, port: 8080, name };
        assert_eq!(answer.records, [service]);
    }

    #[test]
    fn an_answer_to_something_else_is_none() {
        let bytes = answered(Kind::A, &[(1, 60, &[10, 0, 0, 1])]);
        assert_eq!(answer(&bytes, 8, "a.test", Kind::A).unwrap(), None);
        assert_eq!(answer(&bytes, 7, "b.test", Kind::A).unwrap(), None);
        assert_eq!(answer(&bytes, 7, "a.test", Kind::Aaaa).unwrap(), None);
        let mut question = bytes;
        question[2] = 1;
        assert_eq!(answer(&question, 7, "a.test", Kind::A).unwrap(), None);
    }

    #[test]
    fn there_is_no_such_name_is_an_answer_and_a_failure_is_none() {
        let mut bytes = answered(Kind::A, &[]);
        bytes[3] = 0x83;
        assert!(read(&bytes, Kind::A).records.is_empty());
        bytes[3] = 0x82;
        assert!(matches!(answer(&bytes, 7, "a.test", Kind::A), Err(DnsError::Code(2))));
    }

    #[test]
    fn a_pointer_that_does_not_lead_back_is_refused() {
        let mut bytes = answered(Kind::A, &[(1, 60, &[10, 0, 0, 1])]);
        let at = bytes.len() - 16;
        bytes[at + 1] = u8::try_from(at).unwrap();
        assert!(matches!(answer(&bytes, 7, "a.test", Kind::A), Err(DnsError::Malformed)));
    }

    #[test]
    fn only_names_are_asked_for() {
        let long = "a".repeat(64);
        let longer = ["abcdefg"; 40].join(".");
        for bad in ["", "a..b", long.as_str(), longer.as_str()] {
            assert!(question(1, bad, Kind::A).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(
            mut bytes in prop::collection::vec(any::<u8>(), 0..300), is_near in any::<bool>(),
        ) {
            if is_near {
                let start = answered(Kind::Srv, &[(33, 1, &[0; 7])]);
                let kept = start.len().min(20);
                bytes.splice(..0, start[..kept].iter().copied());
            }
            let _ = answer(&bytes, 7, "a.test", Kind::Srv);
        }
    }
}
