//! What never leaves: the internal token, internal headers, and our cookies as somebody else sets
//! them.

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::with;

#[test]
fn the_internal_token_does_not_come_back_in_a_header() {
    let api = Upstream::answering(|request| {
        let token = request.token().unwrap_or("none");
        let payload = token.split('.').nth(1).unwrap_or("none");
        let fields = [
            ("Authorization", format!("Bearer {token}")),
            ("X-Echo", format!("Bearer {token}")),
            ("X-Token", token.to_owned()),
            ("Location", format!("/x?token={token}#frag")),
            ("Set-Cookie", format!("copy={token}; Path=/")),
            ("Link", format!("</x?{payload}>; rel=next")),
            ("WWW-Authenticate", format!("Bearer token=\"{token}\"")),
            ("X-Fine", "fine".to_owned()),
        ];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        with(&format!("200 {token}"), &fields, "{}")
    });
    let stage = Stage::with(api);
    let mut alice = stage.alice();
    let answer = alice.get("/api/x").expect(200);
    assert!(!answer.message.start.contains("eyJ"), "{}", answer.message.start);
    let token = stage.api.only_request().token().unwrap().to_owned();
    let parts: Vec<&str> = token.split('.').skip(1).collect();
    for (name, value) in answer.headers().iter() {
        assert!(!value.contains("eyJ"), "{name}: {value}");
        assert!(!parts.iter().any(|part| value.contains(part)), "{name}: {value}");
    }
    assert_eq!(answer.header("x-fine"), Some("fine"));
}

#[test]
fn the_internal_token_does_not_come_back_in_a_body() {
    let api = Upstream::answering(|request| {
        let body = format!("{{\"token\":\"{}\"}}", request.token().unwrap_or("none"));
        let (start, end) = body.split_at(body.len() - 20);
        let head = "HTTP/1.1 200 OK\r\n";
        let answer = match request.target() {
            "/api/length" => format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()),
            // The end of the token comes in a piece of its own, and something after the body.
            _ => format!(
                "{head}Transfer-Encoding: chunked\r\nTrailer: X-Fine\r\n\r\n{:x}\r\n{start}\r\n\
                 14\r\n{end}\r\n0\r\nX-Fine: fine\r\n\r\n",
                start.len(),
            ),
        };
        answer.into_bytes()
    });
    let stage = Stage::with(api);
    let mut alice = stage.alice();
    for target in ["/api/length", "/api/chunked"] {
        let answer = alice.send(Request::get(target).with("TE", "trailers")).expect(200);
        let token = stage.api.last_request().token().unwrap().to_owned();
        let struck_out = "*".repeat(token.len());
        assert_eq!(answer.text(), format!("{{\"token\":\"{struck_out}\"}}"), "{target}");
    }
    for target in ["/api/length", "/api/chunked"] {
        let concealed = stage.symbolon.access_log().wait_for(target, |line| {
            line.contains(target).then(|| line.contains("\"concealed\":\"internal token\""))
        });
        assert!(concealed, "{target}");
    }
}

#[test]
fn the_internal_token_does_not_come_back_in_a_trailer() {
    let api = Upstream::answering(|request| {
        let token = request.token().unwrap_or("none");
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Echo\r\n\r\n";
        format!("{head}2\r\nhi\r\n0\r\nX-Echo: {token}\r\nSymbolon-Session: end\r\n\r\n")
            .into_bytes()
    });
    let stage = Stage::with(api);
    let mut alice = stage.alice();
    let answer = alice.send(Request::get("/api/x").with("TE", "trailers")).expect(200);
    for (name, value) in answer.message.trailers.iter() {
        assert!(!value.contains("eyJ"), "{name}: {value}");
        assert!(!name.to_lowercase().starts_with("symbolon"), "{name}");
    }
    alice.get("/other/x").expect(200);
}

#[test]
fn an_answer_that_switches_protocols_is_settled_like_any_other() {
    let api = Upstream::scripted(|peer| {
        if let Some(request) = peer.request() {
            let token = request.token().unwrap_or("none");
            peer.write(
                format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\
                     Upgrade: websocket\r\nX-Echo: {token}\r\nSet-Cookie: symbolon=planted\r\n\
                     Symbolon-Session: rotate\r\n\r\n"
                )
                .as_bytes(),
            );
            peer.wait_until_closed();
        }
    });
    let stage = Stage::with(api);
    let alice = stage.alice();
    let request = Request::get("/api/x").with("Connection", "upgrade").with("Upgrade", "websocket");
    let mut connection = stage.connect();
    connection.send(&alice.dress(request).to_bytes());
    let answer = connection.head().unwrap();
    assert_eq!(answer.status, 101, "{answer:?}");
    for (name, value) in answer.headers().iter() {
        assert!(!value.contains("eyJ") && !value.contains("planted"), "{name}: {value}");
        assert!(!name.starts_with("symbolon"), "{name}: {value}");
    }
    assert!(answer.set_cookie("symbolon").is_some(), "not rotated: {answer:?}");
    stage.exchange(&alice.dress(Request::get("/other/x"))).expect(401);
}

#[test]
fn a_service_cannot_set_our_cookie() {
    let cookies = [
        "symbolon=planted; Path=/",
        "symbolon-login=planted",
        "Symbolon=planted",
        "__Host-symbolon=planted; Secure; Path=/",
        "__Secure-symbolon=planted",
        " symbolon=planted",
        "symbolon =planted",
        "\tsymbolon=planted",
        "symbolon",
        "theirs=1; HttpOnly",
        "symbolon2=theirs too",
    ];
    let fields = cookies.map(|cookie| ("Set-Cookie", cookie));
    let api = Upstream::answering(move |_| with("200 OK", &fields, "{}"));
    let stage = Stage::with(api);
    for target in ["/public/x", "/maybe/x"] {
        let answer = stage.exchange(&Request::get(target)).expect(200);
        let set: Vec<&str> = answer.headers().all("set-cookie").collect();
        assert_eq!(set, ["theirs=1; HttpOnly", "symbolon2=theirs too"], "{target}");
    }
}

#[test]
fn internal_headers_of_a_service_do_not_leave() {
    let fields = [("Symbolon-Debug", "x"), ("symbolon-principal", "alice"), ("Server", "s")];
    let api = Upstream::answering(move |_| with("200 OK", &fields, "{}"));
    let stage = Stage::with(api);
    let answer = stage.exchange(&Request::get("/public/x")).expect(200);
    let names: Vec<_> = answer.headers().iter().map(|(name, _)| name.to_lowercase()).collect();
    assert!(!names.iter().any(|name| name.starts_with("symbolon")), "{names:?}");
}
