//! The service behind every proxy: a fixed answer, a large one, what it was asked, or an echo.

use std::sync::LazyLock;

use bytes::Bytes;

use super::{Reply, response};
use crate::{
    websocket::accept,
    workload::{ANSWER, LARGE, LARGE_OCTET, LARGE_PATH, SEEN_PATH},
};

static FIXED: LazyLock<Bytes> = LazyLock::new(|| response("200 OK", "", ANSWER));
static LARGE_ANSWER: LazyLock<Bytes> = LazyLock::new(|| {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {LARGE}\r\n\r\n"
    );
    [head.as_bytes(), &vec![LARGE_OCTET; LARGE]].concat().into()
});

/// What is done about the request with this head.
pub(crate) fn reply(head: &[u8]) -> Reply {
    let Some(path) = head.strip_prefix(b"GET ") else {
        return Reply::AfterBody(content_length(head), FIXED.clone());
    };
    if path.starts_with(SEEN_PATH.as_bytes()) {
        return Reply::Octets(response("200 OK", "", &String::from_utf8_lossy(head)));
    }
    if path.starts_with(LARGE_PATH.as_bytes()) {
        return Reply::Octets(LARGE_ANSWER.clone());
    }
    match value(head, "sec-websocket-key") {
        Some(key) => Reply::Echo(switching(&accept(&key))),
        None => Reply::Octets(FIXED.clone()),
    }
}

fn switching(accept: &str) -> Bytes {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    )
    .into()
}

fn content_length(head: &[u8]) -> usize {
    value(head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn value(head: &[u8], name: &str) -> Option<String> {
    let mut headers = [httparse::EMPTY_HEADER; 48];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(head).ok()?;
    let header = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    String::from_utf8(header.value.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::{Reply, reply};

    #[test]
    fn a_body_is_waited_for() {
        let head = b"POST / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n";
        assert!(matches!(reply(head), Reply::AfterBody(1_048_576, _)));
    }
}
