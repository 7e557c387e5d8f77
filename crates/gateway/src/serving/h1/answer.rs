//! The head of an answer in bytes, and how its body is delimited (RFC 9112 section 6).

use http::header::{self, HeaderName, HeaderValue};
use http::{StatusCode, Version, response};
use http_body::SizeHint;
use smallvec::SmallVec;
use symbolon_core::Timestamp;

use super::date;

/// What an answer depends on besides itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) version: Version,
    pub(super) is_head: bool,
    /// Whether another request may follow on the connection.
    pub(super) keep_alive: bool,
    pub(super) takes_trailers: bool,
    pub(super) now: Timestamp,
}

/// How the end of a body is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    Bodyless,
    /// So many bytes are still to come.
    Length(u64),
    /// Chunks, and then those of these trailers that come.
    Chunked(SmallVec<[HeaderName; 2]>),
    /// The connection ends with it.
    UntilClose,
}

/// Appends the head; returns how the body is delimited, and whether another request may follow.
pub(super) fn write(
    out: &mut Vec<u8>,
    head: &response::Parts,
    body: &SizeHint,
    asked: &Asked,
) -> (Framing, bool) {
    let framing = framing(head, body, asked);
    let has_said_so = says_close(head);
    let keep_alive = asked.keep_alive && framing != Framing::UntilClose && !has_said_so;
    let is_switching = head.status == StatusCode::SWITCHING_PROTOCOLS;
    write_status(out, head.status, asked.version);
    for (name, value) in &head.headers {
        let is_ours = matches!(*name, header::CONTENT_LENGTH | header::TRANSFER_ENCODING)
            || (*name == header::CONNECTION && !is_switching);
        if !is_ours {
            write_field(out, name.as_str(), value.as_bytes());
        }
    }
    if !head.headers.contains_key(header::DATE) {
        date::write(asked.now, out);
    }
    match (&framing, body.exact()) {
        (Framing::Length(length), _) => write_length(out, *length),
        (Framing::Chunked(_), _) => write_field(out, "transfer-encoding", b"chunked"),
        // What it would have been (RFC 9110 section 8.6).
        (Framing::Bodyless, exact) if asked.is_head || head.status == StatusCode::NOT_MODIFIED => {
            match (head.headers.get(header::CONTENT_LENGTH), exact) {
                (Some(length), _) => write_field(out, "content-length", length.as_bytes()),
                (None, Some(length)) if length > 0 => write_length(out, length),
                (None, _) => {}
            }
        }
        (Framing::Bodyless | Framing::UntilClose, _) => {}
    }
    match (keep_alive, asked.version) {
        _ if is_switching => {}
        (false, _) => write_field(out, "connection", b"close"),
        (true, Version::HTTP_10) => write_field(out, "connection", b"keep-alive"),
        (true, _) => {}
    }
    out.extend_from_slice(b"\r\n");
    (framing, keep_alive)
}

fn framing(head: &response::Parts, body: &SizeHint, asked: &Asked) -> Framing {
    let is_bodyless = asked.is_head
        || head.status.is_informational()
        || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    match body.exact() {
        _ if is_bodyless => Framing::Bodyless,
        Some(length) => Framing::Length(length),
        None if asked.version == Version::HTTP_10 => Framing::UntilClose,
        None if asked.takes_trailers => Framing::Chunked(announced(head)),
        None => Framing::Chunked(SmallVec::new()),
    }
}

/// The trailers that an answer announces.
fn announced(head: &response::Parts) -> SmallVec<[HeaderName; 2]> {
    let values = head.headers.get_all(header::TRAILER).iter().map(HeaderValue::as_bytes);
    let names = values.flat_map(|value| value.split(|byte| *byte == b','));
    names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()).collect()
}

fn says_close(head: &response::Parts) -> bool {
    head.headers.get(header::CONNECTION).is_some_and(|value| value == "close")
}

fn write_status(out: &mut Vec<u8>, status: StatusCode, version: Version) {
    let start: &[u8] = if version == Version::HTTP_10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " };
    out.extend_from_slice(start);
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn write_length(out: &mut Vec<u8>, length: u64) {
    write_field(out, "content-length", itoa::Buffer::new().format(length).as_bytes());
}

/// Appends a field.
pub(super) fn write_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    const ASKED: Asked = Asked {
        version: Version::HTTP_11,
        is_head: false,
        keep_alive: true,
        takes_trailers: false,
        now: Timestamp::from_secs(784_111_777),
    };

    fn written(
        status: u16,
        rows: &[(&'static str, &'static str)],
        length: Option<u64>,
        asked: Asked,
    ) -> (String, Framing, bool) {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in rows {
            response.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        let hint = length.map_or_else(SizeHint::default, SizeHint::with_exact);
        let mut out = Vec::new();
        let (framing, keep_alive) = write(&mut out, &response.into_parts().0, &hint, &asked);
        (String::from_utf8(out).unwrap(), framing, keep_alive)
    }

    #[test]
    fn a_known_length_is_said() {
        let (text, framing, keep) = written(200, &[("x-a", "1")], Some(5), ASKED);
        let date = "date: Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(
            text,
            format!("HTTP/1.1 200 OK\r\nx-a: 1\r\n{date}\r\ncontent-length: 5\r\n\r\n")
        );
        assert_eq!((framing, keep), (Framing::Length(5), true));
    }

    #[test]
    fn what_the_headers_say_of_the_length_does_not_count() {
        let lies = [("content-length", "99"), ("transfer-encoding", "gzip"), ("connection", "x")];
        let (text, framing, _) = written(200, &lies, Some(5), ASKED);
        assert_eq!(framing, Framing::Length(5));
        assert!(text.contains("content-length: 5\r\n") && !text.contains("length: 99"), "{text}");
        assert!(!text.contains("gzip") && !text.contains("connection"), "{text}");
        let (text, framing, _) = written(200, &lies, None, ASKED);
        assert_eq!(framing, Framing::Chunked(SmallVec::new()));
        assert!(
            text.contains("transfer-encoding: chunked\r\n") && !text.contains("length: 99"),
            "{text}"
        );
    }

    #[test]
    fn an_old_client_gets_the_end_of_the_connection() {
        let asked = Asked { version: Version::HTTP_10, ..ASKED };
        let (text, framing, keep) = written(200, &[], None, asked);
        assert_eq!((framing, keep), (Framing::UntilClose, false));
        assert!(text.starts_with("HTTP/1.0 ") && text.contains("connection: close\r\n"), "{text}");
        let (text, _, keep) = written(200, &[], Some(1), asked);
        assert!(keep && text.contains("connection: keep-alive\r\n"), "{text}");
    }

    #[test]
    fn answers_without_a_body_say_what_it_would_have_been() {
        let head = Asked { is_head: true, ..ASKED };
        for (status, asked) in [(200, head), (304, ASKED)] {
            let rows = [("content-length", "7")];
            let (text, framing, _) = written(status, &rows, Some(0), asked);
            assert_eq!(framing, Framing::Bodyless);
            assert!(text.contains("content-length: 7\r\n"), "{text}");
            let (text, ..) = written(status, &[], None, asked);
            assert!(!text.contains("content-length") && !text.contains("chunked"), "{text}");
        }
        let (text, framing, _) = written(204, &[("content-length", "7")], Some(0), ASKED);
        assert!(framing == Framing::Bodyless && !text.contains("content-length"), "{text}");
    }

    #[test]
    fn trailers_go_to_whoever_takes_them() {
        let rows = [("trailer", "x-sum, grpc-status")];
        let (_, framing, _) = written(200, &rows, None, Asked { takes_trailers: true, ..ASKED });
        let Framing::Chunked(names) = framing else { panic!("{framing:?}") };
        assert_eq!(names.as_slice(), ["x-sum", "grpc-status"]);
        let (_, framing, _) = written(200, &rows, None, ASKED);
        assert_eq!(framing, Framing::Chunked(SmallVec::new()));
    }

    #[test]
    fn an_answer_may_end_the_connection() {
        let (text, _, keep) = written(400, &[("connection", "close")], Some(0), ASKED);
        assert!(!keep && text.matches("connection: close\r\n").count() == 1, "{text}");
    }

    #[test]
    fn a_switch_keeps_what_it_says_of_the_connection() {
        let (text, framing, _) = written(101, &[("connection", "upgrade")], Some(0), ASKED);
        assert_eq!(framing, Framing::Bodyless);
        assert!(text.contains("connection: upgrade\r\n"), "{text}");
    }
}
