//! `jwt`: a key with which the client signs tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use symbolon_core::client::Proof;
use symbolon_core::jwt::{Algorithm, VerifyingKey};
use symbolon_core::secret::Secret;
use zeroize::Zeroizing;

use super::secret;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

/// All of them (RFC 7518 section 3.1, RFC 8037 section 3.1).
const ALGORITHMS: &[&str] = &[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
    "ES384", "ES512", "EdDSA",
];

pub(super) static SECTION: Section = Section {
    is: "`jwt`",
    doc: "A key with which the client signs tokens",
    keys: &[
        Key::required(
            "key",
            "How its tokens name the key, in `iss` or where `key_claims` says; unique among all \
             clients",
            Shape::Text,
        ),
        Key::required(
            "algorithm",
            "The one algorithm that the key is for",
            Shape::Choice { of: ALGORITHMS, later: &[] },
        ),
        Key::optional("secret_file", "File with the secret of `HS…`", Shape::Text),
        Key::optional("secret_env", "Environment variable with the secret of `HS…`", Shape::Text),
        Key::default("secret_base64", "Whether the secret is in Base64", Shape::Truth, "false"),
        Key::optional(
            "public_key_file",
            "File with the public key of the others: PEM, or one JWK",
            Shape::Text,
        ),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Proof> {
    // Any other word has been reported.
    let algorithm: Algorithm = fields.text("algorithm").parse().ok()?;
    let key = fields.text("key");
    if key.is_empty() {
        let place = fields.get("key").map_or(fields.place(), |node| node.place);
        mistakes.add(place, "`key` must not be empty");
        return None;
    }
    let material = if algorithm.is_symmetric() {
        shared(fields, surroundings, mistakes)?
    } else {
        public(fields, surroundings, mistakes)?
    };
    if let Err(error) = VerifyingKey::of_material(algorithm, &material) {
        let nodes = ["public_key_file", "secret_file", "secret_env"];
        let node = nodes.iter().find_map(|key| fields.get(key));
        let place = node.map_or(fields.place(), |node| node.place);
        mistakes.add(place, format!("the key is not usable with {algorithm}: {error}"));
        return None;
    }
    Some(Proof::Jwt {
        key: key.into(),
        algorithm: algorithm.name().into(),
        material: Secret::new(material.to_vec()),
    })
}

fn shared(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Zeroizing<Vec<u8>>> {
    if let Some(node) = fields.get("public_key_file") {
        mistakes.add(node.place, "`HS…` has no public key: write `secret_file` or `secret_env`");
        return None;
    }
    let text = secret(fields, ["secret_file", "secret_env"], surroundings, mistakes)?;
    if !fields.is_true("secret_base64") {
        return Some(Zeroizing::new(text.as_bytes().to_vec()));
    }
    let decoded = STANDARD.decode(text.trim()).ok();
    if decoded.is_none() {
        mistakes.add(fields.place(), "the secret is not in Base64, as `secret_base64` says");
    }
    decoded.map(Zeroizing::new)
}

fn public(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Zeroizing<Vec<u8>>> {
    let Some(node) = fields.get("public_key_file") else {
        mistakes.add(fields.place(), "this algorithm needs a `public_key_file`");
        return None;
    };
    if fields.get("secret_file").or(fields.get("secret_env")).is_some() {
        mistakes.add(fields.place(), "a secret is for `HS…` only");
        return None;
    }
    let text = surroundings.secret_file(node, mistakes)?;
    Some(Zeroizing::new(text.as_bytes().to_vec()))
}
