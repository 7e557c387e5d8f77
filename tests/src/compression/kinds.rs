//! Which answers are compressed, and what is said of it.

use super::{accepting, curl, stage, text};
use crate::harness::http::{Request, Response};
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

const BROWSER: &str = "gzip, deflate, br, zstd";

/// A service that answers with a status and fields that the request names.
fn echoing() -> Upstream {
    Upstream::answering(|request| {
        let headers = request.headers();
        let status = headers.get("x-status").unwrap_or("200 OK");
        let kind = headers.get("x-type").unwrap_or("text/html; charset=utf-8");
        let mut fields = vec![("Content-Type", kind), ("Accept-Ranges", "bytes")];
        fields.extend(headers.get("x-field").map(|field| field.split_once(": ").unwrap()));
        let body = match headers.get("x-length") {
            Some(length) => "x".repeat(length.parse().unwrap()),
            None => text(),
        };
        let answer = answer::with(status, &fields, &body);
        let has_body = request.method() != "HEAD" && !status.starts_with("304");
        let head = answer.len() - body.len();
        answer[..if has_body { answer.len() } else { head }].to_vec()
    })
}

fn encoding(answer: &Response) -> Option<&str> {
    answer.header("content-encoding")
}

#[test]
fn a_client_gets_what_it_takes_and_decodes_the_same() {
    let stage = stage("", echoing());
    for (version, encodings, expected) in [
        ("--http1.1", BROWSER, "br"),
        ("--http1.1", "gzip", "gzip"),
        ("--http2-prior-knowledge", BROWSER, "br"),
        ("--http2-prior-knowledge", "br;q=0.1, gzip", "gzip"),
    ] {
        let accept = format!("Accept-Encoding: {encodings}");
        let told = "%{stderr}%{size_download}";
        let arguments = [version, "--header", &accept, "--write-out", told];
        assert_eq!(curl(&stage, "/zip/x", &arguments), text(), "{version} {encodings}");
        let answer = stage.exchange(&accepting("/zip/x", encodings)).expect(200);
        assert_eq!(encoding(&answer), Some(expected));
        assert!(answer.message.body.len() < text().len() / 3, "{}", answer.message.body.len());
        assert_eq!(answer.header("content-length"), None);
        assert_eq!(answer.header("accept-ranges"), None);
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    // The service is asked for what can be searched.
    let asked = stage.api.last_request();
    assert_eq!(asked.headers().get("accept-encoding"), Some("identity"));
}

#[test]
fn who_takes_nothing_gets_it_plain_and_caches_are_told_all_the_same() {
    let stage = stage("", echoing());
    for request in [
        Request::get("/zip/x"),
        accepting("/zip/x", "identity"),
        accepting("/zip/x", "zstd"),
        accepting("/zip/x", "gzip;q=0, br;q=0"),
        accepting("/zip/x", "gzip;q=0.5, identity;q=1"),
    ] {
        let answer = stage.exchange(&request).expect(200);
        assert_eq!((encoding(&answer), answer.text()), (None, text().as_str()), "{request:?}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert!(answer.header("content-length").is_some());
    }
    // Where nothing is compressed nothing is said, and the service is asked as the client asks.
    let answer = stage.exchange(&accepting("/public/x", "gzip")).expect(200);
    assert_eq!((encoding(&answer), answer.header("vary")), (None, None));
    assert_eq!(stage.api.last_request().headers().get("accept-encoding"), Some("gzip"));
}

#[track_caller]
fn is_plain(stage: &Stage, field: &str, request: &Request) {
    let answer = stage.exchange(request);
    let encodings: Vec<&str> = answer.headers().all("content-encoding").collect();
    let own = field.strip_prefix("Content-Encoding: ");
    assert_eq!(encodings, own.into_iter().collect::<Vec<_>>(), "{field}");
    assert_eq!(answer.message.body.len(), text().len(), "{field}");
    assert!(answer.headers().all("vary").any(|value| value.contains("ncoding")), "{field}");
}

#[test]
fn what_must_not_be_changed_stays_as_it_is() {
    let stage = stage("", echoing());
    let request = || accepting("/zip/x", BROWSER);
    for field in [
        "Content-Encoding: gzip",
        "Content-Encoding: identity",
        "Cache-Control: max-age=60, No-Transform",
        "Content-Range: bytes 0-1/2",
        "Set-Cookie: theirs=1",
        "Content-Digest: sha-256=:AAAA:",
        "Repr-Digest: sha-256=:AAAA:",
        "Digest: sha-256=AAAA",
    ] {
        is_plain(&stage, field, &request().with("X-Field", field));
    }
    is_plain(&stage, "206", &request().with("X-Status", "206 Partial Content"));
    is_plain(&stage, "no-transform", &request().with("Cache-Control", "no-transform"));
    for kind in ["image/png", "text/event-stream", "application/grpc+proto", "", "text"] {
        is_plain(&stage, kind, &request().with("X-Type", kind));
        // Events, also where everything is compressed.
        if kind.contains("event") || kind.contains("grpc") {
            is_plain(&stage, kind, &accepting("/gzip/x", BROWSER).with("X-Type", kind));
        }
    }
}

#[test]
fn what_is_short_is_not_worth_it() {
    let stage = stage("", echoing());
    for (length, encodings, expected) in [
        ("1023", BROWSER, None),
        ("1024", BROWSER, Some("br")),
        ("10", "gzip, identity;q=0", Some("gzip")),
        ("0", "gzip, identity;q=0", None),
    ] {
        let answer = stage.exchange(&accepting("/zip/x", encodings).with("X-Length", length));
        assert_eq!(encoding(&answer), expected, "{length}");
    }
    let answer = stage.exchange(&accepting("/gzip/x", BROWSER).with("X-Length", "1"));
    assert_eq!(encoding(&answer), Some("gzip"));
}

#[test]
fn tags_become_weak_where_the_octets_differ() {
    let stage = stage("", echoing());
    let tagged = |tag: &str| accepting("/zip/x", "gzip").with("X-Field", &format!("ETag: {tag}"));
    for tag in ["\"a\"", "W/\"a\""] {
        let answer = stage.exchange(&tagged(tag)).expect(200);
        assert_eq!(answer.header("etag"), Some("W/\"a\""));
        let answer = stage.exchange(&tagged(tag).with("X-Status", "304 Not Modified")).expect(304);
        assert_eq!(answer.header("etag"), Some("W/\"a\""));
        assert_eq!((encoding(&answer), answer.header("vary")), (None, Some("accept-encoding")));
    }
    // What the client holds uncompressed keeps the tag under which it holds that.
    let unchanged = |held: &str| {
        let request = tagged("\"a\"").with("X-Status", "304 Not Modified");
        stage.exchange(&request.with("If-None-Match", held)).expect(304)
    };
    assert_eq!(unchanged("\"b\", \"a\"").header("etag"), Some("\"a\""));
    assert_eq!(unchanged("\"b\", W/\"a\"").header("etag"), Some("W/\"a\""));
    assert_eq!(unchanged("\"a\", W/\"a\"").header("etag"), Some("W/\"a\""));
    // So does what is never compressed.
    let exposed = tagged("\"a\"").with("X-Status", "304 Not Modified").with("Cookie", "theme=dark");
    assert_eq!(stage.exchange(&exposed).expect(304).header("etag"), Some("\"a\""));
    let plain = Request::get("/zip/x").with("X-Field", "ETag: \"a\"");
    assert_eq!(stage.exchange(&plain).expect(200).header("etag"), Some("\"a\""));
}

#[test]
fn the_head_is_that_of_the_whole_answer() {
    let stage = stage("", echoing());
    for (length, expected) in [("5000", Some("br")), ("10", None)] {
        let head = |method| {
            let request = Request::new(method, "/zip/x").with("Accept-Encoding", BROWSER);
            stage.exchange(&request.with("X-Length", length)).expect(200)
        };
        let (get, head) = (head("GET"), head("HEAD"));
        assert_eq!(encoding(&head), expected);
        for name in ["content-encoding", "content-length", "vary", "content-type"] {
            assert_eq!(head.header(name), get.header(name), "{name} {length}");
        }
        assert!(head.message.body.is_empty());
    }
}

#[test]
fn an_answer_of_the_route_itself_is_compressed_too() {
    let body = "z".repeat(5_000);
    let routes = format!(
        "\n  - {{ name: own, paths: [/own], authenticate: none, compress: {{}}, respond: {{ body: {body} }} }}"
    );
    let routes = format!(
        "{routes}\n  - {{ name: brief, paths: [/brief], authenticate: none, compress: {{}}, respond: {{ body: brief }} }}"
    );
    let stage = stage(&routes, echoing());
    assert_eq!(curl(&stage, "/own", &[]), body);
    for (target, expected) in [("/own", Some("br")), ("/brief", None)] {
        let asking = |method| {
            let request = Request::new(method, target).with("Accept-Encoding", BROWSER);
            stage.exchange(&request).expect(200)
        };
        let (get, head) = (asking("GET"), asking("HEAD"));
        assert_eq!(encoding(&head), expected);
        for name in ["content-encoding", "content-length", "vary", "content-type"] {
            // The length of what is compressed is not known before.
            assert_eq!(head.header(name), get.header(name), "{name} {target}");
        }
    }
    let answer = stage.exchange(&accepting("/own", BROWSER)).expect(200);
    assert_eq!(encoding(&answer), Some("br"));
    assert!(answer.message.body.len() < 100);
}
