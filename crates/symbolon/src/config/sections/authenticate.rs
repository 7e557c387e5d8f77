//! `authenticate`: who may pass a route. It must be written; silence is refused.

use symbolon_gateway::config::{Authenticate, Authenticator};

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) const KEY: Key = Key::required(
    "authenticate",
    "`none`, a list of authenticators of which any will do, or \
     `{ any: […], optional: true }`",
    Shape::Either(FORMS),
);

const FORMS: &[Shape] =
    &[Shape::Choice { of: &["none"], later: &[] }, AUTHENTICATORS, Shape::Section(&SECTION)];

static SECTION: Section = Section {
    is: "`authenticate`",
    doc: "Who may pass",
    keys: &[
        Key::required("any", "Authenticators of which any will do", AUTHENTICATORS),
        Key::default(
            "optional",
            "Whether a request without any credential passes as anonymous",
            Shape::Truth,
            "false",
        ),
        Key::later("all", "Authenticators that are all needed"),
    ],
};

const AUTHENTICATORS: Shape = Shape::List {
    of: &Shape::Choice {
        of: &["session", "bearer", "api_key"],
        later: &["jwt", "basic", "hmac", "mtls", "ldap", "introspection"],
    },
    min: 1,
};

/// Reads any of the three forms. What cannot be read asks for a session: never for nothing.
pub(super) fn read(node: &Node, mistakes: &mut Mistakes) -> Authenticate {
    match &node.value {
        Value::Scalar { text, .. } if text == "none" => Authenticate::None,
        Value::Mapping(_) => {
            let fields = Fields::new(node, &SECTION);
            Authenticate::Any {
                chain: chain(fields.list("any"), mistakes),
                optional: fields.is_true("optional"),
            }
        }
        _ => Authenticate::Any { chain: chain(fields::items(node), mistakes), optional: false },
    }
}

fn chain(items: &[Node], mistakes: &mut Mistakes) -> Vec<Authenticator> {
    let mut chain = Vec::new();
    for node in items {
        let authenticator = match node.scalar() {
            Some("bearer") => Authenticator::Bearer,
            Some("api_key") => Authenticator::ApiKey,
            _ => Authenticator::Session,
        };
        if chain.contains(&authenticator) {
            let text = node.scalar().unwrap_or_default();
            mistakes.add(node.place, format!("authenticator `{text}` stands here twice"));
        }
        chain.push(authenticator);
    }
    chain
}
