//! A connection that was made for one name is of no use for another whose certificate it was not
//! shown: what was demanded there was not demanded here (RFC 9110 section 15.5.20).

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;

use rustls::ClientConfig;
use serde_json::Value;

use super::scene::{Files, Scene, listening};
use crate::harness::certificates::Authority;
use crate::harness::http::{Connection, Request, Response};
use crate::harness::patience::PATIENCE;
use crate::harness::program::run;
use crate::harness::settings::HOST;
use crate::harness::socket::Socket;
use crate::harness::upstream::Upstream;

/// Open to all, with two certificates; beside it a listener for `inner.test`, which is for clients
/// with a certificate.
fn scene() -> Scene {
    let files = Files::new();
    files.authority.issue(&["*.shop.test", "shop.example"]).write(files.folder(), "wild");
    files.authority.issue(&["inner.test", "own.shop.test"]).write(files.folder(), "inner");
    Authority::new("authority of the clients").write(&files.path("clients.pem"));
    let pair = |name| format!("{{ cert_file: FILES/{name}.pem, key_file: FILES/{name}.key }}");
    let outer = format!("tls: {{ certificates: [{}, {}] }}", pair("site"), pair("wild"));
    let clients = "client_certificates: { ca_file: FILES/clients.pem }";
    let inner = format!("tls: {{ certificates: [{}], {clients} }}", pair("inner"));
    let settings = listening(&format!("{outer} }}, {{ address: 127.0.0.1:0, {inner}"));
    files.start(settings, Upstream::plain())
}

fn asked(connection: &mut Connection, host: &str) -> Response {
    connection.exchange(&Request::get("/public/x").with("Host", host))
}

#[test]
fn a_host_of_another_certificate_is_misdirected() {
    let scene = scene();
    for (name, fine, other) in [
        (HOST, ["shop.test", "SHOP.test:443", "unknown.test"], ["inner.test", "x.shop.test"]),
        (
            "a.shop.test",
            ["a.shop.test", "b.shop.test", "shop.example"],
            // The wildcard covers the second as well; another certificate is for that very name.
            ["shop.test", "own.shop.test"],
        ),
    ] {
        let mut connection = scene.connect_as(name, scene.files.authority.client(None)).unwrap();
        for host in fine {
            asked(&mut connection, host).expect(200);
        }
        for host in other {
            let answer = asked(&mut connection, host).expect(421);
            assert_eq!(answer.json()["code"], "misdirected", "{name} {host}");
        }
        // The connection is of further use.
        asked(&mut connection, fine[0]).expect(200);
    }
    assert_eq!(scene.stage.api.hits(), 8);
    // The log-in page of another name is as misdirected.
    let mut connection = scene.connect();
    connection.exchange(&Request::get("/auth/login").with("Host", "inner.test")).expect(421);
}

#[test]
fn without_a_name_it_is_the_certificate_that_counts() {
    let scene = scene();
    let mut nameless = scene.files.authority.client(None);
    nameless.enable_sni = false;
    let mut connection = scene.connect_as(HOST, nameless).unwrap();
    asked(&mut connection, HOST).expect(200);
    asked(&mut connection, "127.0.0.1").expect(200);
    asked(&mut connection, "inner.test").expect(421);
}

#[test]
fn it_is_the_stream_that_is_refused_over_http2() {
    let scene = scene();
    let port = scene.stage.symbolon.address.port();
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--max-time", "30", "--http2", "--cacert"])
        .arg(scene.files.path("ca.pem"))
        .args(["--resolve", &format!("{HOST}:{port}:127.0.0.1")])
        .args(["--output", "/dev/null", "--output", "/dev/null", "--header", "Host: inner.test"])
        .args(["--write-out", "%{http_version} %{response_code} %{num_connects}\n"])
        .args([
            format!("https://{HOST}:{port}/public/x"),
            format!("https://{HOST}:{port}/public/y"),
        ]);
    let output = run(&mut command, "");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert_eq!(said, "2 421 1\n2 421 0\n");
    assert_eq!(scene.stage.api.hits(), 0);
}

/// Where the second listener listens.
fn inner(scene: &Scene) -> SocketAddr {
    let address = |line: &str| -> Option<SocketAddr> {
        let line: Value = serde_json::from_str(line).ok()?;
        let is_it = line["message"] == "listening" && line["listener"] == "public";
        is_it.then(|| line["address"].as_str()?.parse().ok()).flatten()
    };
    scene.stage.symbolon.log().wait_for_several(2, "listeners", address)[1]
}

#[test]
fn on_its_own_connection_the_certificate_of_the_client_is_demanded() {
    let scene = scene();
    let stream = TcpStream::connect(inner(&scene)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let client: Arc<ClientConfig> = Arc::new(scene.files.authority.client(None));
    let outcome = Socket::client(stream, "inner.test", client).and_then(|socket| {
        let request = Request::get("/public/x").with("Host", "inner.test");
        Connection::over(socket).try_exchange(&request)
    });
    let failed = outcome.unwrap_err().to_string();
    assert!(failed.contains("CertificateRequired"), "{failed}");
}
