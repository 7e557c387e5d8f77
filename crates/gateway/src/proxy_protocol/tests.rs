//! Headers that are read, and everything else, which is not.

use proptest::prelude::*;

use super::checksum::crc32c;
use super::*;

fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [v2::SIGNATURE, &[command, family], &length, rest].concat()
}

fn tcp4(fields: &[u8]) -> Vec<u8> {
    v2(0x21, 0x11, &[&[192, 0, 2, 1, 192, 0, 2, 2, 0xdb, 0xfc, 0x01, 0xbb], fields].concat())
}

fn with_checksum(mut header: Vec<u8>) -> Vec<u8> {
    let at = header.len() - 4;
    let sum = crc32c(&header, at..at + 4);
    header.truncate(at);
    header.extend(sum.to_be_bytes());
    header
}

#[track_caller]
fn complete(header: &[u8]) -> Option<SocketAddr> {
    for end in 0..header.len() {
        assert_eq!(parse(&header[..end]), Ok(Parsed::Incomplete), "{end} bytes");
    }
    let followed = [header, b"\x16GET / HTTP/1.1"].concat();
    match parse(&followed) {
        Ok(Parsed::Complete { length, source }) => {
            assert_eq!(length, header.len());
            source
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn version_1_names_the_source() {
    let source = complete(b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n").unwrap();
    assert_eq!(source, "192.0.2.1:56324".parse().unwrap());
    let source = complete(b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n").unwrap();
    assert_eq!(source, "[2001:db8::1]:1".parse().unwrap());
    assert_eq!(complete(b"PROXY UNKNOWN\r\n"), None);
    assert_eq!(complete(b"PROXY UNKNOWN ffff::1 whatever\r\n"), None);
}

#[test]
fn version_2_names_the_source() {
    assert_eq!(complete(&tcp4(b"")), Some("192.0.2.1:56316".parse().unwrap()));
    let tcp6 = [&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1], &[0; 16], &[0, 80, 1, 187]].concat();
    assert_eq!(complete(&v2(0x21, 0x21, &tcp6)), Some("[2001:db8::1]:80".parse().unwrap()));
}

#[test]
fn what_has_no_address_leaves_the_load_balancer() {
    assert_eq!(complete(&v2(0x20, 0x00, b"")), None);
    assert_eq!(complete(&v2(0x20, 0x11, &[1; 12])), None);
    assert_eq!(complete(&v2(0x21, 0x00, b"")), None);
    assert_eq!(complete(&v2(0x21, 0x31, &[0; 216])), None);
}

#[test]
fn additional_fields_are_passed_over_and_a_checksum_is_verified() {
    assert!(complete(&tcp4(b"\x01\x00\x02h2\x04\x00\x00")).is_some());
    let right = with_checksum(tcp4(b"\x04\x00\x01x\x03\x00\x04\0\0\0\0"));
    assert!(complete(&right).is_some());
    let mut wrong = right;
    wrong[17] ^= 1;
    assert_eq!(parse(&wrong), Err(ProxyError::Checksum));
}

#[test]
fn version_1_is_strict() {
    for line in [
        "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3",
        "PROXY TCP4 192.0.2.1 192.0.2.2 01 2",
        "PROXY TCP4 192.0.2.1 192.0.2.2 +1 2",
        "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2",
        "PROXY TCP4 192.0.2.01 192.0.2.2 1 2",
        "PROXY TCP4 ::1 ::2 1 2",
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2",
        "PROXY tcp4 192.0.2.1 192.0.2.2 1 2",
        "PROXY UDP4 192.0.2.1 192.0.2.2 1 2",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
        "PROXY ",
        "PROXY UNKNOWN\t",
    ] {
        let parsed = parse(format!("{line}\r\n").as_bytes());
        assert!(matches!(parsed, Err(ProxyError::Malformed(_))), "{line}: {parsed:?}");
    }
    assert_eq!(
        parse(format!("PROXY UNKNOWN {}", "x".repeat(93)).as_bytes()),
        Err(ProxyError::TooLong)
    );
    assert_eq!(parse(b"PROXY TCP4\rGET"), Err(ProxyError::Malformed("not a line of text")));
}

#[test]
fn version_2_is_strict() {
    for header in [
        v2(0x11, 0x11, &[0; 12]),
        v2(0x22, 0x11, &[0; 12]),
        v2(0x21, 0x12, &[0; 12]),
        v2(0x21, 0x41, &[0; 12]),
        v2(0x21, 0x11, &[0; 11]),
        v2(0x21, 0x21, &[0; 35]),
        tcp4(b"\x01"),
        tcp4(b"\x01\x00\x05abc"),
        tcp4(b"\x03\x00\x03abc"),
        tcp4(b"\x03\x00\x00\x03\x00\x00"),
    ] {
        let parsed = parse(&header);
        assert!(matches!(parsed, Err(ProxyError::Malformed(_))), "{header:?}: {parsed:?}");
    }
    assert_eq!(parse(&v2(0x21, 0x11, &[0; 4097])), Err(ProxyError::TooLong));
}

#[test]
fn a_request_is_no_header() {
    for bytes in [&b"GET / HTTP/1.1\r\n"[..], b"\x16\x03\x01", b"PROXZ", b"\r\n\r\n\0\r\nQUIT\r"] {
        assert_eq!(parse(bytes), Err(ProxyError::Signature));
    }
}

proptest! {
    #[test]
    fn what_is_read_is_never_more_than_there_is(
        kind in 0..3_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let beginning = [&b""[..], v1::SIGNATURE, v2::SIGNATURE][kind];
        let bytes = [beginning, &bytes].concat();
        if let Ok(Parsed::Complete { length, .. }) = parse(&bytes) {
            prop_assert!(length <= bytes.len());
            // However the bytes come, they say the same.
            prop_assert_eq!(parse(&bytes[..length]), parse(&bytes));
            for end in 0..length {
                prop_assert_eq!(parse(&bytes[..end]), Ok(Parsed::Incomplete));
            }
        }
    }

    #[test]
    fn every_source_is_read_back(
        source in any::<(std::net::IpAddr, u16)>(),
        to in any::<u16>(),
    ) {
        let source = SocketAddr::from(source);
        let (word, ip) = (if source.is_ipv4() { "TCP4" } else { "TCP6" }, source.ip());
        let line = format!("PROXY {word} {ip} {ip} {} {to}\r\n", source.port());
        prop_assert_eq!(parse(line.as_bytes()), Ok(Parsed::Complete { length: line.len(), source: Some(source) }));
    }
}
