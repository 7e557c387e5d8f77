//! The credentials of one client.

mod api_key;
mod basic;
mod hmac;
mod jwt;
mod mtls;

use std::str::FromStr as _;

use symbolon_core::client::{Credential, CredentialId, Proof};
use symbolon_core::{Client, Timestamp};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(super) static CREDENTIAL: Section = Section {
    is: "a credential",
    doc: "One credential of a client",
    keys: &[
        Key::optional(
            "id",
            "Its name among those of the client. Default: its kind and place, such as `api-key-1`",
            Shape::Text,
        ),
        Key::rule(
            "expires_at",
            "From then on it is not good any more: `2027-01-31T00:00:00Z`",
            Shape::Text,
        ),
        Key::optional("api_key", api_key::SECTION.doc, Shape::Section(&api_key::SECTION)),
        Key::optional("basic", basic::SECTION.doc, Shape::Section(&basic::SECTION)),
        Key::optional("hmac", hmac::SECTION.doc, Shape::Section(&hmac::SECTION)),
        Key::optional("jwt", jwt::SECTION.doc, Shape::Section(&jwt::SECTION)),
        Key::optional("mtls", mtls::SECTION.doc, Shape::Section(&mtls::SECTION)),
    ],
};

/// Reads them; `others` are the clients before, whose credentials must be different ones.
pub(super) fn read(
    client: Fields<'_>,
    others: &[Client],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Credential> {
    let mut read: Vec<Credential> = Vec::new();
    for (index, node) in client.list("credentials").iter().enumerate() {
        let fields = Fields::new(node, &CREDENTIAL);
        let expires_at = expires_at(fields, mistakes);
        let Some(proof) = proof(fields, surroundings, mistakes) else { continue };
        let default = format!("{}-{}", proof.kind().name().replace('_', "-"), index + 1);
        let id = match fields.get("id") {
            Some(_) => fields.parse::<CredentialId>("id", mistakes),
            None => CredentialId::from_str(&default).ok(),
        };
        let Some(id) = id else { continue };
        if read.iter().any(|other| other.id == id) {
            mistakes.add(fields.place(), format!("a credential `{id}` stands above already"));
        }
        let before = others.iter().flat_map(|client| &client.credentials).chain(&read);
        if before.into_iter().any(|other| looks_like(&other.proof, &proof)) {
            mistakes.add(fields.place(), "this credential is that of another one above");
        }
        read.push(Credential { id, expires_at, proof });
    }
    read
}

/// Whether a request that shows one shows the other.
fn looks_like(one: &Proof, other: &Proof) -> bool {
    match (one, other) {
        (Proof::ApiKey { hash }, Proof::ApiKey { hash: same }) => hash == same,
        (Proof::Basic { username, .. }, Proof::Basic { username: same, .. }) => username == same,
        (Proof::Hmac { key_id, .. }, Proof::Hmac { key_id: same, .. }) => key_id == same,
        (Proof::Jwt { key, .. }, Proof::Jwt { key: same, .. }) => key == same,
        (Proof::Mtls { certificate }, Proof::Mtls { certificate: same }) => certificate == same,
        _ => false,
    }
}

fn expires_at(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<Timestamp> {
    let text = fields.optional_text("expires_at")?;
    let parsed = Timestamp::parse_rfc3339(text);
    if parsed.is_none() {
        let place = fields.get("expires_at").map_or(fields.place(), |node| node.place);
        let message = format!("`expires_at`: `{text}` is no time such as `2027-01-31T00:00:00Z`");
        mistakes.add(place, message);
    }
    parsed
}

fn proof(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Proof> {
    let kinds = ["api_key", "basic", "hmac", "jwt", "mtls"];
    let written = kinds.iter().filter(|kind| fields.get(kind).is_some()).count();
    if written != 1 {
        let message = "a credential must say exactly one kind, such as `api_key`";
        mistakes.add(fields.place(), message);
        return None;
    }
    if let Some(section) = fields.section("api_key") {
        return api_key::read(section, surroundings, mistakes);
    }
    if let Some(section) = fields.section("basic") {
        return basic::read(section, surroundings, mistakes);
    }
    if let Some(section) = fields.section("jwt") {
        return jwt::read(section, surroundings, mistakes);
    }
    if let Some(section) = fields.section("hmac") {
        return hmac::read(section, surroundings, mistakes);
    }
    fields.section("mtls").and_then(|section| mtls::read(section, mistakes))
}

/// A secret that is named by `{key}_file` or `{key}_env`, without white space around it.
fn secret(
    fields: Fields<'_>,
    [file, variable]: [&'static str; 2],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<zeroize::Zeroizing<String>> {
    match (fields.get(file), fields.get(variable)) {
        (Some(node), None) => surroundings.secret_file(node, mistakes),
        (None, Some(node)) => surroundings.variable(node, mistakes),
        _ => {
            let message = format!("a credential must say either `{file}` or `{variable}`");
            mistakes.add(fields.place(), message);
            None
        }
    }
}
