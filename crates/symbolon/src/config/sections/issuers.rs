//! `issuers`: outside issuers of tokens that the `jwt` authenticator takes, and where their keys
//! are.

use std::collections::HashSet;
use std::sync::Arc;

use symbolon_core::internal_token::CLIENT_PREFIX;
use symbolon_core::jwt::{Algorithm, Expected, KeySet};
use symbolon_gateway::config::Protocol;
use symbolon_gateway::config::issuers::{Address, Issuer, KeyLocation, KeySource, RemoteKeys};
use symbolon_gateway::tls::{TargetTls, TargetTlsFiles};

use super::authenticators::jwt::{ALGORITHMS_WITH_PUBLIC_KEYS, LEEWAY, TEXT_OR_LIST, texts};
use super::services::is_name;
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{DAY, HOUR, Key, SECOND, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::Node;

pub(super) const KEY: Key = Key::default(
    "issuers",
    "Outside issuers of tokens, for the `jwt` authenticator",
    Shape::Named { of: &SECTION, min: 0 },
    "{}",
);

static SECTION: Section = Section {
    is: "an issuer",
    doc: "An outside issuer of tokens",
    keys: &[
        Key::required(
            "issuer",
            "`iss` of its tokens, to the letter; its metadata are looked for below it",
            Shape::Text,
        ),
        Key::required("audience", "`aud` has to name one of these", TEXT_OR_LIST),
        Key::required(
            "algorithms",
            "The algorithms of its keys. An RSA key that does not say which is its own is used \
             where only one of them is RSA",
            Shape::List {
                of: &Shape::Choice { of: ALGORITHMS_WITH_PUBLIC_KEYS, later: &[] },
                min: 1,
            },
        ),
        Key::optional(
            "jwks_uri",
            "Where its keys are: `https://…`, or `http://` on this machine. Default: as its \
             metadata say (OpenID Connect Discovery, RFC 8414)",
            Shape::Text,
        ),
        Key::optional("jwks_file", "File with its keys, instead of fetching them", Shape::Text),
        Key::optional(
            "ca_file",
            "PEM file: the authorities of its servers. Default: those of the system",
            Shape::Text,
        ),
        Key::default(
            "typ",
            "`typ` has to be one of these; a token without counts as `JWT`",
            TEXT_OR_LIST,
            "[JWT, at+jwt]",
        ),
        LEEWAY,
        Key::optional(
            "max_lifetime",
            "The longest that a token may live. Default: as its issuer says",
            Shape::Duration { min: SECOND, max: 366 * DAY },
        ),
        Key::default(
            "timeout",
            "The longest that fetching the keys may take",
            Shape::Duration { min: 100, max: 60 * SECOND },
            "5s",
        ),
        Key::default(
            "refresh_after",
            "The age at which keys are fetched anew, or earlier where the server says so",
            Shape::Duration { min: 10 * SECOND, max: DAY },
            "10m",
        ),
        Key::default(
            "stale_if_error",
            "How much longer keys count where they cannot be fetched anew",
            Shape::Duration { min: 0, max: 30 * DAY },
            "1h",
        ),
        Key::default(
            "min_refetch_interval",
            "The shortest time between two fetches, however many tokens name unknown keys",
            Shape::Duration { min: 100, max: HOUR },
            "10s",
        ),
    ],
};

/// Reads them; `own` are the issuers of this system, whose tokens nobody outside makes.
pub(super) fn read(
    root: Fields<'_>,
    own: &[String],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Arc<Issuer>> {
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for (name, fields) in root.named("issuers") {
        if !is_name(&name.text) || name.text == CLIENT_PREFIX {
            let message = format!("`{}` cannot be the name of an issuer", name.text);
            mistakes.add(name.place, message);
        }
        let issuer = fields.text("issuer");
        let place = fields.get("issuer").map_or(fields.place(), |node| node.place);
        if own.iter().any(|own| own == issuer) {
            mistakes.add(place, format!("`issuer`: `{issuer}` is this system itself"));
        }
        if !seen.insert(issuer.to_owned()) {
            mistakes.add(place, format!("`issuer`: `{issuer}` is another issuer above"));
        }
        let algorithms = algorithms(fields);
        let Some(keys) = keys(fields, &algorithms, surroundings, mistakes) else { continue };
        read.push(Arc::new(Issuer {
            name: name.text.as_str().into(),
            issuer: issuer.into(),
            expected: Expected {
                issuer: Some(issuer.to_owned()),
                audience: texts(fields, "audience"),
                audience_may_be_missing: false,
                types: texts(fields, "typ"),
                leeway: fields.duration("leeway"),
                max_lifetime: fields.get("max_lifetime").map(|_| fields.duration("max_lifetime")),
            },
            algorithms,
            keys,
        }));
    }
    read
}

fn algorithms(fields: Fields<'_>) -> Vec<Algorithm> {
    let mut read: Vec<Algorithm> = Vec::new();
    for node in fields.list("algorithms") {
        // Any other word has been reported.
        let algorithm = node.scalar().and_then(|name| name.parse().ok());
        read.extend(algorithm.filter(|algorithm| !read.contains(algorithm)));
    }
    read
}

fn keys(
    fields: Fields<'_>,
    algorithms: &[Algorithm],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<KeySource> {
    let location = match (fields.get("jwks_uri"), fields.get("jwks_file")) {
        (Some(_), Some(file)) => {
            mistakes.add(file.place, "`jwks_uri` and `jwks_file` exclude each other");
            return None;
        }
        (None, Some(file)) => return in_file(file, algorithms, surroundings, mistakes),
        (Some(_), None) => fields.parse::<Address>("jwks_uri", mistakes).map(KeyLocation::At),
        (None, None) => of_issuer(fields, mistakes),
    }?;
    let tls = if location.is_secure() { Some(tls(fields, surroundings, mistakes)?) } else { None };
    Some(KeySource::Remote(Box::new(RemoteKeys {
        location,
        tls,
        timeout: fields.duration("timeout"),
        refresh_after: fields.duration("refresh_after"),
        stale_if_error: fields.duration("stale_if_error"),
        min_interval: fields.duration("min_refetch_interval"),
    })))
}

fn of_issuer(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<KeyLocation> {
    let node = fields.get("issuer")?;
    match KeyLocation::of_issuer(node.scalar()?) {
        Ok(location) => Some(location),
        Err(error) => {
            let message = format!("`issuer`: its metadata cannot be looked for: {error}");
            let hint = "write `jwks_uri` or `jwks_file`";
            mistakes.push(Mistake::new(node.place, message).hint(Some(hint.to_owned())));
            None
        }
    }
}

fn in_file(
    node: &Node,
    algorithms: &[Algorithm],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<KeySource> {
    let text = surroundings.secret_file(node, mistakes)?;
    match KeySet::parse(text.as_bytes(), algorithms) {
        Ok(keys) if keys.is_empty() => {
            mistakes.add(node.place, "`jwks_file`: there is no key in it for `algorithms`");
            None
        }
        Ok(keys) => Some(KeySource::File(Arc::new(keys))),
        Err(error) => {
            mistakes.add(node.place, format!("`jwks_file`: {error}"));
            None
        }
    }
}

fn tls(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<TargetTls> {
    let node = fields.get("ca_file");
    let ca_file = node.and_then(Node::scalar).map(|written| surroundings.path(written));
    let files = TargetTlsFiles { ca_file, ..TargetTlsFiles::default() };
    let place = node.map_or(fields.place(), |node| node.place);
    let told = |error: symbolon_gateway::tls::TlsError| mistakes.add(place, error.to_string());
    TargetTls::load(files, Protocol::H1).map_err(told).ok()
}
