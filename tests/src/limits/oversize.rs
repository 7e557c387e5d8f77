//! Far more than anybody may send: the right refusal, little memory, and nobody else notices.

use super::flooding::{KIB, MIB, flood, limited, memory_now, refused};
use crate::harness::http::{Connection, Request};
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// How many requests a service saw that were not those of the other client.
fn strange_hits(stage: &Stage) -> usize {
    let requests = stage.api.requests();
    requests.iter().filter(|request| request.target() != "/public/other").count()
}

#[test]
fn headers_from_16_kib_to_16_mib() {
    let stage = limited("head: 32KiB", Upstream::plain());
    let head = |length| {
        let value = "x".repeat(length);
        format!("GET /public/x HTTP/1.1\r\nHost: shop.test\r\nX-Long: {value}\r\n\r\n").into_bytes()
    };
    assert_eq!(flood(&stage, head(16 * KIB)).unwrap().status, 200);
    for length in [64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB] {
        refused(&stage, &[431], &head(length));
    }
    assert_eq!(strange_hits(&stage), 1);
}

#[test]
fn ten_thousand_headers() {
    let stage = limited("head: 1MiB, headers: 1000", Upstream::plain());
    let head = |count: usize| {
        let fields: Vec<String> = (0..count).map(|number| format!("X-{number}: 1\r\n")).collect();
        let fields = fields.concat();
        format!("GET /public/x HTTP/1.1\r\nHost: shop.test\r\n{fields}\r\n").into_bytes()
    };
    assert_eq!(flood(&stage, head(900)).unwrap().status, 200);
    refused(&stage, &[431], &head(10_000));
    // The same name again and again.
    let same = "X: 1\r\n".repeat(10_000);
    refused(&stage, &[431], format!("GET /public/x HTTP/1.1\r\nHost: a\r\n{same}\r\n").as_bytes());
    assert_eq!(strange_hits(&stage), 1);
}

#[test]
fn an_address_of_a_mebibyte() {
    for (limits, status) in [("head: 32KiB", &[414, 431][..]), ("head: 1MiB", &[414, 431])] {
        let stage = limited(limits, Upstream::plain());
        for path in ["/public/", "/public/?"] {
            let target = format!("{path}{}", "x".repeat(MIB));
            let head = format!("GET {target} HTTP/1.1\r\nHost: shop.test\r\n\r\n");
            refused(&stage, status, head.as_bytes());
        }
        // Where the head is read, the target is what is told to be too long.
        let target = format!("/public/{}", "x".repeat(9 * KIB));
        refused(&stage, &[414], Request::get(&target).to_bytes().as_slice());
        assert_eq!(strange_hits(&stage), 0);
    }
}

#[test]
fn a_crowd_of_heads_that_never_end() {
    let stage = limited("head: 32KiB", Upstream::plain());
    let before = memory_now(&stage);
    let head = format!("GET /public/x HTTP/1.1\r\nX: {}", "x".repeat(16 * KIB));
    let crowd: Vec<Connection> = (0..200)
        .map(|_| {
            let mut connection = stage.connect();
            connection.send(head.as_bytes());
            connection
        })
        .collect();
    for _ in 0..20 {
        stage.exchange(&Request::get("/public/other")).expect(200);
    }
    let after = stage.symbolon.program().memory_kb("VmHWM");
    let sent = crowd.len() * head.len() / KIB;
    assert!(after < before + 10 * sent as u64, "{sent} kB made {before} kB grow to {after} kB");
}

#[test]
fn chunk_extensions_and_trailers_without_end() {
    let stage = limited("body: 64MiB", Upstream::plain());
    let post = "POST /public/x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = format!("{post}5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(MIB));
    refused(&stage, &[400], long.as_bytes());
    let many = format!("{post}{}0\r\n\r\n", "1;ext=ension\r\nx\r\n".repeat(100_000));
    refused(&stage, &[400], many.as_bytes());
    let trailer = format!("{post}5\r\nhello\r\n0\r\nX-Long: {}\r\n\r\n", "x".repeat(MIB));
    refused(&stage, &[400], trailer.as_bytes());
    let trailers = format!("{post}5\r\nhello\r\n0\r\n{}\r\n", "X-Many: 1\r\n".repeat(10_000));
    refused(&stage, &[400], trailers.as_bytes());
    // A service may see the beginning of such a body, and never an end that is none.
    let whole = stage.api.requests().into_iter().filter(|received| {
        let is_ours = received.target() == "/public/x";
        is_ours
            && (received.message.trailers.has("x-many") || received.message.body_length > 99_999)
    });
    assert_eq!(whole.count(), 0);
}

#[test]
fn bodies_over_the_limit_while_they_stream() {
    let stage = limited("body: 1MiB", Upstream::plain());
    let chunk = format!("{:x}\r\n{}\r\n", 64 * KIB, "x".repeat(64 * KIB));
    let post = "POST /public/x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    refused(&stage, &[413], format!("{post}{}0\r\n\r\n", chunk.repeat(1024)).as_bytes());
    let length = 64 * MIB;
    let post =
        format!("POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: {length}\r\n\r\n");
    refused(&stage, &[413], format!("{post}{}", "x".repeat(length)).as_bytes());
    // The log-in form is read as a whole, and small.
    let form = "POST /auth/login HTTP/1.1\r\nHost: shop.test\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n";
    refused(&stage, &[413], format!("{form}{}0\r\n\r\n", chunk.repeat(1024)).as_bytes());
}

#[test]
fn a_hundred_thousand_interim_answers() {
    let api = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            if request.target() == "/public/x" {
                for _ in 0..1_000 {
                    peer.write(&b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100));
                }
            }
            peer.write(&answer::ok("{}"));
        }
    });
    let stage = limited("head: 32KiB", api);
    refused(&stage, &[502], &Request::get("/public/x").to_bytes());
}
