//! `listeners[].tls`: certificates, and whose certificates are accepted.

use symbolon_gateway::tls::{
    Certificate, CertificateFiles, ClientCertificates, ClientCertificatesFiles, ServerTls, TlsError,
};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::{Node, Place};

pub(super) static SECTION: Section = Section {
    is: "`tls`",
    doc: "Certificates of a listener",
    keys: &[
        Key::required(
            "certificates",
            "Chosen by the name that a client asks for; the first one where none fits",
            Shape::List { of: &Shape::Section(&CERTIFICATE), min: 1 },
        ),
        Key::optional(
            "client_certificates",
            CLIENT_CERTIFICATES.doc,
            Shape::Section(&CLIENT_CERTIFICATES),
        ),
    ],
};

static CERTIFICATE: Section = Section {
    is: "a certificate",
    doc: "A certificate with its key",
    keys: &[
        Key::required(
            "cert_file",
            "PEM file: the certificate, then those that lead to its authority",
            Shape::Text,
        ),
        Key::required("key_file", "PEM file: its private key", Shape::Text),
    ],
};

static CLIENT_CERTIFICATES: Section = Section {
    is: "`client_certificates`",
    doc: "Whose certificates are accepted from clients",
    keys: &[
        Key::required("ca_file", "PEM file: the authorities of the clients", Shape::Text),
        Key::default("required", "Whether every client has to show one", Shape::Truth, "true"),
        Key::optional("crl_file", "PEM file: lists of revoked certificates", Shape::Text),
    ],
};

/// Reads all files; `None` when something was reported.
pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<ServerTls> {
    let nodes = fields.list("certificates");
    let certificates: Vec<_> =
        nodes.iter().filter_map(|node| certificate(node, surroundings, mistakes)).collect();
    let clients = match fields.section("client_certificates") {
        Some(fields) => Some(clients(fields, surroundings, mistakes)?),
        None => None,
    };
    if certificates.is_empty() || certificates.len() < nodes.len() {
        return None;
    }
    let tls = ServerTls::new(certificates, clients);
    tls.map_err(|error| mistakes.add(fields.place(), error.to_string())).ok()
}

fn certificate(
    node: &Node,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Certificate> {
    let fields = Fields::new(node, &CERTIFICATE);
    let (cert, key) = (fields.get("cert_file"), fields.get("key_file"));
    let files = CertificateFiles {
        cert_file: surroundings.path(cert?.scalar()?),
        key_file: surroundings.path(key?.scalar()?),
    };
    let told = |error: TlsError| {
        let place = place_of(&error, [cert, key], surroundings).unwrap_or(node.place);
        mistakes.add(place, error.to_string());
    };
    Certificate::load(files).map_err(told).ok()
}

fn clients(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<ClientCertificates> {
    let path = |key| fields.optional_text(key).map(|written| surroundings.path(written));
    let files = ClientCertificatesFiles {
        ca_file: path("ca_file")?,
        crl_file: path("crl_file"),
        required: fields.is_true("required"),
    };
    let nodes = [fields.get("ca_file"), fields.get("crl_file")];
    let told = |error: TlsError| {
        let place = place_of(&error, nodes, surroundings).unwrap_or(fields.place());
        mistakes.add(place, error.to_string());
    };
    ClientCertificates::load(files).map_err(told).ok()
}

/// Where the file is named that the error is about.
pub(in crate::config::sections) fn place_of<'a>(
    error: &TlsError,
    nodes: impl IntoIterator<Item = Option<&'a Node>>,
    surroundings: &Surroundings<'_>,
) -> Option<Place> {
    let file = error.file()?;
    let names = |node: &&'a Node| node.scalar().is_some_and(|text| surroundings.path(text) == file);
    nodes.into_iter().flatten().find(names).map(|node| node.place)
}
