//! `mtls`: where a client's certificate comes from.

use symbolon_gateway::config::authenticators::Mtls;

use crate::config::fields::Fields;
use crate::config::shape::{Key, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`mtls`",
    doc: "The certificate of a client that `clients` names",
    keys: &[Key::default(
        "from",
        "`handshake`, or `client_cert_header`: the header of a trusted proxy (RFC 9440)",
        Shape::Choice { of: &["handshake", "client_cert_header"], later: &[] },
        "handshake",
    )],
};

pub(super) fn read(fields: Fields<'_>) -> Mtls {
    Mtls { from_proxies: fields.text("from") == "client_cert_header" }
}
