//! `hmac`: the key of signatures over requests, shared or public.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use symbolon_core::client::Proof;
use symbolon_core::http_signature::{Algorithm, Key as SignatureKey};
use symbolon_core::secret::Secret;

use super::super::super::authenticators::hmac::{ALGORITHM, algorithms};
use super::secret;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

/// The longest name of a key, in bytes; that of APISIX.
const MAX_KEY_ID: usize = 256;

pub(super) static SECTION: Section = Section {
    is: "`hmac`",
    doc: "A key for signatures over requests",
    keys: &[
        Key::required(
            "key_id",
            "How requests name the key (`username`, `keyId`, `keyid`); unique among all clients",
            Shape::Text,
        ),
        Key::optional("secret_file", "File with the secret that both sides know", Shape::Text),
        Key::optional("secret_env", "Environment variable with that secret", Shape::Text),
        Key::default(
            "secret_encoding",
            "How the secret is written down there: as it is, or in base64",
            Shape::Choice { of: &["text", "base64"], later: &[] },
            "text",
        ),
        Key::optional(
            "public_key_file",
            "File with a public key in PEM instead of a secret; only RFC 9421 has such signatures",
            Shape::Text,
        ),
        Key::optional(
            "algorithms",
            "What the key is for. Default: HMAC with SHA-256, SHA-384 and SHA-512, or the one \
             algorithm of the public key (of RSA: `rsa-pss-sha512`)",
            Shape::List { of: &ALGORITHM, min: 1 },
        ),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Proof> {
    let key_id = fields.text("key_id");
    let is_name = !key_id.is_empty()
        && key_id.len() <= MAX_KEY_ID
        && key_id.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte));
    if !is_name {
        let place = fields.get("key_id").map_or(fields.place(), |node| node.place);
        mistakes.add(
            place,
            format!("`key_id` must have 1 to {MAX_KEY_ID} characters of ASCII, without quotes"),
        );
    }
    let written = algorithms(fields);
    let is_public = fields.get("public_key_file").is_some();
    let is_of_kind = written.iter().all(|algorithm| algorithm.is_shared() != is_public);
    if !is_of_kind || is_public && written.len() > 1 {
        // A public key that is taken for a secret is a secret that everybody has.
        let message = "`algorithms`: HMACs are for secrets, and a public key is for one algorithm";
        mistakes.add(fields.place(), message);
        return None;
    }
    let (secret, algorithms) = if let Some(node) = fields.get("public_key_file") {
        if fields.get("secret_file").is_some() || fields.get("secret_env").is_some() {
            mistakes.add(node.place, "a key is either public or a secret");
        }
        let pem = surroundings.secret_file(node, mistakes)?;
        (Secret::new(pem.as_bytes()), vec![of_public_key(&pem, &written)])
    } else {
        let text = secret(fields, ["secret_file", "secret_env"], surroundings, mistakes)?;
        let written = if written.is_empty() { Algorithm::SHARED.to_vec() } else { written };
        (decoded(fields, &text, mistakes)?, written)
    };
    if let Err(error) = SignatureKey::of(&secret, &algorithms) {
        mistakes.add(fields.place(), format!("the key cannot be used: {error}"));
        return None;
    }
    let algorithms: Arc<[Algorithm]> = algorithms.into();
    is_name.then(|| Proof::Hmac { key_id: key_id.into(), secret, algorithms })
}

/// What a public key is for: it says so itself, but for the two that RSA has. What is no public key
/// is none for any of them.
fn of_public_key(pem: &str, written: &[Algorithm]) -> Algorithm {
    let own = || SignatureKey::public(pem, None).ok().and_then(|key| key.algorithms().next());
    written.first().copied().or_else(own).unwrap_or(Algorithm::RsaPssSha512)
}

fn decoded(fields: Fields<'_>, text: &str, mistakes: &mut Mistakes) -> Option<Secret> {
    if fields.text("secret_encoding") != "base64" {
        return Some(Secret::new(text.as_bytes()));
    }
    let decoded = STANDARD.decode(text.trim()).ok();
    if decoded.is_none() {
        mistakes.add(fields.place(), "what this names is not base64");
    }
    decoded.map(Secret::new)
}
