//! What a route does besides leading to a service.

use std::fmt::Display;

use symbolon_gateway::action::{Actions, Answer, HostHeader, PathChange, Redirect, Respond};
use symbolon_gateway::config::Route;

use super::{compress, cors, header_changes};
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::Node;

pub(super) const STRIP_PREFIX: Key = Key::optional(
    "strip_prefix",
    "First segments of the path that the service is not sent",
    Shape::Text,
);

pub(super) const REWRITE: Key =
    Key::optional("rewrite", "Another path for the service", Shape::Section(&REWRITE_SECTION));

pub(super) const HOST: Key = Key::default(
    "host",
    "`preserve` sends the service the `Host` of the request, `rewrite` that of the target",
    Shape::Choice { of: &["preserve", "rewrite"], later: &[] },
    "preserve",
);

pub(super) const REDIRECT: Key = Key::optional(
    "redirect",
    "Sends the caller elsewhere; such a route has no service",
    Shape::Section(&REDIRECT_SECTION),
);

pub(super) const RESPOND: Key = Key::optional(
    "respond",
    "A fixed answer; such a route has no service",
    Shape::Section(&RESPOND_SECTION),
);

static REWRITE_SECTION: Section = Section {
    is: "`rewrite`",
    doc: "Another path for the service",
    keys: &[Key::required(
        "path",
        "The path; `$1` and `${name}` are what a regex path has captured, `${path}` is the whole \
         path of the request",
        Shape::Text,
    )],
};

static REDIRECT_SECTION: Section = Section {
    is: "`redirect`",
    doc: "Where a caller is sent",
    keys: &[
        Key::required(
            "to",
            "A path, or `https://HOST` with a path; placeholders as in `rewrite`",
            Shape::Text,
        ),
        Key::default(
            "status",
            "307 and 308 keep the method, 301 and 308 are kept by browsers",
            Shape::Choice { of: &["301", "302", "303", "307", "308"], later: &[] },
            "302",
        ),
    ],
};

static RESPOND_SECTION: Section = Section {
    is: "`respond`",
    doc: "A fixed answer",
    keys: &[
        Key::default("status", "Its status", Shape::Integer { min: 200, max: 599 }, "200"),
        Key::default("body", "Its body", Shape::Text, "\"\""),
        Key::default(
            "content_type",
            "The media type of its body",
            Shape::Text,
            "text/plain; charset=utf-8",
        ),
    ],
};

pub(super) fn read(fields: Fields<'_>, route: &Route, mistakes: &mut Mistakes) -> Actions {
    check_one_of(fields, ["strip_prefix", "rewrite"], mistakes);
    check_one_of(fields, ["redirect", "respond"], mistakes);
    Actions {
        path: path_change(fields, route, mistakes).map(Box::new),
        host: match fields.text("host") {
            "rewrite" => HostHeader::Rewrite,
            _ => HostHeader::Preserve,
        },
        answer: answer(fields, route, mistakes).map(Box::new),
        request_headers: header_changes::request(fields, mistakes),
        response_headers: header_changes::response(fields, mistakes).map(Box::new),
        cors: cors::read(fields, route, mistakes).map(Box::new),
        compress: compress::read(fields, mistakes).map(Box::new),
    }
}

/// A route without a service must answer itself.
pub(super) fn check_no_service(fields: Fields<'_>, mistakes: &mut Mistakes) {
    let answers = fields.get("redirect").is_some() || fields.get("respond").is_some();
    if !answers {
        let hint = "the service it leads to; only `redirect` and `respond` do without";
        let mistake = Mistake::new(fields.place(), "a route must say `service`");
        mistakes.push(mistake.hint(Some(hint.to_owned())));
        return;
    }
    for key in ["strip_prefix", "rewrite", "request_headers"] {
        if let Some(node) = fields.get(key) {
            mistakes.add(node.place, format!("`{key}` has no meaning without a service"));
        }
    }
    if let (Some(node), "rewrite") = (fields.get("host"), fields.text("host")) {
        mistakes.add(node.place, "`host: rewrite` has no meaning without a service");
    }
}

/// A route with a service must not answer itself.
pub(super) fn check_service_beside(fields: Fields<'_>, service: &Node, mistakes: &mut Mistakes) {
    for key in ["redirect", "respond"] {
        if fields.get(key).is_some() {
            mistakes.add(service.place, format!("a route with `{key}` has no `service`"));
        }
    }
}

fn check_one_of(fields: Fields<'_>, keys: [&'static str; 2], mistakes: &mut Mistakes) {
    let [one, other] = keys;
    if let (Some(_), Some(node)) = (fields.get(one), fields.get(other)) {
        mistakes.add(node.place, format!("either `{one}` or `{other}`, not both"));
    }
}

fn path_change(fields: Fields<'_>, route: &Route, mistakes: &mut Mistakes) -> Option<PathChange> {
    if let Some(node) = fields.get("strip_prefix") {
        let prefix = fields.text("strip_prefix");
        let change = PathChange::strip(prefix, &route.paths);
        return told(change, node, "strip_prefix", prefix, mistakes);
    }
    let rewrite = fields.section("rewrite")?;
    let (node, path) = (rewrite.get("path")?, rewrite.text("path"));
    told(PathChange::rewrite(path, &route.paths), node, "path", path, mistakes)
}

fn answer(fields: Fields<'_>, route: &Route, mistakes: &mut Mistakes) -> Option<Answer> {
    let status = |fields: Fields<'_>| {
        fields.integer("status").and_then(|status| u16::try_from(status).ok()).unwrap_or_default()
    };
    if let Some(redirect) = fields.section("redirect") {
        let (node, to) = (redirect.get("to")?, redirect.text("to"));
        let answer = Redirect::new(to, status(redirect), &route.paths);
        return told(answer, node, "to", to, mistakes).map(Answer::Redirect);
    }
    let respond = fields.section("respond")?;
    let (status, content_type, body) =
        (status(respond), respond.text("content_type"), respond.text("body"));
    let node = fields.get("respond")?;
    let answer = Respond::new(status, content_type, body);
    let what = format!("{status}, {content_type}");
    told(answer, node, "respond", &what, mistakes).map(Answer::Respond)
}

fn told<T, E: Display>(
    read: Result<T, E>,
    node: &Node,
    key: &str,
    text: &str,
    mistakes: &mut Mistakes,
) -> Option<T> {
    read.map_err(|error| {
        mistakes.add(node.place, format!("`{key}`: `{text}` is refused: {error}"));
    })
    .ok()
}
