//! `mtls`: certificates that `openssl` has made, shown by `curl`.

mod taken_for_another;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::table::add_client;
use crate::harness::certificates::Authority;
use crate::harness::program::run;
use crate::harness::settings::{HOST, Settings};
use crate::harness::upstream::Upstream;
use crate::tls::scene::{Files, Scene, listening};

/// A route for certificates from the handshake, and one for those that a proxy hands on.
const ROUTES: &str = "
  - { name: shown, paths: [/shown], service: api, authenticate: [mtls] }
  - { name: handed, paths: [/handed], service: api, authenticate: [handed] }
  - { name: either, paths: [/either], service: api, authenticate: [session, mtls] }";

/// A name with everything in it that needs care.
const SUBJECT: &str = "/C=DE/O=Müller, Söhne \\+ Co \"x\" <y>;/OU= a #b /\
                       serialNumber=7/emailAddress=a@b.example/CN=report=ing";

/// The gateway over TLS, which asks clients for certificates of an authority of `openssl`'s.
struct Clients {
    scene: Scene,
}

impl Clients {
    fn new() -> Self {
        Self::with("trusted_proxies: [192.0.2.0/24]", "", |_| {})
    }

    /// With further sections and routes, and with what else has to lie in the folder.
    fn with(sections: &str, routes: &str, lay_out: impl Fn(&Files)) -> Self {
        let files = Files::new();
        lay_out(&files);
        let ca = files.path("clients.pem").display().to_string();
        let key = files.path("clients.key").display().to_string();
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=clients",
            "-days",
            "30",
            "-keyout",
            &key,
            "-out",
            &ca,
        ]);
        let pair = "{ cert_file: FILES/site.pem, key_file: FILES/site.key }";
        let asked = "{ ca_file: FILES/clients.pem, required: false }";
        let tls = format!("tls: {{ certificates: [{pair}], client_certificates: {asked} }}");
        let settings = Settings {
            sections: format!(
                "authenticators:\n  handed: {{ mtls: {{ from: client_cert_header }} }}\n{sections}"
            ),
            routes: format!("{ROUTES}{routes}"),
            ..listening(&tls)
        };
        Self { scene: files.start(settings, Upstream::plain()) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scene.files.path(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A certificate of this subject and with these names.
    fn issue(&self, name: &str, subject: &str, names: &str) {
        let (key, request) = (self.text(&format!("{name}.key")), self.text(&format!("{name}.csr")));
        let certificate = self.text(&format!("{name}.pem"));
        let names = format!("subjectAltName={names}");
        openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-utf8",
            "-subj",
            subject,
            "-addext",
            &names,
            "-keyout",
            &key,
            "-out",
            &request,
        ]);
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &self.text("clients.pem"),
            "-CAkey",
            &self.text("clients.key"),
            "-CAcreateserial",
            "-days",
            "30",
            "-copy_extensions",
            "copyall",
            "-out",
            &certificate,
        ]);
    }

    /// What `curl` with a certificate is answered, or 000 where there is no connection.
    fn curl(&self, name: Option<&str>, path: &str, further: &[&str]) -> String {
        let port = self.scene.stage.symbolon.address.port();
        let mut command = Command::new("curl");
        command.args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]);
        command.args(["--resolve", &format!("{HOST}:{port}:127.0.0.1")]);
        command.args(["--cacert", &self.text("ca.pem")]).args(further);
        if let Some(name) = name {
            command.args(["--cert", &self.text(&format!("{name}.pem"))]);
            command.args(["--key", &self.text(&format!("{name}.key"))]);
        }
        let output = run(command.arg(format!("https://{HOST}:{port}{path}")), "");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Registers a client by what its certificate says.
    #[track_caller]
    fn register(&self, client: &str, words: &[&str]) {
        let symbolon = &self.scene.stage.symbolon;
        add_client(symbolon, client);
        symbolon.run(&[&["client", "credential", "add", client, "mtls"], words].concat());
    }

    /// Who the service was told last.
    fn told(&self) -> String {
        let claims = self.scene.stage.api.last_request().claims();
        claims["client_id"].as_str().unwrap().to_owned()
    }
}

#[track_caller]
fn openssl(arguments: &[&str]) -> String {
    let output = run(Command::new("openssl").args(arguments), "");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_client_is_known_by_each_of_its_names_and_by_no_other() {
    let clients = Clients::new();
    for (client, name, said) in [
        ("by-dns", "DNS:reporting.internal,DNS:other.internal", "Reporting.Internal"),
        ("by-uri", "URI:spiffe://shop.example/reporting", "spiffe://shop.example/reporting"),
        ("by-mail", "email:reports@shop.example", "reports@shop.example"),
        ("by-second", "DNS:nobody.internal,URI:urn:second", "urn:second"),
    ] {
        clients.issue(client, "/CN=x", name);
        assert_eq!(clients.curl(Some(client), "/shown", &[]), "401", "{client}");
        clients.register(client, &["--san", said]);
        assert_eq!(clients.curl(Some(client), "/shown", &[]), "200", "{client}");
        assert_eq!(clients.told(), client);
        assert_eq!(clients.curl(Some(client), "/either", &[]), "200", "{client}");
    }
    // The common name is no alternative name, and the case of a path counts.
    clients.issue("cn", "/CN=reporting.internal", "DNS:somebody.internal");
    clients.issue("case", "/CN=x", "URI:spiffe://shop.example/Reporting");
    for other in [Some("cn"), Some("case"), None] {
        assert_eq!(clients.curl(other, "/shown", &[]), "401", "{other:?}");
    }
    // Taken away, on a connection of its own and from the next request on.
    clients.scene.stage.symbolon.run(&["client", "disable", "by-dns"]);
    assert_eq!(clients.curl(Some("by-dns"), "/shown", &[]), "401");
}

#[test]
fn a_client_is_known_by_the_subject_that_openssl_prints() {
    let clients = Clients::new();
    clients.issue("subject", SUBJECT, "DNS:x.internal");
    let certificate = clients.text("subject.pem");
    let printed =
        openssl(&["x509", "-in", &certificate, "-noout", "-subject", "-nameopt", "RFC2253"]);
    let subject = printed.trim_end_matches('\n').strip_prefix("subject=").unwrap();
    assert!(subject.starts_with("CN=report=ing,emailAddress=a@b.example"), "{subject}");
    assert!(subject.contains(r"O=M\C3\BCller\, S\C3\B6hne \+ Co"), "{subject}");
    clients.register("reporting", &["--subject", subject]);
    assert_eq!(clients.curl(Some("subject"), "/shown", &[]), "200", "{subject}");
    assert_eq!(clients.told(), "reporting");
    let shown = clients.scene.stage.symbolon.list(&["client", "list"]);
    assert_eq!(shown[0]["credentials"][0]["shown"], format!("subject:{subject}"));
    // Two names that read alike without care: a comma within a name, and one between two.
    clients.issue("within", "/O=a, OU=b/CN=c", "DNS:y.internal");
    clients.issue("between", "/OU=b/O=a/CN=c", "DNS:z.internal");
    clients.register("within", &["--subject", r"CN=c,O=a\, OU=b"]);
    assert_eq!(clients.curl(Some("within"), "/shown", &[]), "200");
    assert_eq!(clients.curl(Some("between"), "/shown", &[]), "401");
    // Two parts side by side.
    clients.issue("beside", "/O=a/OU=b+CN=d", "DNS:w.internal");
    let certificate = clients.text("beside.pem");
    let printed =
        openssl(&["x509", "-in", &certificate, "-noout", "-subject", "-nameopt", "RFC2253"]);
    clients.register("beside", &["--subject", printed.trim().strip_prefix("subject=").unwrap()]);
    assert_eq!(clients.curl(Some("beside"), "/shown", &[]), "200", "{printed}");
}

#[test]
fn a_client_is_known_by_its_fingerprint() {
    let clients = Clients::new();
    clients.issue("one", "/CN=same", "DNS:same.internal");
    clients.issue("two", "/CN=same", "DNS:same.internal");
    let certificate = clients.text("one.pem");
    let printed = openssl(&["x509", "-in", &certificate, "-noout", "-fingerprint", "-sha256"]);
    let (_, digits) = printed.trim().split_once('=').unwrap();
    clients.register("one", &["--fingerprint", digits]);
    assert_eq!(clients.curl(Some("one"), "/shown", &[]), "200");
    assert_eq!(clients.curl(Some("two"), "/shown", &[]), "401");
    // What is more exact counts first.
    clients.register("same", &["--san", "same.internal"]);
    assert_eq!(clients.curl(Some("one"), "/shown", &[]), "200");
    assert_eq!(clients.told(), "one");
    assert_eq!(clients.curl(Some("two"), "/shown", &[]), "200");
    assert_eq!(clients.told(), "same");
}

#[test]
fn a_certificate_of_somebody_else_or_of_another_time_ends_in_the_handshake() {
    let clients = Clients::new();
    clients.register("reporting", &["--san", "reporting.internal"]);
    let files = &clients.scene.files;
    let foreign = Authority::new("clients").issue(&["reporting.internal"]);
    foreign.write(files.folder(), "foreign");
    assert_eq!(clients.curl(Some("foreign"), "/shown", &[]), "000");
    let hits = clients.scene.stage.api.hits();
    clients.issue("good", "/CN=x", "DNS:reporting.internal");
    assert_eq!(clients.curl(Some("good"), "/shown", &[]), "200");
    assert_eq!(clients.scene.stage.api.hits(), hits + 1);
}

#[test]
fn nobody_but_a_trusted_proxy_hands_a_certificate_on() {
    let clients = Clients::new();
    clients.register("reporting", &["--san", "reporting.internal"]);
    clients.issue("good", "/CN=x", "DNS:reporting.internal");
    let der = pem_to_der(&fs::read_to_string(clients.path("good.pem")).unwrap());
    let header = format!("Client-Cert: :{}:", STANDARD.encode(der));
    // Anybody can write a header, also somebody with a certificate of their own.
    for name in [None, Some("good")] {
        assert_eq!(clients.curl(name, "/handed", &["--header", &header]), "401", "{name:?}");
    }
    assert_eq!(clients.curl(None, "/shown", &["--header", &header]), "401");
    assert_eq!(clients.curl(Some("good"), "/shown", &["--header", &header]), "200");
    assert!(!clients.scene.stage.api.last_request().headers().has("client-cert"));
    assert_eq!(clients.curl(None, "/public/x", &["--header", &header]), "200");
    assert!(!clients.scene.stage.api.last_request().headers().has("client-cert"));
}

fn pem_to_der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}
