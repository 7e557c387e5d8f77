//! `api_key`: where a client's key is looked for.

use axum::http::header::{self, HeaderName};
use symbolon_gateway::config::authenticators::ApiKey;
use symbolon_gateway::identity_headers;

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`api_key`",
    doc: "A client's key in a header, in the query or in a cookie",
    keys: &[
        Key::optional(
            "header",
            "The header. Default: `apikey`, where neither `query` nor `cookie` is written",
            Shape::Text,
        ),
        Key::optional(
            "query",
            "The parameter of the query. What stands there ends up in logs and histories",
            Shape::Text,
        ),
        Key::optional("cookie", "The cookie", Shape::Text),
        Key::default(
            "hide_credentials",
            "Whether the service does not see the key",
            Shape::Truth,
            "true",
        ),
    ],
};

pub(super) fn read(fields: Fields<'_>, mistakes: &mut Mistakes) -> ApiKey {
    let text = |key| fields.optional_text(key).filter(|text| !text.is_empty());
    let (query, cookie) = (text("query"), text("cookie"));
    let header = match text("header") {
        Some(name) => header_name(fields, name, mistakes),
        None if query.is_some() || cookie.is_some() => None,
        None => ApiKey::default().header,
    };
    let hide_credentials = fields.is_true("hide_credentials");
    if let Some(header) = header.as_ref().filter(|_| !hide_credentials) {
        check_shown(fields, header, mistakes);
    }
    ApiKey {
        header,
        query: query.map(Into::into),
        cookie: cookie.map(Into::into),
        hide_credentials,
    }
}

/// A header that a service could take for an identity is not passed on because it holds a key.
fn check_shown(fields: Fields<'_>, header: &HeaderName, mistakes: &mut Mistakes) {
    let name = header.as_str();
    if identity_headers::is_stripped(name) && !KEYS.contains(&name) {
        let place = fields.get("header").map_or(fields.place(), |node| node.place);
        let message = format!(
            "`header`: services take `{name}` for an identity, so it is not passed on to them: \
             leave out `hide_credentials: false`, or choose another header"
        );
        mistakes.add(place, message);
    }
}

/// Headers that are taken out of every request, and are known to hold keys and nothing else.
const KEYS: &[&str] = &["apikey", "x-api-key", "x-auth-key", "x-auth-token"];

/// A header that is not one of those with a meaning of their own.
fn header_name(fields: Fields<'_>, name: &str, mistakes: &mut Mistakes) -> Option<HeaderName> {
    let taken = [header::AUTHORIZATION, header::COOKIE, header::HOST, header::CONTENT_LENGTH];
    let parsed = HeaderName::try_from(name).ok().filter(|name| !taken.contains(name));
    if parsed.is_none() {
        let place = fields.get("header").map_or(fields.place(), |node| node.place);
        mistakes.add(place, format!("`header`: `{name}` cannot be the header of an API key"));
    }
    parsed
}
