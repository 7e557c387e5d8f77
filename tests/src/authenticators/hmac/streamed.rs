//! Bodies that pass while they are hashed: the service never has the whole of a forged one.

use std::sync::Arc;

use aws_lc_rs::hmac;
use parking_lot::Mutex;

use super::scene::{Message, Scene, digests, kong, mac};
use crate::harness::http::Request;
use crate::harness::http2::{Client, Service, request};
use crate::harness::patience::eventually;
use crate::harness::upstream::{Upstream, answer};

/// Longer than what is read beforehand, and than what a socket takes at once.
const LONG: usize = 700 * 1024;
/// What the service that speaks HTTP/2 can send back at once.
const SHORT: usize = 9000;

/// Whether each body was whole, and how much of it came.
type Bodies = Arc<Mutex<Vec<(bool, u64)>>>;

/// A service that notes whether the bodies it was sent were whole.
fn watching() -> (Upstream, Bodies) {
    let seen = Bodies::default();
    let log = Arc::clone(&seen);
    let upstream = Upstream::scripted(move |peer| {
        while let Some(mut request) = peer.head() {
            let is_whole = peer.body(&mut request);
            if request.method() == "POST" {
                log.lock().push((is_whole, request.message.body_length));
            }
            if !is_whole {
                return;
            }
            peer.write(&answer::ok("{}"));
        }
    });
    (upstream, seen)
}

fn signed(path: &str, date: &str, body: &[u8]) -> Request {
    let (digest, _) = digests(body);
    let lines = format!("date: {date}\nPOST {path} HTTP/1.1\ndigest: {digest}");
    Request::post(path)
        .with("Date", date)
        .with("Digest", &digest)
        .with("Authorization", &kong("date request-line digest", &lines))
}

fn in_chunks(request: Request, body: &[u8]) -> Vec<u8> {
    let mut bytes = request.with("Transfer-Encoding", "chunked").to_bytes();
    for piece in body.chunks(body.len() / 7 + 1) {
        bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

#[test]
fn a_long_signed_body_passes_whole_in_either_framing() {
    let (upstream, seen) = watching();
    let scene = Scene::with(upstream);
    let date = scene.date(0);
    let body: Vec<u8> = (0..LONG).map(|at| u8::try_from(at % 251).unwrap()).collect();
    scene.takes(&signed("/signed/1", &date, &body).body(&body));
    scene.takes(&signed("/direct/1", &date, &body).body(&body));
    for path in ["/signed/2", "/direct/2"] {
        let mut connection = scene.stage.connect();
        connection.send(&in_chunks(signed(path, &date, &body), &body));
        connection.response().expect(200);
    }
    assert_eq!(*seen.lock(), [(true, LONG as u64); 4]);
    let received = scene.stage.api.last_request();
    assert_eq!(received.message.body, body);
}

#[test]
fn of_a_long_forged_body_the_service_never_has_the_end() {
    let (upstream, seen) = watching();
    let scene = Scene::with(upstream);
    let date = scene.date(0);
    let body = vec![b'x'; LONG];
    let mut forged = body.clone();
    *forged.last_mut().unwrap() = b'y';
    let requests = [
        signed("/signed/1", &date, &body).body(&forged).to_bytes(),
        in_chunks(signed("/signed/2", &date, &body), &forged),
        signed("/direct/3", &date, &body).body(&forged).to_bytes(),
        in_chunks(signed("/direct/4", &date, &body), &forged),
        // Cut off where a chunk ends, and longer than what was signed.
        in_chunks(signed("/signed/5", &date, &body), &body[..500_000]),
        in_chunks(signed("/signed/6", &date, &body), &[&body[..], b"more"].concat()),
        // Short enough to be sent in one piece.
        signed("/direct/7", &date, b"small").body(b"smell").to_bytes(),
    ];
    for bytes in &requests {
        let mut connection = scene.stage.connect();
        connection.send(bytes);
        let answer = connection.response().expect(401);
        assert_eq!(answer.json()["reason"], "digest_mismatch");
    }
    let begun = scene.stage.api.requests().iter().filter(|one| one.method() == "POST").count();
    eventually("the ends of all bodies", || (seen.lock().len() == begun).then_some(()));
    let seen = seen.lock();
    assert!(seen.iter().all(|(is_whole, _)| !is_whole), "{seen:?}");
    assert!(seen.iter().any(|(_, length)| *length > 0), "some of it was sent: {seen:?}");
}

#[test]
fn over_http_2_the_service_never_has_the_end_either() {
    let service = Service::start();
    let scene = Scene::before(&service);
    let date = scene.date(0);
    let body = vec![b'x'; SHORT];
    let mut forged = body.clone();
    *forged.last_mut().unwrap() = b'y';
    scene.stage.exchange(&signed("/two/1", &date, &body).body(&body)).expect(200);
    let mut connection = scene.stage.connect();
    connection.send(&in_chunks(signed("/two/2", &date, &body), &forged));
    assert_eq!(connection.response().expect(401).json()["reason"], "digest_mismatch");
    service.wait_for(1, "reset");
    assert_eq!(service.told("request").len(), 1);
    // And where the client speaks it as well.
    let mut client = Client::to(scene.stage.symbolon.address);
    for (path, last, status) in [("/direct/3", b'x', 200), ("/direct/4", b'y', 401)] {
        let (_, digest) = digests(&body);
        let parameters = format!(";created={};keyid=\"alice\"", scene.created(0));
        let message = Message::new(
            &[
                ("\"@method\"", "POST"),
                ("\"@target-uri\"", &format!("http://shop.test{path}")),
                ("\"content-digest\"", &digest),
            ],
            &parameters,
        );
        let signature = mac(hmac::HMAC_SHA256, &message.base);
        let fields = [
            ("content-digest", digest.as_str()),
            ("signature-input", &format!("s={}", message.input)),
            ("signature", &format!("s=:{signature}:")),
        ];
        let mut body = "x".repeat(SHORT - 1);
        body.push(char::from(last));
        client.post(path, &fields, &body).expect(status);
    }
}

#[test]
fn an_end_that_comes_by_itself_is_waited_for() {
    let (upstream, seen) = watching();
    let scene = Scene::with(upstream);
    let (_, digest) = digests(&[b'x'; SHORT]);
    let parameters = format!(";created={};keyid=\"alice\"", scene.created(0));
    let message = Message::new(
        &[
            ("\"@method\"", "POST"),
            ("\"@target-uri\"", "http://shop.test/direct/1"),
            ("\"content-digest\"", &digest),
        ],
        &parameters,
    );
    let signature = mac(hmac::HMAC_SHA256, &message.base);
    let mut client = Client::to(scene.stage.symbolon.address);
    let before = scene.stage.api.hits();
    let mut fields = request("POST", "/direct/1").to_vec();
    let (input, signature) = (format!("s={}", message.input), format!("s=:{signature}:"));
    fields.extend([
        ("content-length", "9000"),
        ("content-digest", &digest),
        ("signature-input", &input),
        ("signature", &signature),
    ]);
    // The announced length is there before the stream is over; one byte of it is another.
    let stream = client.begin(&fields, "", true);
    scene.stage.api.wait_for_hits(before + 1);
    client.data(stream, &[b'x'; SHORT - 1], false);
    client.data(stream, b"y", false);
    client.data(stream, b"", true);
    assert!(client.answer(stream).expect(401).body().contains("digest_mismatch"));
    eventually("the end of the body", || (!seen.lock().is_empty()).then_some(()));
    assert_eq!(seen.lock().iter().map(|(is_whole, _)| *is_whole).collect::<Vec<_>>(), [false]);
}
