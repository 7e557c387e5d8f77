//! The demo's configuration: a real file that people can look at, read like any other.

use std::net::SocketAddr;

use super::folder::ROBOT_KEY_FILE;
use super::service::Kind;

/// The text of the file.
pub(super) fn text(
    public: SocketAddr,
    admin: SocketAddr,
    targets: impl Iterator<Item = (Kind, SocketAddr)>,
) -> String {
    let services: String = targets.map(|(kind, address)| service(kind, address)).collect();
    format!("{HEAD}{}\n{services}{ROUTES}{}", listeners(public, admin), client())
}

const HEAD: &str = "\
# Written by `symbolon demo` at every start: what you change here is taken up at once, and gone
# with the next start.
version: 1
";

fn listeners(public: SocketAddr, admin: SocketAddr) -> String {
    format!(
        "\
public_url: http://{public}
listeners: [{{ address: \"{public}\" }}]
admin: {{ address: \"{admin}\" }} # health, readiness, metrics
access_log: stderr
limits: {{ drain: 500ms }} # for requests under way when the demo ends
store: {{ url: \"sqlite:symbolon.db\" }} # relative paths start at the folder of this file

services:
"
    )
    .trim_end()
    .to_owned()
}

/// The audience is the service's name, as it is unless the file says something else.
fn service(kind: Kind, address: SocketAddr) -> String {
    let name = kind.name();
    let mut text = format!("  {name}:\n    targets: [\"http://{address}\"]\n");
    if kind == Kind::Orders {
        text.push_str("    session_writes: [cart] # what it may change in the session\n");
    }
    text
}

const ROUTES: &str = r#"
routes:
  - name: tour # anonymous is let through; whoever is logged in is greeted
    paths: ["= /"]
    methods: [GET]
    service: profile
    authenticate: { any: [session], optional: true }
  - name: style
    paths: ["= /tour.css"]
    methods: [GET]
    service: profile
    authenticate: none # must be written; silence is refused
  - name: orders
    paths: [/orders]
    methods: [GET, POST]
    service: orders
    authenticate: [session, bearer]
    authorize: { any_role: [customer] }
  - name: profile
    paths: ["= /profile"]
    methods: [GET]
    service: profile
    authenticate: [session, bearer, api_key]
  - name: admin
    paths: ["= /admin"]
    methods: [GET]
    service: profile
    authenticate: [session, bearer]
    authorize: { any_role: [admin] }
  - name: echo
    paths: [/echo]
    service: echo
    authenticate: [session, bearer, api_key]

"#;

fn client() -> String {
    format!(
        "\
clients:
  robot:
    groups: [machines]
    credentials:
      - api_key: {{ secret_file: {ROBOT_KEY_FILE} }}
"
    )
}
