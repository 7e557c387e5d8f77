//! `services.NAME.tls`: how targets over TLS are verified, and what they are shown.

use symbolon_gateway::config::Protocol;
use symbolon_gateway::tls::{CertificateFiles, ServerName, TargetTls, TargetTlsFiles, TlsError};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::sections::listeners::tls::place_of;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(super) static SECTION: Section = Section {
    is: "`tls`",
    doc: "How `https://` targets are verified",
    keys: &[
        Key::optional(
            "ca_file",
            "PEM file: the authorities of the targets. Default: those of the system",
            Shape::Text,
        ),
        Key::optional(
            "server_name",
            "The name in the targets' certificates. Default: the host of the target",
            Shape::Text,
        ),
        Key::optional("client_cert_file", "PEM file: the certificate that we show", Shape::Text),
        Key::optional("client_key_file", "PEM file: its private key", Shape::Text),
        Key::default(
            "danger_accept_any_certificate",
            "Whether anybody is believed to be the target",
            Shape::Truth,
            "false",
        ),
    ],
};

/// The section as a key.
pub(in crate::config::sections) const KEY: Key = Key::optional(
    "tls",
    "How the other end of `https://` or `ldaps://` is verified",
    Shape::Section(&SECTION),
);

/// Reads the files, where there is a target for them.
pub(super) fn read(
    service: Fields<'_>,
    is_needed: bool,
    protocol: Protocol,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<TargetTls> {
    let load = |files| TargetTls::load(files, protocol);
    read_with(service, is_needed, load, surroundings, mistakes)
}

/// The same for whatever is verified so.
pub(in crate::config::sections) fn read_with(
    service: Fields<'_>,
    is_needed: bool,
    load: impl Fn(TargetTlsFiles) -> Result<TargetTls, TlsError>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<TargetTls> {
    let fields = service.section("tls");
    let files = fields.map(|fields| files(fields, surroundings, mistakes)).unwrap_or_default();
    if let (Some(fields), false) = (fields, is_needed) {
        mistakes.add(fields.place(), "`tls` is of no use: nothing here is reached over it");
    }
    if !is_needed {
        return None;
    }
    let nodes = ["ca_file", "client_cert_file", "client_key_file"];
    let nodes = nodes.map(|key| fields.and_then(|fields| fields.get(key)));
    let told = |error: TlsError| {
        let place = place_of(&error, nodes, surroundings).unwrap_or(service.place());
        mistakes.add(place, error.to_string());
    };
    load(files).map_err(told).ok()
}

fn files(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> TargetTlsFiles {
    let path = |key| fields.optional_text(key).map(|written| surroundings.path(written));
    let client_certificate = match (path("client_cert_file"), path("client_key_file")) {
        (Some(cert_file), Some(key_file)) => Some(CertificateFiles { cert_file, key_file }),
        (None, None) => None,
        _ => {
            let message = "`client_cert_file` and `client_key_file` belong together";
            mistakes.add(fields.place(), message);
            None
        }
    };
    let danger_accept_any_certificate = fields.is_true("danger_accept_any_certificate");
    let ca_file = path("ca_file");
    if danger_accept_any_certificate && ca_file.is_some() {
        let message = "`ca_file` is of no use with `danger_accept_any_certificate`";
        mistakes.add(fields.place(), message);
    }
    let server_name = fields.get("server_name").and_then(|node| {
        let name = ServerName::try_from(node.scalar()?.to_owned()).ok();
        if name.is_none() {
            mistakes.add(node.place, "`server_name` must be a host name or an IP address");
        }
        name
    });
    TargetTlsFiles { ca_file, server_name, client_certificate, danger_accept_any_certificate }
}
