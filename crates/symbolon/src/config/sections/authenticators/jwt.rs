//! `jwt`: where tokens are looked for, whose are taken, and what of them is believed.

use std::sync::Arc;

use axum::http::header::{self, HeaderName};
use symbolon_core::jwt::Expected;
use symbolon_gateway::config::authenticators::{ClaimPaths, ClientKeys, Jwt, KeyName};
use symbolon_gateway::config::issuers::Issuer;

use crate::config::complete::complete;
use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};
use crate::config::yaml::{Node, Place, Value};

/// The algorithms whose keys can be public (RFC 7518 section 3.1, RFC 8037 section 3.1).
pub(in crate::config::sections) const ALGORITHMS_WITH_PUBLIC_KEYS: &[&str] =
    &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

pub(in crate::config::sections) const TEXT_OR_LIST: Shape =
    Shape::Either(&[Shape::Text, Shape::List { of: &Shape::Text, min: 1 }]);

pub(in crate::config::sections) const LEEWAY: Key = Key::default(
    "leeway",
    "How far clocks may differ",
    Shape::Duration { min: 0, max: 300 * SECOND },
    "5s",
);

pub(super) static SECTION: Section = Section {
    is: "`jwt`",
    doc: "A signed token: of an outside issuer, of a client's own key, or had for a client's \
          credential",
    keys: &[
        Key::default(
            "authorization",
            "Whether it is looked for in `Authorization: Bearer`",
            Shape::Truth,
            "true",
        ),
        Key::optional("header", "A header besides, with or without `Bearer`", Shape::Text),
        Key::optional(
            "query",
            "A parameter of the query. What stands there ends up in logs and histories",
            Shape::Text,
        ),
        Key::optional("cookie", "A cookie", Shape::Text),
        Key::default(
            "hide_credentials",
            "Whether the service does not see the token",
            Shape::Truth,
            "true",
        ),
        Key::rule(
            "issuers",
            "The outside issuers whose tokens are taken, by their names. Default: all of them",
            Shape::List { of: &Shape::Text, min: 0 },
        ),
        Key::default(
            "client_keys",
            "Whether tokens are taken that clients sign with keys of their own",
            Shape::Truth,
            "true",
        ),
        Key::default(
            "client_tokens",
            "Whether tokens are taken that clients had for their credentials",
            Shape::Truth,
            "true",
        ),
        Key::default(
            "key_claims",
            "Where tokens of clients name their key: claims, and `kid` for the header's. The first \
             that names a known key counts",
            Shape::List { of: &Shape::Text, min: 1 },
            "[iss, key, kid]",
        ),
        Key::rule(
            "audience",
            "`aud` of tokens of clients has to name one of these. Default: the public URL, or no \
             `aud` at all",
            TEXT_OR_LIST,
        ),
        Key::default(
            "typ",
            "`typ` of tokens of clients has to be one of these; one without counts as `JWT`",
            TEXT_OR_LIST,
            "[JWT, at+jwt]",
        ),
        LEEWAY,
        Key::rule(
            "max_lifetime",
            "The longest that a token of a client may live. Default: as the client says",
            Shape::Duration { min: SECOND, max: 366 * DAY },
        ),
        Key::section("claims", &CLAIMS),
    ],
};

static CLAIMS: Section = Section {
    is: "`claims`",
    doc: "What is taken over from tokens of outside issuers; a dot leads into a claim",
    keys: &[
        Key::default("subject", "The end user's name", Shape::Text, "sub"),
        Key::optional("roles", "Roles. Default: none are believed", Shape::Text),
        Key::optional("groups", "Groups. Default: none are believed", Shape::Text),
        Key::default("scopes", "Scopes; empty where none are believed", Shape::Text, "scope"),
    ],
};

/// What there is besides the section.
#[derive(Clone, Copy)]
pub(in crate::config::sections) struct Context<'a> {
    pub(in crate::config::sections) public_url: &'a str,
    pub(in crate::config::sections) issuers: &'a [Arc<Issuer>],
}

/// The one with nothing but defaults.
pub(super) fn default(context: Context<'_>) -> Jwt {
    let node = Node { value: Value::Mapping(Vec::new()), place: Place::default() };
    let node = complete(node, &Shape::Section(&SECTION));
    read(Fields::new(&node, &SECTION), context, &mut Mistakes::default())
}

pub(super) fn read(fields: Fields<'_>, context: Context<'_>, mistakes: &mut Mistakes) -> Jwt {
    let text = |key| fields.optional_text(key).filter(|text: &&str| !text.is_empty());
    let jwt = Jwt {
        authorization: fields.is_true("authorization"),
        header: text("header").and_then(|name| header_name(fields, name, mistakes)),
        query: text("query").map(Into::into),
        cookie: text("cookie").map(Into::into),
        hide_credentials: fields.is_true("hide_credentials"),
        issuers: issuers(fields, context, mistakes),
        client_keys: fields.is_true("client_keys").then(|| client_keys(fields, context)),
        client_tokens: fields.is_true("client_tokens"),
        claims: claims(fields),
    };
    if !jwt.authorization && jwt.places().is_empty() {
        mistakes.add(fields.place(), "`jwt` must look for tokens somewhere");
    }
    jwt
}

fn issuers(fields: Fields<'_>, context: Context<'_>, mistakes: &mut Mistakes) -> Vec<Arc<Issuer>> {
    if fields.get("issuers").is_none() {
        return context.issuers.to_vec();
    }
    let mut chosen = Vec::new();
    for node in fields.list("issuers") {
        let name = node.scalar().unwrap_or_default();
        if let Some(issuer) = context.issuers.iter().find(|issuer| *issuer.name == *name) {
            chosen.push(Arc::clone(issuer));
            continue;
        }
        let hint = did_you_mean(name, context.issuers.iter().map(|issuer| &*issuer.name));
        let message = format!("unknown issuer `{name}`");
        mistakes.push(Mistake::new(node.place, message).hint(hint));
    }
    chosen
}

fn client_keys(fields: Fields<'_>, context: Context<'_>) -> ClientKeys {
    let named_by = fields.texts("key_claims").into_iter().map(|name| match name.as_str() {
        "kid" => KeyName::KeyId,
        _ => KeyName::Claim(name.into()),
    });
    let audience = texts(fields, "audience");
    ClientKeys {
        named_by: named_by.collect(),
        expected: Expected {
            issuer: None,
            audience_may_be_missing: audience.is_empty(),
            audience: if audience.is_empty() {
                vec![context.public_url.to_owned()]
            } else {
                audience
            },
            types: texts(fields, "typ"),
            leeway: fields.duration("leeway"),
            max_lifetime: fields.get("max_lifetime").map(|_| fields.duration("max_lifetime")),
        },
    }
}

fn claims(fields: Fields<'_>) -> ClaimPaths {
    let section = fields.section("claims");
    let path = |key| -> Option<Arc<str>> {
        let text = section.and_then(|section| section.optional_text(key));
        text.filter(|text| !text.is_empty()).map(Into::into)
    };
    ClaimPaths {
        subject: path("subject").unwrap_or_else(|| "sub".into()),
        roles: path("roles"),
        groups: path("groups"),
        scopes: path("scopes"),
    }
}

/// A text, or those of a list.
pub(in crate::config::sections) fn texts(fields: Fields<'_>, key: &'static str) -> Vec<String> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    match node.scalar() {
        Some(text) => vec![text.to_owned()],
        None => fields::items(node).iter().filter_map(Node::scalar).map(str::to_owned).collect(),
    }
}

/// A header that is not one of those with a meaning of their own.
fn header_name(fields: Fields<'_>, name: &str, mistakes: &mut Mistakes) -> Option<HeaderName> {
    let taken = [header::AUTHORIZATION, header::COOKIE, header::HOST, header::CONTENT_LENGTH];
    let parsed = HeaderName::try_from(name).ok().filter(|name| !taken.contains(name));
    if parsed.is_none() {
        let place = fields.get("header").map_or(fields.place(), |node| node.place);
        let message = format!("`header`: `{name}` cannot be the header of a token");
        let hint = "`authorization: true` looks for it there";
        mistakes.push(Mistake::new(place, message).hint(Some(hint.to_owned())));
    }
    parsed
}
