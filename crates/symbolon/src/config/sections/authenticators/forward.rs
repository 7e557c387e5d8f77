//! `forward`: the service that is asked, and the exact lists of what goes out and comes back.

use axum::http::Method;
use axum::http::header::HeaderName;
use symbolon_gateway::config::authenticators::Forward;
use symbolon_gateway::config::authenticators::forward::{Form, PrincipalHeaders};

use super::endpoint;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{HOUR, Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::{Node, Place};

const HEADERS: Shape = Shape::List { of: &Shape::Text, min: 0 };

pub(super) static SECTION: Section = Section {
    is: "`forward`",
    doc: "An HTTP service outside says who may pass",
    keys: &[
        Key::required("url", "Whom to ask", Shape::Text),
        endpoint::TLS,
        endpoint::UNENCRYPTED,
        Key::default(
            "form",
            "`request`: the status of the answer says it. `opa`: the Data API of Open Policy Agent",
            Shape::Choice { of: &["request", "opa"], later: &[] },
            "request",
        ),
        Key::default(
            "method",
            "The method of the question, where its form is `request`",
            Shape::Choice { of: &["GET", "HEAD", "POST"], later: &[] },
            "GET",
        ),
        Key::default(
            "request_headers",
            "Headers of the request that go out; no other does",
            HEADERS,
            "[authorization, cookie]",
        ),
        Key::optional("principal", PRINCIPAL.doc, Shape::Section(&PRINCIPAL)),
        Key::default(
            "upstream_headers",
            "Headers of the answer that the service gets, and from nobody else",
            HEADERS,
            "[]",
        ),
        Key::default(
            "client_headers",
            "Headers of a refusal that the caller gets",
            HEADERS,
            "[www-authenticate, location]",
        ),
        Key::default(
            "client_body",
            "Whether the caller gets the body of a refusal as well",
            Shape::Truth,
            "false",
        ),
        Key::default(
            "cache",
            "How long a yes to the very same question is believed without asking again",
            Shape::Duration { min: 0, max: HOUR },
            "0s",
        ),
        endpoint::CACHE_ENTRIES,
        endpoint::CONNECTIONS,
        endpoint::QUEUE,
        endpoint::CONNECT_TIMEOUT,
        endpoint::TIMEOUT,
    ],
};

static PRINCIPAL: Section = Section {
    is: "`principal`",
    doc: "Which headers of the answer say who it is. Default: it says only whether",
    keys: &[
        Key::required("subject", "The end user", Shape::Text),
        Key::optional("roles", "Roles, separated by commas", Shape::Text),
        Key::optional("groups", "Groups, separated by commas", Shape::Text),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Forward> {
    let endpoint = endpoint::read(fields, surroundings, mistakes);
    let form = match fields.text("form") {
        "opa" => Form::Opa,
        _ => Form::Request(Method::try_from(fields.text("method")).unwrap_or_default()),
    };
    let principal = fields.section("principal").and_then(|section| principal(section, mistakes));
    let mut list = |key, can: fn(&HeaderName) -> bool| {
        let names = fields.list(key).iter();
        names.filter_map(|node| header(node, key, can, mistakes)).collect()
    };
    let request_headers = list("request_headers", Forward::can_list);
    let upstream_headers: Vec<HeaderName> = list("upstream_headers", Forward::can_give);
    let client_headers = list("client_headers", Forward::can_list);
    Some(Forward {
        endpoint: endpoint?,
        form,
        request_headers,
        principal,
        upstream_headers,
        client_headers,
        client_body: fields.is_true("client_body"),
        cache: fields.duration("cache"),
        cache_entries: endpoint::number(fields, "cache_entries"),
    })
}

fn principal(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<PrincipalHeaders> {
    let mut named = |key| header(fields.get(key)?, key, Forward::can_list, mistakes);
    let (roles, groups, subject) = (named("roles"), named("groups"), named("subject"));
    Some(PrincipalHeaders { subject: subject?, roles, groups })
}

fn header(
    node: &Node,
    key: &str,
    can: fn(&HeaderName) -> bool,
    mistakes: &mut Mistakes,
) -> Option<HeaderName> {
    let text = node.scalar()?;
    let name = HeaderName::try_from(text).ok();
    let listed = name.filter(can);
    if listed.is_none() {
        refuse(node.place, key, text, mistakes);
    }
    listed
}

fn refuse(place: Place, key: &str, text: &str, mistakes: &mut Mistakes) {
    let message = format!(
        "`{key}`: `{text}` cannot stand here: it belongs to the connection or to \
                           this system, or is no name of a header"
    );
    mistakes.add(place, message);
}
