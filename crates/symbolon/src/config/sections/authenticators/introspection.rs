//! `introspection`: the endpoint, who we are to it, and what is believed.

use axum::http::header::{self, HeaderName};
use symbolon_core::secret::Secret;
use symbolon_gateway::config::authenticators::Introspection;
use symbolon_gateway::config::authenticators::introspection::{ClaimPaths, ClientAuthentication};

use super::{endpoint, secret};
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{HOUR, Key, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(super) static SECTION: Section = Section {
    is: "`introspection`",
    doc: "A token that an authorization server outside knows (RFC 7662)",
    keys: &[
        Key::required("url", "The introspection endpoint", Shape::Text),
        endpoint::TLS,
        endpoint::UNENCRYPTED,
        Key::optional("client_id", "Who we are to the endpoint", Shape::Text),
        Key::optional("client_secret_file", "File with the secret of `client_id`", Shape::Text),
        Key::optional(
            "client_secret_env",
            "Environment variable with the secret of `client_id`",
            Shape::Text,
        ),
        Key::optional("bearer_file", "File with a token for the endpoint", Shape::Text),
        Key::optional(
            "bearer_env",
            "Environment variable with a token for the endpoint",
            Shape::Text,
        ),
        Key::optional(
            "header",
            "The header that holds the token. Default: `Authorization: Bearer`",
            Shape::Text,
        ),
        Key::default(
            "hide_credentials",
            "Whether the service does not see the token",
            Shape::Truth,
            "true",
        ),
        Key::rule("issuer", "Who must have issued the token", Shape::Text),
        Key::rule("audience", "For whom the token must be", Shape::Text),
        Key::default(
            "danger_any_audience",
            "Whether tokens for anybody are taken",
            Shape::Truth,
            "false",
        ),
        Key::section("claims", &CLAIMS),
        Key::default(
            "cache",
            "How long a good token is believed without asking again; never beyond its end",
            Shape::Duration { min: 0, max: HOUR },
            "30s",
        ),
        Key::default(
            "negative_cache",
            "How long a bad token is refused without asking again",
            Shape::Duration { min: 0, max: HOUR },
            "5s",
        ),
        endpoint::CACHE_ENTRIES,
        endpoint::CONNECTIONS,
        endpoint::QUEUE,
        endpoint::CONNECT_TIMEOUT,
        endpoint::TIMEOUT,
    ],
};

static CLAIMS: Section = Section {
    is: "`claims`",
    doc: "Where in the answer what stands: names, with `.` between those of nested objects",
    keys: &[
        Key::default("subject", "The end user: `sub` or `username`", Shape::Text, "sub"),
        Key::optional("roles", "Roles, such as `realm_access.roles`", Shape::Text),
        Key::optional("groups", "Groups", Shape::Text),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Introspection> {
    let endpoint = endpoint::read(fields, surroundings, mistakes);
    let client = client(fields, surroundings, mistakes);
    let header = token_header(fields, mistakes);
    let audience = fields.optional_text("audience").map(str::to_owned);
    if audience.is_some() == fields.is_true("danger_any_audience") {
        let message = "`introspection` must say for whom tokens must be: `audience`, or \
                       `danger_any_audience: true`";
        mistakes.add(fields.place(), message);
    }
    let claims = fields.section("claims")?;
    let path = |key| claims.optional_text(key).map(str::to_owned);
    Some(Introspection {
        endpoint: endpoint?,
        client: client?,
        header,
        hide_credentials: fields.is_true("hide_credentials"),
        issuer: fields.optional_text("issuer").map(str::to_owned),
        audience,
        claims: ClaimPaths {
            subject: claims.text("subject").to_owned(),
            roles: path("roles"),
            groups: path("groups"),
        },
        cache: fields.duration("cache"),
        negative_cache: fields.duration("negative_cache"),
        cache_entries: endpoint::number(fields, "cache_entries"),
    })
}

fn client(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<ClientAuthentication> {
    let has = |keys: [&'static str; 2]| keys.iter().any(|key| fields.get(key).is_some());
    let (secrets, tokens) =
        (["client_secret_file", "client_secret_env"], ["bearer_file", "bearer_env"]);
    let shows_certificate =
        fields.section("tls").is_some_and(|tls| tls.get("client_cert_file").is_some());
    let proof = match (fields.optional_text("client_id"), has(secrets), has(tokens)) {
        (Some(id), _, false) => {
            let secret = secret(fields, secrets, surroundings, mistakes)?;
            let secret = Secret::new(secret.as_bytes());
            ClientAuthentication::Basic { id: id.to_owned(), secret }
        }
        (None, false, true) => {
            let token = secret(fields, tokens, surroundings, mistakes)?;
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                mistakes.add(fields.place(), "the token for the endpoint is no token");
            }
            ClientAuthentication::Bearer(Secret::new(token.as_bytes()))
        }
        (None, false, false) if shows_certificate => ClientAuthentication::Certificate,
        _ => {
            let message = "`introspection` must say one way to prove who we are: `client_id` with \
                           its secret, a token of our own, or a certificate in `tls`";
            mistakes.add(fields.place(), message);
            return None;
        }
    };
    Some(proof)
}

/// A header that is not one of those with a meaning of their own.
fn token_header(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<HeaderName> {
    let node = fields.get("header")?;
    let text = node.scalar()?;
    let taken = [header::COOKIE, header::HOST, header::CONTENT_LENGTH];
    match HeaderName::try_from(text).ok().filter(|name| !taken.contains(name)) {
        Some(name) if name == header::AUTHORIZATION => None,
        Some(name) => Some(name),
        None => {
            mistakes.add(node.place, format!("`header`: `{text}` cannot be the header of a token"));
            None
        }
    }
}
