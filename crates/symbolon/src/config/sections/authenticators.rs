//! `authenticators`: those that are set otherwise than by default, by the names that routes use.
//!
//! Each is a mapping with one key, its kind. A definition under the name of a kind replaces the
//! defaults of that kind.

mod api_key;
mod basic;
pub(super) mod jwt;
mod mtls;

use std::sync::Arc;

use symbolon_gateway::config::authenticators::{ApiKey, Basic, Mtls};
use symbolon_gateway::config::{Authenticator, AuthenticatorKind};

use super::services::is_name;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(super) const KEY: Key = Key::default(
    "authenticators",
    "Authenticators with settings of their own, by the names that routes use",
    Shape::Named { of: &AUTHENTICATOR, min: 0 },
    "{}",
);

static AUTHENTICATOR: Section = Section {
    is: "an authenticator",
    doc: "One authenticator: a mapping with one key, its kind",
    keys: &[
        Key::optional("api_key", api_key::SECTION.doc, Shape::Section(&api_key::SECTION)),
        Key::optional("basic", basic::SECTION.doc, Shape::Section(&basic::SECTION)),
        Key::optional("jwt", jwt::SECTION.doc, Shape::Section(&jwt::SECTION)),
        Key::optional("mtls", mtls::SECTION.doc, Shape::Section(&mtls::SECTION)),
    ],
};

/// Every authenticator that routes can name.
#[derive(Default)]
pub(crate) struct Definitions(Vec<Arc<Authenticator>>);

impl Definitions {
    /// The kinds with their defaults.
    fn kinds(context: jwt::Context<'_>) -> Vec<AuthenticatorKind> {
        vec![
            AuthenticatorKind::Session,
            AuthenticatorKind::Bearer,
            AuthenticatorKind::ApiKey(ApiKey::default()),
            AuthenticatorKind::Basic(Basic::default()),
            AuthenticatorKind::Mtls(Mtls::default()),
            AuthenticatorKind::Jwt(Box::new(jwt::default(context))),
        ]
    }

    /// What stands in for an authenticator that is unknown: never nothing.
    pub(super) fn session() -> Arc<Authenticator> {
        let kind = AuthenticatorKind::Session;
        Arc::new(Authenticator { name: kind.name().into(), kind })
    }

    /// The one of that name.
    pub(super) fn get(&self, name: &str) -> Option<Arc<Authenticator>> {
        self.0.iter().find(|one| *one.name == *name).cloned()
    }

    /// All names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|one| &*one.name)
    }
}

/// Reads the definitions, and adds the kinds that are not defined anew.
pub(super) fn read(
    root: Fields<'_>,
    context: jwt::Context<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Definitions {
    let mut all: Vec<Arc<Authenticator>> = Vec::new();
    for (name, fields) in root.named("authenticators") {
        if !is_name(&name.text) || name.text == "none" {
            let message = format!("`{}` cannot be the name of an authenticator", name.text);
            mistakes.add(name.place, message);
        }
        let Some(kind) = kind(fields, context, surroundings, mistakes) else { continue };
        let of_kind = Definitions::kinds(context).into_iter().find(|kind| kind.name() == name.text);
        if of_kind.is_some_and(|other| other.name() != kind.name()) {
            let message = format!("an authenticator named `{}` must be of that kind", name.text);
            mistakes.add(name.place, message);
        }
        all.push(Arc::new(Authenticator { name: name.text.as_str().into(), kind }));
    }
    for kind in Definitions::kinds(context) {
        if !all.iter().any(|one| *one.name == *kind.name()) {
            all.push(Arc::new(Authenticator { name: kind.name().into(), kind }));
        }
    }
    Definitions(all)
}

/// The one kind that a definition says.
fn kind(
    fields: Fields<'_>,
    context: jwt::Context<'_>,
    _surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<AuthenticatorKind> {
    let mut kinds = Vec::new();
    if let Some(section) = fields.section("api_key") {
        kinds.push(AuthenticatorKind::ApiKey(api_key::read(section, mistakes)));
    }
    if let Some(section) = fields.section("basic") {
        kinds.push(AuthenticatorKind::Basic(basic::read(section)));
    }
    if let Some(section) = fields.section("mtls") {
        kinds.push(AuthenticatorKind::Mtls(mtls::read(section)));
    }
    if let Some(section) = fields.section("jwt") {
        kinds.push(AuthenticatorKind::Jwt(Box::new(jwt::read(section, context, mistakes))));
    }
    let is_one = kinds.len() == 1;
    if !is_one {
        mistakes.add(fields.place(), "an authenticator must say exactly one kind");
    }
    kinds.pop().filter(|_| is_one)
}
