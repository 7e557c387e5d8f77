//! `roles`, `groups` and `acr_order`: what follows from a role, a group and a context class.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use symbolon_core::Role;
use symbolon_core::policy::{ContextClasses, Hierarchy, HierarchyError};

use super::routes;
use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Name, Node};

pub(super) const ROLES: Key = Key::default(
    "roles",
    "Roles that include other roles",
    Shape::Named { of: &ROLE, min: 0 },
    "{}",
);

pub(super) const GROUPS: Key =
    Key::default("groups", "Groups that bring roles", Shape::Named { of: &GROUP, min: 0 }, "{}");

pub(super) const ACR_ORDER: Key = Key::default(
    "acr_order",
    "Authentication context classes, from the weakest to the strongest",
    Shape::List { of: &Shape::Text, min: 1 },
    "[pwd, mfa]",
);

static ROLE: Section = Section {
    is: "a role",
    doc: "A role",
    keys: &[Key::default("includes", "Roles that whoever has it has as well", NAMES, "[]")],
};

static GROUP: Section = Section {
    is: "a group",
    doc: "A group",
    keys: &[Key::default("roles", "Roles that its members have", NAMES, "[]")],
};

const NAMES: Shape = Shape::List { of: &Shape::Text, min: 0 };

/// A name with its place, so that a mistake about it can be told.
type Written<'a> = Vec<(Role, &'a Node)>;

/// Reads `roles` and `groups`.
pub(super) fn read(root: Fields<'_>, mistakes: &mut Mistakes) -> Arc<Hierarchy> {
    let roles = root.named("roles");
    let mut of_roles: BTreeMap<Role, Written<'_>> = BTreeMap::new();
    for (name, fields) in &roles {
        if let Some(role) = role(name, mistakes) {
            of_roles.insert(role, list(fields.list("includes"), "includes", mistakes));
        }
    }
    let mut of_groups: BTreeMap<String, Written<'_>> = BTreeMap::new();
    for (name, fields) in root.named("groups") {
        // A group has the form of a role, so that a list of groups can stand in a header.
        if role(name, mistakes).is_some() {
            of_groups.insert(name.text.clone(), list(fields.list("roles"), "roles", mistakes));
        }
    }
    let mut known: BTreeSet<Role> = of_roles.keys().cloned().collect();
    known.extend(routes::roles_asked_for(root));
    for (role, node) in of_roles.values().chain(of_groups.values()).flatten() {
        check_known(role, node, &known, mistakes);
    }
    let names = |written: Written<'_>| written.into_iter().map(|(role, _)| role).collect();
    let of_roles = of_roles.into_iter().map(|(role, written)| (role, names(written))).collect();
    let of_groups = of_groups.into_iter().map(|(group, written)| (group, names(written))).collect();
    match Hierarchy::new(&of_roles, &of_groups) {
        Ok(hierarchy) => Arc::new(hierarchy),
        Err(errors) => {
            for error in errors {
                let HierarchyError::Cycle { role, .. } = &error;
                let place = roles.iter().find(|(name, _)| name.text == role.as_str());
                let place = place.map_or(root.place(), |(name, _)| name.place);
                mistakes.add(place, error.to_string());
            }
            Arc::default()
        }
    }
}

/// Reads `acr_order`.
pub(super) fn read_acr_order(root: Fields<'_>, mistakes: &mut Mistakes) -> ContextClasses {
    let mut classes: Vec<Arc<str>> = Vec::new();
    for node in root.list("acr_order") {
        let text = node.scalar().unwrap_or_default();
        // They stand in a quoted string of a challenge, and in a query.
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if text.is_empty() || !text.bytes().all(is_plain) {
            mistakes.add(node.place, "`acr_order` must hold names of visible ASCII characters");
        } else if classes.iter().any(|class| **class == *text) {
            mistakes.add(node.place, format!("class `{text}` stands here twice"));
        }
        classes.push(text.into());
    }
    ContextClasses::new(classes)
}

/// A role named in a list is known if it is declared, or if some route asks for it.
fn check_known(role: &Role, node: &Node, known: &BTreeSet<Role>, mistakes: &mut Mistakes) {
    if known.contains(role) {
        return;
    }
    let message =
        format!("unknown role `{role}`: neither does `roles` declare it nor a route ask for it");
    let near = did_you_mean(role.as_str(), known.iter().map(Role::as_str));
    let hint = near.unwrap_or_else(|| format!("`{role}: {{}}` below `roles` declares it"));
    mistakes.push(Mistake::new(node.place, message).hint(Some(hint)));
}

fn list<'a>(nodes: &'a [Node], key: &str, mistakes: &mut Mistakes) -> Written<'a> {
    let parse = |node| Some((fields::parse::<Role>(node, key, mistakes)?, node));
    nodes.iter().filter_map(parse).collect()
}

/// A name as it was written: in lower case, so that it is found again.
fn role(name: &Name, mistakes: &mut Mistakes) -> Option<Role> {
    match name.text.parse::<Role>() {
        Ok(role) if role.as_str() == name.text => Some(role),
        Ok(_) => {
            mistakes.add(name.place, format!("name `{}` must be in lower case", name.text));
            None
        }
        Err(error) => {
            mistakes.add(name.place, format!("name `{}` is refused: {error}", name.text));
            None
        }
    }
}
