//! Every rule about identities from outside holds for HTTP/2 as well.

use crate::harness::http2::Client;
use crate::harness::stage::Stage;
use crate::headers::identity::{FORGED, MARK, NAMES, assert_is_clean};

#[test]
fn no_identity_header_reaches_a_service() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let cookie = format!("symbolon={}", alice.token());
    let names: Vec<String> = NAMES.iter().map(|name| name.to_ascii_lowercase()).collect();
    let value = format!("{MARK} {FORGED}");
    let mut fields: Vec<_> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
    fields.push(("x.user", &value));
    let mut client = Client::to(stage.symbolon.address);
    client.get("/public/x", &fields).expect(200);
    assert_is_clean(&stage.api.last_request());
    fields.push(("cookie", &cookie));
    client.get("/api/x", &fields).expect(200);
    let received = stage.api.last_request();
    assert_is_clean(&received);
    assert_eq!(received.claims()["sub"], "alice");
}

#[test]
fn a_token_from_inside_opens_nothing() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    let inner = format!("Bearer {}", stage.api.only_request().token().unwrap());
    let mut client = Client::to(stage.symbolon.address);
    for value in [FORGED, &inner] {
        let answer = client.get("/api/x", &[("authorization", value)]).expect(401);
        assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
    }
    let good = format!("Bearer {}", alice.token());
    client.get("/api/x", &[("authorization", &good)]).expect(200);
    client.get("/api/x", &[("authorization", &good), ("authorization", FORGED)]).expect(401);
}

#[test]
fn trailers_of_a_request_name_nobody() {
    // A body first: what follows a message is forgotten more easily than what precedes it.
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    let stream = client.begin(&crate::harness::http2::request("POST", "/public/x"), "body", true);
    client.trailers(stream, &[("x-checksum", "7"), ("x-user", MARK), ("authorization", MARK)]);
    client.answer(stream).expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.message.body, b"body");
    let trailers = &received.message.trailers;
    assert_eq!(trailers.get("x-checksum"), Some("7"));
    assert!(trailers.iter().all(|(_, value)| !value.contains(MARK)), "{trailers:?}");
}
