//! Answers as servers send them, and as they do not.

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
    assert!(read(&bytes, Kind::A).records.is_empty(), "it is of `a.test`, and not of the alias");
    // The same record, now of the name that the alias leads to.
    let target = u8::try_from(bytes.len() - 16 - 4).unwrap();
    let at = bytes.len() - 16;
    bytes[at + 1] = target;
    let answer = read(&bytes, Kind::A);
    assert_eq!((answer.records.len(), answer.ttl), (1, 9));
}

#[test]
fn an_alias_may_stand_behind_what_it_leads_to_and_never_leads_in_circles() {
    let alias = [b"\x01b".as_slice(), &[0xc0, 14]].concat();
    // The address comes first, and the name that it is of stands in the alias behind it.
    let mut bytes = answered(Kind::A, &[(1, 60, &[10, 0, 0, 1]), (CNAME, 9, &alias)]);
    let owner = b"\x01b\xc0\x0e";
    let at = bytes.len() - 16 - 16;
    bytes.splice(at..at + 2, owner.iter().copied());
    let answer = read(&bytes, Kind::A);
    assert_eq!((answer.records.len(), answer.ttl), (1, 9));
    let circle = answered(Kind::A, &[(CNAME, 9, &[0xc0, 12])]);
    assert!(read(&circle, Kind::A).records.is_empty());
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
