//! Bodies that are read before the service is asked.

use super::scene::{Message, Scene, digests, kong};
use crate::harness::http::Request;

const BODY: &[u8] = br#"{"amount":10}"#;

/// As Kong's client signs a body: `headers` names what is signed besides date and request line.
fn posted(path: &str, date: &str, digest: Option<&str>, is_signed: bool) -> Request {
    let mut lines = format!("date: {date}\nPOST {path} HTTP/1.1");
    let mut headers = "date request-line".to_owned();
    if let Some(digest) = digest.filter(|_| is_signed) {
        lines.extend(["\ndigest: ", digest]);
        headers.push_str(" digest");
    }
    let request =
        Request::post(path).with("Date", date).with("Authorization", &kong(&headers, &lines));
    match digest {
        Some(digest) => request.with("Digest", digest),
        None => request,
    }
}

#[test]
fn a_body_with_a_signed_digest_reaches_the_service() {
    let scene = Scene::new();
    let (old, new) = digests(BODY);
    scene.takes(&posted("/signed/a", &scene.date(0), Some(&old), true).body(BODY));
    assert_eq!(scene.stage.api.last_request().message.body, BODY);
    let parameters = format!(";created={};keyid=\"alice\"", scene.created(0));
    let components = [
        ("\"@method\"", "POST"),
        ("\"@target-uri\"", "http://shop.test/signed/b"),
        ("\"content-digest\"", new.as_str()),
        ("\"content-length\"", "13"),
    ];
    let request = Request::post("/signed/b").with("Content-Digest", &new);
    scene.takes(&Message::new(&components, &parameters).signed(request).body(BODY));
    assert_eq!(scene.stage.api.last_request().message.body, BODY);
}

#[test]
fn another_body_is_refused_and_the_service_hears_nothing() {
    let scene = Scene::new();
    let date = scene.date(0);
    let (digest, _) = digests(BODY);
    let of = |path: &str| posted(path, &date, Some(&digest), true);
    scene.refuses(&of("/signed/1").body(br#"{"amount":11}"#), "digest_mismatch");
    scene.refuses(&of("/signed/2").body(b"{"), "digest_mismatch");
    scene.refuses(&of("/signed/3").body(b""), "digest_mismatch");
    scene.refuses(&of("/signed/4"), "digest_mismatch");
    let chunked = of("/signed/5").with("Transfer-Encoding", "chunked");
    let mut bytes = chunked.to_bytes();
    bytes.extend_from_slice(b"d\r\n{\"amount\":11}\r\n0\r\n\r\n");
    let mut connection = scene.stage.connect();
    connection.send(&bytes);
    let answer = connection.response().expect(401);
    assert_eq!(answer.json()["reason"], "digest_mismatch");
    assert_eq!(answer.json()["authenticator"], "hmac");
    assert!(answer.header("www-authenticate").unwrap().starts_with("hmac realm="));
    assert_eq!(scene.stage.api.requests().iter().filter(|one| one.method() == "POST").count(), 0);
    // A digest that was exchanged with the body is not the signed one.
    let (other, _) = digests(br#"{"amount":11}"#);
    let lines = format!("date: {date}\nPOST /signed/6 HTTP/1.1\ndigest: {digest}");
    let request = Request::post("/signed/6")
        .with("Date", &date)
        .with("Digest", &other)
        .with("Authorization", &kong("date request-line digest", &lines))
        .body(br#"{"amount":11}"#);
    scene.refuses(&request, "signature_mismatch");
}

#[test]
fn a_body_without_a_signed_digest_is_refused_unless_the_route_says_otherwise() {
    let scene = Scene::new();
    let date = scene.date(0);
    let (digest, _) = digests(BODY);
    scene.refuses(&posted("/signed/1", &date, None, false).body(BODY), "digest_missing");
    // Of what APISIX's documents send the digest is there and not signed, so it proves nothing.
    scene.refuses(&posted("/signed/2", &date, Some(&digest), false).body(BODY), "digest_missing");
    let chunked = posted("/signed/3", &date, None, false).with("Transfer-Encoding", "chunked");
    scene.refuses(&chunked, "digest_missing");
    scene.takes(&posted("/signed/4", &date, None, false).body(b""));
    scene.takes(&posted("/signed/5", &date, None, false));
    scene.takes(&posted("/loose/1", &date, None, false).body(BODY));
    scene.takes(&posted("/loose/2", &date, Some(&digest), false).body(b"other"));
    // One that is signed counts there as well.
    let signed = posted("/loose/3", &date, Some(&digest), true).body(b"other");
    scene.refuses(&signed, "digest_mismatch");
    for wrong in ["SHA-256=AAAA", "MD5=AAAA", "x"] {
        let request = posted("/signed/6", &date, Some(wrong), true).body(BODY);
        scene.refuses(&request, "digest_malformed");
    }
}

#[test]
fn a_body_that_is_too_long_is_413() {
    let scene = Scene::new();
    let date = scene.date(0);
    let body = vec![b'x'; 1025];
    let (digest, _) = digests(&body);
    let (answer, is_heard) = scene.ask(&posted("/small/1", &date, Some(&digest), true).body(&body));
    answer.expect(413);
    assert!(!is_heard);
    // Also where nothing was announced.
    let request = posted("/small/2", &date, Some(&digest), true);
    let mut bytes = request.with("Transfer-Encoding", "chunked").to_bytes();
    bytes.extend_from_slice(b"401\r\n");
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(b"\r\n0\r\n\r\n");
    let before = scene.stage.api.hits();
    let mut connection = scene.stage.connect();
    connection.send(&bytes);
    connection.response().expect(413);
    assert_eq!(scene.stage.api.hits(), before);
}
