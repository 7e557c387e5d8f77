//! Paths that two servers might read in two ways.

use crate::harness::http2::Client;
use crate::harness::stage::Stage;

/// Each of them is refused, wherever it might have led.
const AMBIGUOUS: &[&str] = &[
    "/public/../admin",
    "/public/./x",
    "/public/..",
    "/public/.",
    "/..",
    "/public/%2e%2e/admin",
    "/public/%2E%2e/admin",
    "/public/.%2e/admin",
    "/public/%2e/x",
    "/public/%252e%252e/admin",
    "/public/..%2fadmin",
    "/public%2fx",
    "/public%2Fx",
    "/%2fpublic",
    "/public/..%5cadmin",
    "/public/..\\admin",
    "/public\\x",
    "/public/%5c..%5cadmin",
    "/public;x/../admin",
    "/public/;/x",
    "/public/x;jsessionid=1",
    "/public/..;/admin",
    "/public/%3b/x",
    "//public/x",
    "/public//x",
    "/public/x//",
    "/public/%00x",
    "/public/x%0d%0aX-User:%20root",
    "/public/x%7f",
    "/public/%c0%ae%c0%ae/admin",
    "/public/%c0%afx",
    "/public/%e0%80%afx",
    "/public/%ff",
    "/public/%c3",
    "/public/%2",
    "/public/%zz",
    "/public/%",
    "/public/%u002e",
    "/public/\"x",
    "/public/<x>",
    "/public/{x}",
    "/public/x|y",
    "/public/x^y",
    "/public/`x`",
    "public/x",
    "x/public",
    "*",
    "",
    "?x=/public",
];

#[test]
fn ambiguous_paths_reach_nobody() {
    let stage = Stage::plain();
    let status = |path: &str| {
        let mut connection = stage.connect();
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: shop.test\r\n\r\n").as_bytes());
        connection.response().status
    };
    let answers = AMBIGUOUS.iter().map(|path| (*path, status(path)));
    let wrong: Vec<_> = answers.filter(|(_, status)| *status != 400).collect();
    assert!(wrong.is_empty(), "not refused: {wrong:?}");
    assert_eq!((stage.api.hits(), stage.other.hits()), (0, 0), "{:?}", stage.api.requests());
}

#[test]
fn raw_bytes_in_a_path_reach_nobody() {
    let stage = Stage::plain();
    for path in [
        &b"/public/\xff"[..],
        b"/public/\xc3\xa4",
        b"/public/\x00",
        b"/public/\x01",
        b"/public/a\tb",
        b"/public/\x7f",
    ] {
        let mut connection = stage.connect();
        let line = [b"GET ", path, b" HTTP/1.1\r\nHost: shop.test\r\n\r\n"].concat();
        connection.send(&line);
        assert_eq!(connection.response().status, 400, "{path:?}");
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn a_fragment_is_refused_or_no_part_of_anything() {
    let stage = Stage::plain();
    let ask = |target: &str| {
        let mut connection = stage.connect();
        connection.send(format!("GET {target} HTTP/1.1\r\nHost: shop.test\r\n\r\n").as_bytes());
        connection.response().status
    };
    for path in ["/public/x#/../admin", "/public/x#", "/public/x?a#b", "/api/x#/public"] {
        assert_eq!(ask(path), 400, "{path}");
    }
    let mut client = Client::to(stage.symbolon.address);
    for (path, status) in [("/public/x#/../admin", 200), ("/public/x?a#b", 200), ("/api/x#/a", 401)]
    {
        assert_eq!(ask(&format!("http://shop.test{path}")), status, "{path}");
        client.get(path, &[]).expect(status.into());
    }
    for received in stage.api.requests() {
        let target = received.target();
        assert!(matches!(target, "/public/x" | "/public/x?a"), "{target}");
    }
}
