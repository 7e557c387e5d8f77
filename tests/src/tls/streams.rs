//! Bodies that take their time, over TLS: nothing is held back, and nobody is waited for endlessly.

use std::sync::mpsc::{Receiver, channel};

use parking_lot::Mutex;

use super::scene::{Files, listening};
use crate::harness::http::Request;
use crate::harness::upstream::Upstream;

#[test]
fn each_piece_of_an_answer_arrives_before_the_next_is_made() {
    let (go, may_go) = channel::<()>();
    let may_go: Mutex<Receiver<()>> = Mutex::new(may_go);
    let files = Files::new();
    let server = files.authority.issue(&["localhost"]).server();
    let target = Upstream::secured(server, move |peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while may_go.lock().recv().is_ok() {
                peer.write(b"5\r\npiece\r\n");
            }
            peer.write(b"0\r\n\r\n");
        }
    });
    let mut settings = listening("");
    let port = target.address.port();
    settings.services = format!(
        "  s: {{ targets: [\"https://localhost:{port}\"], tls: {{ ca_file: FILES/ca.pem }} }}\n"
    );
    settings.routes = "  - { name: s, paths: [/s], service: s, authenticate: none }\n".to_owned();
    let scene = files.start(settings, Upstream::plain());
    let mut connection = scene.connect();
    connection.send(&Request::get("/s/x").to_bytes());
    assert_eq!(connection.head().unwrap().status, 200);
    for _ in 0..3 {
        go.send(()).unwrap();
        assert_eq!(connection.bytes(10), b"5\r\npiece\r\n");
    }
    drop(go);
    assert_eq!(connection.bytes(5), b"0\r\n\r\n");
}

#[test]
fn who_does_not_take_an_answer_is_cut_off() {
    let mut settings = listening("");
    settings.sections = "limits: { body_timeout: 1s }".to_owned();
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            // Written until the gateway closes.
            for _ in 0..1000 {
                peer.write(&vec![b'x'; 1_000_000]);
            }
        }
    });
    let scene = Files::new().start(settings, api);
    let mut connection = scene.connect();
    connection.send(&Request::get("/public/x").to_bytes());
    scene.stage.api.wait_until_left_alone();
    scene.wait_for_meter("symbolon_connections", 0);
}
