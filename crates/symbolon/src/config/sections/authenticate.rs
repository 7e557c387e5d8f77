//! `authenticate`: who may pass a route. It must be written; silence is refused.

mod reach;

use std::sync::Arc;

use symbolon_gateway::config::{Authenticate, Authenticator, AuthenticatorKind, Chain};

use super::authenticators::Definitions;
use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) const KEY: Key = Key::required(
    "authenticate",
    "`none`, a list of authenticators of which any will do, or `{ any: […], optional: true }`, \
     `{ all: […] }`, where an element may be `{ any: […] }` or `{ all: […] }` again",
    Shape::Either(FORMS),
);

const FORMS: &[Shape] =
    &[Shape::Choice { of: &["none"], later: &[] }, list(&OUTER), Shape::Section(&SECTION)];

const ANY: &str = "Authenticators of which any will do";
const ALL: &str = "Authenticators that are all needed";

/// Three levels are enough for anything that can still be understood.
static OUTER: Shape = Shape::Either(&[Shape::Text, Shape::Section(&NESTED)]);
static INNER: Shape = Shape::Either(&[Shape::Text, Shape::Section(&INNERMOST)]);

static SECTION: Section = Section {
    is: "`authenticate`",
    doc: "Who may pass",
    keys: &[
        Key::optional("any", ANY, list(&OUTER)),
        Key::optional("all", ALL, list(&OUTER)),
        Key::default(
            "optional",
            "Whether a request without any credential passes as anonymous",
            Shape::Truth,
            "false",
        ),
    ],
};

static NESTED: Section = Section {
    is: "a group of authenticators",
    doc: "Authenticators of which any will do, or that are all needed",
    keys: &[Key::optional("any", ANY, list(&INNER)), Key::optional("all", ALL, list(&INNER))],
};

static INNERMOST: Section = Section {
    is: "a group of authenticators",
    doc: "Authenticators of which any will do, or that are all needed",
    keys: &[
        Key::optional("any", ANY, list(&Shape::Text)),
        Key::optional("all", ALL, list(&Shape::Text)),
    ],
};

const fn list(of: &'static Shape) -> Shape {
    Shape::List { of, min: 1 }
}

/// Where certificates of clients can come from.
#[derive(Clone, Copy)]
pub(super) struct Certificates {
    /// Some listener asks for them.
    pub(super) are_asked_for: bool,
    /// Some proxy may hand them on.
    pub(super) are_handed_on: bool,
}

/// Reads any of the forms. What cannot be read asks for a session: never for nothing.
pub(super) fn read(
    node: &Node,
    definitions: &Definitions,
    certificates: Certificates,
    mistakes: &mut Mistakes,
) -> Authenticate {
    let mut reader = Reader { definitions, certificates, mistakes, seen: Vec::new() };
    let (chain, optional) = match &node.value {
        Value::Scalar { text, .. } if text == "none" => return Authenticate::None,
        Value::Mapping(_) => {
            let optional = Fields::new(node, &SECTION).is_true("optional");
            (reader.group(node, &SECTION), optional)
        }
        _ => (Chain::Any(reader.elements(fields::items(node), &NESTED)), false),
    };
    reach::check(node, &chain, mistakes);
    if optional && let Some(one) = reach::decides(&chain) {
        let message = format!("`optional` does nothing: `{}` decides on every request", one.name);
        mistakes.add(node.place, message);
    }
    Authenticate::Chain { chain, optional }
}

struct Reader<'a> {
    definitions: &'a Definitions,
    certificates: Certificates,
    mistakes: &'a mut Mistakes,
    seen: Vec<Arc<str>>,
}

impl Reader<'_> {
    /// `{ any: […] }` or `{ all: […] }`.
    fn group(&mut self, node: &Node, section: &'static Section) -> Chain {
        let fields = Fields::new(node, section);
        match (fields.get("any"), fields.get("all")) {
            (Some(any), None) => Chain::Any(self.elements(fields::items(any), below(section))),
            (None, Some(all)) => Chain::All(self.elements(fields::items(all), below(section))),
            _ => {
                let message = format!("{} must say either `any` or `all`", section.is);
                self.mistakes.add(node.place, message);
                Chain::One(Definitions::session())
            }
        }
    }

    fn elements(&mut self, nodes: &[Node], section: &'static Section) -> Vec<Chain> {
        nodes.iter().map(|node| self.element(node, section)).collect()
    }

    fn element(&mut self, node: &Node, section: &'static Section) -> Chain {
        match node.scalar() {
            Some(name) => Chain::One(self.named(name, node)),
            None => self.group(node, section),
        }
    }

    fn named(&mut self, name: &str, node: &Node) -> Arc<Authenticator> {
        if self.seen.iter().any(|seen| **seen == *name) {
            self.mistakes.add(node.place, format!("authenticator `{name}` stands here twice"));
        }
        self.seen.push(name.into());
        if let Some(authenticator) = self.definitions.get(name) {
            if let Some(why) = self.certificates.never_come(&authenticator.kind) {
                self.mistakes
                    .add(node.place, format!("`{name}` is never shown a certificate: {why}"));
            }
            return authenticator;
        }
        let hint = did_you_mean(name, self.definitions.names()).or_else(|| {
            Some("authenticators of your own are defined under `authenticators`".to_owned())
        });
        let message = format!("unknown authenticator `{name}`");
        self.mistakes.push(Mistake::new(node.place, message).hint(hint));
        Definitions::session()
    }
}

impl Certificates {
    /// Why an authenticator would never see any; `None` where it would, or looks for none.
    fn never_come(self, kind: &AuthenticatorKind) -> Option<&'static str> {
        match kind {
            AuthenticatorKind::Mtls(mtls) if mtls.from_proxies => (!self.are_handed_on)
                .then_some("there are no `trusted_proxies` that could hand one on"),
            AuthenticatorKind::Mtls(_) => {
                (!self.are_asked_for).then_some("no listener has `tls.client_certificates`")
            }
            _ => None,
        }
    }
}

/// What a group within this one may say.
fn below(section: &'static Section) -> &'static Section {
    if std::ptr::eq(section, &raw const SECTION) { &NESTED } else { &INNERMOST }
}
