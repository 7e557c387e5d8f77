//! `authenticators`: those that are set otherwise than by default, by the names that routes use.
//!
//! Each is a mapping with one key, its kind. A definition under the name of a kind replaces the
//! defaults of that kind.

mod api_key;
mod basic;
mod endpoint;
mod forward;
pub(super) mod hmac;
mod introspection;
pub(super) mod jwt;
mod ldap;
mod mtls;

use std::sync::Arc;

use symbolon_core::internal_token::CLIENT_PREFIX;
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
        Key::optional("hmac", hmac::SECTION.doc, Shape::Section(&hmac::SECTION)),
        Key::optional("basic", basic::SECTION.doc, Shape::Section(&basic::SECTION)),
        Key::optional("jwt", jwt::SECTION.doc, Shape::Section(&jwt::SECTION)),
        Key::optional("mtls", mtls::SECTION.doc, Shape::Section(&mtls::SECTION)),
        Key::optional("ldap", ldap::SECTION.doc, Shape::Section(&ldap::SECTION)),
        Key::optional(
            "introspection",
            introspection::SECTION.doc,
            Shape::Section(&introspection::SECTION),
        ),
        Key::optional("forward", forward::SECTION.doc, Shape::Section(&forward::SECTION)),
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
            AuthenticatorKind::Hmac(Box::default()),
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
        if !is_name(&name.text) || ["none", CLIENT_PREFIX].contains(&&*name.text) {
            let message = format!("`{}` cannot be the name of an authenticator", name.text);
            mistakes.add(name.place, message);
        }
        // What is wrong with it has been told; that it is there keeps routes from telling more.
        let kind =
            kind(fields, context, surroundings, mistakes).unwrap_or(AuthenticatorKind::Session);
        let is_kind = KINDS.contains(&&*name.text)
            || Definitions::kinds(context).iter().any(|kind| kind.name() == name.text);
        if is_kind && kind != AuthenticatorKind::Session && kind.name() != name.text {
            let message = format!("an authenticator named `{}` must be of that kind", name.text);
            mistakes.add(name.place, message);
        }
        // Both would call their people the same: `partner:alice`.
        let vouches = matches!(
            kind,
            AuthenticatorKind::Ldap(_)
                | AuthenticatorKind::Introspection(_)
                | AuthenticatorKind::Forward(_)
        );
        if vouches && root.named("issuers").iter().any(|(issuer, _)| issuer.text == name.text) {
            let message = format!("an issuer is named `{}` already", name.text);
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
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<AuthenticatorKind> {
    let written = KINDS.iter().filter(|kind| fields.get(kind).is_some()).count();
    if written != 1 {
        mistakes.add(fields.place(), "an authenticator must say exactly one kind");
        return None;
    }
    if let Some(section) = fields.section("ldap") {
        let settings = ldap::read(section, surroundings, mistakes)?;
        return Some(AuthenticatorKind::Ldap(Box::new(settings)));
    }
    if let Some(section) = fields.section("introspection") {
        let settings = introspection::read(section, surroundings, mistakes)?;
        return Some(AuthenticatorKind::Introspection(Box::new(settings)));
    }
    if let Some(section) = fields.section("forward") {
        let settings = forward::read(section, surroundings, mistakes)?;
        return Some(AuthenticatorKind::Forward(Box::new(settings)));
    }
    if let Some(section) = fields.section("hmac") {
        return Some(AuthenticatorKind::Hmac(Box::new(hmac::read(section, mistakes))));
    }
    if let Some(section) = fields.section("basic") {
        return Some(AuthenticatorKind::Basic(basic::read(section)));
    }
    if let Some(section) = fields.section("mtls") {
        return Some(AuthenticatorKind::Mtls(mtls::read(section)));
    }
    if let Some(section) = fields.section("jwt") {
        return Some(AuthenticatorKind::Jwt(Box::new(jwt::read(section, context, mistakes))));
    }
    let section = fields.section("api_key")?;
    Some(AuthenticatorKind::ApiKey(api_key::read(section, mistakes)))
}

/// The kinds that can be defined.
const KINDS: [&str; 8] =
    ["api_key", "hmac", "basic", "jwt", "mtls", "ldap", "introspection", "forward"];

/// A secret that one of two keys names: a file, or an environment variable.
fn secret(
    fields: Fields<'_>,
    [file, variable]: [&'static str; 2],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<zeroize::Zeroizing<String>> {
    let secret = match (fields.get(file), fields.get(variable)) {
        (Some(node), None) => surroundings.secret_file(node, mistakes)?,
        (None, Some(node)) => surroundings.variable(node, mistakes)?,
        _ => {
            mistakes
                .add(fields.place(), format!("one of `{file}` and `{variable}` must be written"));
            return None;
        }
    };
    if secret.trim().is_empty() {
        mistakes.add(
            fields.place(),
            format!("the secret that `{file}` or `{variable}` names is empty"),
        );
        return None;
    }
    Some(secret)
}
