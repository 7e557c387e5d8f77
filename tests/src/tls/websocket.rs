//! Tunnels with TLS on both sides.

use super::scene::{Files, listening};
use crate::harness::http::Request;
use crate::harness::upstream::Upstream;

const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly";

#[test]
fn a_websocket_goes_through_tls_on_both_sides() {
    let files = Files::new();
    let server = files.authority.issue(&["localhost"]).server();
    let target = Upstream::secured(server, |peer| {
        if peer.request().is_some() {
            peer.write(SWITCHING);
            peer.echo();
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
    let request = Request::get("/s/x").with("Connection", "Upgrade").with("Upgrade", "websocket");
    connection.send(&request.to_bytes());
    assert_eq!(connection.head().unwrap().status, 101);
    assert_eq!(connection.bytes(5), b"early");
    for message in [&b"hello"[..], b"\x00\xff\r\n\r\n", &vec![b'x'; 200_000]] {
        // More than fits in the sockets would wait for us, and we for it.
        for piece in message.chunks(20_000) {
            connection.send(piece);
            assert_eq!(connection.bytes(piece.len()), piece);
        }
    }
    drop(connection);
    target.wait_until_left_alone();
}
