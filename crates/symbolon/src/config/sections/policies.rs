//! `policies`: where policies stand, and which headers they may look at.

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::HeaderName;
use axum::http::header::HOST;
use symbolon_core::policy::cedar::{Policies, PolicyMistake, RouteShape};
use symbolon_gateway::identity_headers::{is_stripped, is_taken_out};

use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::policy_files;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::Place;

/// The most headers that policies may look at: each is told to them with every request.
const MAX_HEADERS: usize = 16;

pub(super) static SECTION: Section = Section {
    is: "`policies`",
    doc: "Cedar policies that routes name in `authorize.policy`",
    keys: &[
        Key::required(
            "dir",
            "Folder with `NAME.cedar`, or folders `NAME` of several, and maybe one `.cedarschema`",
            Shape::Text,
        ),
        Key::default(
            "headers",
            "Request headers that policies may look at, at most 16",
            Shape::List { of: &Shape::Text, min: 0 },
            "[]",
        ),
    ],
};

/// The folder, where there is one.
pub(super) fn dir(root: Fields<'_>, surroundings: &Surroundings<'_>) -> Option<PathBuf> {
    let dir = root.section("policies")?.optional_text("dir")?;
    Some(surroundings.path(dir))
}

/// Reads all policies as these routes ask them.
pub(super) fn read(
    root: Fields<'_>,
    routes: &[RouteShape],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Policies> {
    let Some(fields) = root.section("policies") else {
        return Some(Policies::default());
    };
    let node = fields.get("dir")?;
    let mut sources = match policy_files::read(&surroundings.path(node.scalar()?)) {
        Ok(sources) => sources,
        Err(error) => {
            mistakes.add(node.place, error.to_string());
            return None;
        }
    };
    sources.headers = headers(fields, mistakes);
    surroundings.has_read(&sources);
    match Policies::load(&sources, routes) {
        Ok(policies) => Some(policies),
        Err(errors) => {
            for error in errors {
                mistakes.push(mistake(error));
            }
            None
        }
    }
}

fn mistake(error: PolicyMistake) -> Mistake {
    let PolicyMistake { source, line, column, length, message, hint, unknown } = error;
    let hint = hint.or_else(|| {
        let unknown = unknown?;
        did_you_mean(&unknown.name, unknown.known.iter().map(|name| &**name))
    });
    Mistake::new(Place { line, column, length }, message).hint(hint).in_file(source)
}

fn headers(fields: Fields<'_>, mistakes: &mut Mistakes) -> Vec<Arc<str>> {
    let mut headers: Vec<Arc<str>> = Vec::new();
    for node in fields.list("headers") {
        let Some(header) = fields::parse::<HeaderName>(node, "headers", mistakes) else { continue };
        let name: Arc<str> = header.as_str().into();
        if headers.contains(&name) {
            mistakes.add(node.place, format!("header `{name}` stands here twice"));
        } else if is_never_seen(&name) {
            let message = format!(
                "`headers`: `{name}` carries a credential, or says who somebody is, which anybody \
                 can write"
            );
            mistakes.add(node.place, message);
        } else if is_taken_out(&header) {
            // A `forbid` that looks at it would never forbid.
            let message = format!(
                "`headers`: `{name}` is refused: it is taken out of requests, or written anew, \
                 before policies are asked"
            );
            let hint = (header == HOST).then(|| "`context.host` says it".to_owned());
            mistakes.push(Mistake::new(node.place, message).hint(hint));
        }
        headers.push(name);
    }
    if let Some(beyond) = fields.list("headers").get(MAX_HEADERS) {
        mistakes.add(beyond.place, format!("`headers` must be at most {MAX_HEADERS}"));
    }
    headers
}

/// What may carry a credential, and what is taken out of requests because some service might
/// believe it.
fn is_never_seen(name: &str) -> bool {
    name == "cookie" || is_stripped(name)
}
