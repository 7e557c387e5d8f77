//! Clients that share no code with us: OpenSSL's, through its own program and through Python.

use std::process::Command;

use super::scene::{Files, Scene, listening};
use crate::harness::certificates::Authority;
use crate::harness::program::run;
use crate::harness::settings::HOST;
use crate::harness::upstream::Upstream;

/// What `openssl s_client` says when it sends a request.
fn openssl(scene: &Scene, arguments: &[&str]) -> String {
    let mut command = Command::new("openssl");
    command
        .args(["s_client", "-servername", HOST, "-verify_return_error", "-ign_eof", "-CAfile"])
        .arg(scene.files.path("ca.pem"))
        .args(["-connect", &scene.stage.symbolon.address.to_string()])
        .args(arguments);
    let request = format!("GET /public/x HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    let output = run(&mut command, &request);
    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

#[test]
fn openssl_verifies_us_in_both_versions() {
    let scene = Scene::plain();
    for (argument, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let said = openssl(&scene, &[argument, "-alpn", "http/1.1"]);
        assert!(said.contains("HTTP/1.1 200 OK"), "{said}");
        assert!(said.contains(version) && said.contains("ALPN protocol: http/1.1"), "{said}");
        assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    }
    let said = openssl(&scene, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
    assert!(!said.contains("HTTP/1.1") && said.contains("alert"), "{said}");
}

#[test]
fn openssl_is_told_why_its_certificate_is_refused() {
    let files = Files::new();
    let clients = Authority::new("authority of the clients");
    clients.write(&files.path("clients.pem"));
    clients.issue(&["good"]).write(files.folder(), "good");
    clients.issue_until(&["late"], 2021).write(files.folder(), "late");
    Authority::new("others").issue(&["foreign"]).write(files.folder(), "foreign");
    let pair = "{ cert_file: FILES/site.pem, key_file: FILES/site.key }";
    let demanded = "client_certificates: { ca_file: FILES/clients.pem }";
    let tls = format!("tls: {{ certificates: [{pair}], {demanded} }}");
    let scene = files.start(listening(&tls), Upstream::plain());
    for (name, expected) in [
        ("good", "HTTP/1.1 200 OK"),
        ("late", "alert certificate expired"),
        ("foreign", "alert unknown ca"),
    ] {
        let path = |ending| scene.files.path(&format!("{name}.{ending}")).display().to_string();
        let said = openssl(&scene, &["-cert", &path("pem"), "-key", &path("key")]);
        assert!(said.contains(expected), "{name}: {said}");
    }
    let said = openssl(&scene, &[]);
    assert!(said.contains("alert certificate required"), "{said}");
}

const PYTHON: &str = "
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
connection = http.client.HTTPSConnection('localhost', int(sys.argv[2]), context=context)
for body in [None, b'x' * 300000]:
    connection.request('POST' if body else 'GET', '/public/x', body=body)
    answer = connection.getresponse()
    print(answer.status, len(answer.read()), connection.sock.version())
";

#[test]
fn python_verifies_us() {
    let files = Files::new();
    files.authority.issue(&["localhost"]).write(files.folder(), "site");
    let scene = files.start(listening(""), Upstream::plain());
    let mut command = Command::new("python3");
    let port = scene.stage.symbolon.address.port().to_string();
    command.args(["-c", PYTHON]).arg(scene.files.path("ca.pem")).arg(port);
    let output = run(&mut command, "");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "200 2 TLSv1.3\n200 2 TLSv1.3\n", "{output:?}");
}
