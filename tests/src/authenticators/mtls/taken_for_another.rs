//! Certificates that could be taken for what they are not.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::table::{add_client, add_key};
use super::{Clients, pem_to_der};

/// An authority that lets people choose their address has vouched for no host of that name
/// (CVE-2021-44531).
#[test]
fn a_name_counts_as_what_it_is_and_not_as_what_reads_the_same() {
    let clients = Clients::new();
    let rows: &[(&str, &str, &[&str])] = &[
        ("host", "rob.internal", &["email:rob.internal", "URI:rob.internal"]),
        ("uri", "spiffe://shop/rob", &["DNS:spiffe://shop/rob", "email:spiffe://shop/rob"]),
        ("mail", "rob@shop.example", &["DNS:rob@shop.example", "URI:rob@shop.example"]),
        ("address", "192.0.2.7", &["DNS:192.0.2.7", "URI:192.0.2.7", "email:192.0.2.7"]),
    ];
    for (client, said, others) in rows {
        clients.register(client, &["--san", said]);
        for (number, other) in others.iter().enumerate() {
            let name = format!("{client}-{number}");
            clients.issue(&name, "/CN=x", other);
            assert_eq!(clients.curl(Some(&name), "/shown", &[]), "401", "{other}");
        }
    }
    clients.issue("address", "/CN=x", "IP:192.0.2.7");
    assert_eq!(clients.curl(Some("address"), "/shown", &[]), "200");
    assert_eq!(clients.told(), "address");
}

/// A proxy that speaks mTLS to us has one certificate for everybody.
#[test]
fn the_certificate_of_a_trusted_proxy_is_not_its_callers() {
    let policy = "permit (principal, action, resource) when { context.mtls };\n";
    let lay_out = |files: &crate::tls::scene::Files| {
        fs::create_dir(files.path("policies")).unwrap();
        fs::write(files.path("policies").join("shown.cedar"), policy).unwrap();
    };
    let routes = "
  - name: policed
    paths: [/policed]
    service: api
    authenticate: [api_key, handed]
    authorize: { policy: shown }";
    for (trusted, direct, handed_on) in
        [("192.0.2.0/24", "200", "401"), ("127.0.0.0/8", "403", "200")]
    {
        let sections = format!("trusted_proxies: [{trusted}]\npolicies: {{ dir: FILES/policies }}");
        let clients = Clients::with(&sections, routes, lay_out);
        clients.issue("shown", "/CN=x", "DNS:shown.internal");
        add_client(&clients.scene.stage.symbolon, "robot");
        let key = format!("apikey: {}", add_key(&clients.scene.stage.symbolon, "robot", &[]));
        let header = ["--header", key.as_str()];
        assert_eq!(clients.curl(None, "/policed", &header), "403");
        assert_eq!(clients.curl(Some("shown"), "/policed", &header), direct, "{trusted}");
        // What the proxy hands on is its caller's.
        clients.register("other", &["--san", "shown.internal"]);
        let der = pem_to_der(&fs::read_to_string(clients.path("shown.pem")).unwrap());
        let handed = format!("Client-Cert: :{}:", STANDARD.encode(der));
        assert_eq!(clients.curl(None, "/policed", &["--header", &handed]), handed_on, "{trusted}");
        // Where the handshake is asked, no header counts.
        assert_eq!(clients.curl(None, "/shown", &["--header", &handed]), "401", "{trusted}");
    }
}
