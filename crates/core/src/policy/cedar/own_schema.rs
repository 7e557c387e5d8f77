//! A schema of the operator's own: it may narrow what requests are, and add nothing to it.
//!
//! What it knows and requests never have (another type, a group of actions that no route makes)
//! would be valid in a policy and never apply, and a `forbid` like that forbids nothing. So its
//! types and actions are held against those that requests are made of, and its policies against
//! the built-in schema as well.

use cedar_policy::{EntityTypeName, EntityUid, Schema};

use super::entities::TYPES;
use super::schema::{GROUP, METHODS};
use super::{PolicyMistake, Source};

/// What is told of policies that are valid here and not for the built-in schema.
pub(super) const HINT: &str =
    "requests are made as the built-in schema says; an own one may narrow that, and add nothing";

/// Reads it.
///
/// # Errors
/// Where it is no schema, or knows what requests never have.
pub(super) fn read(source: &Source) -> Result<Schema, Vec<PolicyMistake>> {
    let schema = match Schema::from_cedarschema_str(&source.text) {
        Ok((schema, _)) => schema,
        Err(error) => return Err(vec![PolicyMistake::of(source, &error)]),
    };
    let mut told: Vec<(&str, String)> = Vec::new();
    for of in schema.entity_types().filter(|of| !TYPES.is_made(of)) {
        told.push((of.basename(), format!("no request has an entity of the type `{of}`")));
    }
    for of in schema.principals().filter(|of| !TYPES.is_principal(of)) {
        told.push((of.basename(), format!("`{of}` is never a principal")));
    }
    for of in schema.resources().filter(|of| **of != TYPES.route) {
        told.push((of.basename(), format!("`{of}` is never a resource")));
    }
    let actions: Vec<&EntityUid> = schema.actions().collect();
    for action in &actions {
        if !is_method(action) && !is_group(action) {
            told.push((action.id().unescaped(), format!("no request has the action `{action}`")));
        }
    }
    // Else the groups would hold other actions here than in requests.
    if told.is_empty() && !are_groups_right(&schema, &actions) {
        let message = "every method must be in the group of every route, and in no other";
        told.push(("action", message.to_owned()));
    }
    if told.is_empty() {
        return Ok(schema);
    }
    let mut mistakes: Vec<PolicyMistake> = Vec::new();
    for mistake in told.into_iter().map(|(name, message)| at(source, name, message)) {
        // A type that does not exist stands for its principals as well.
        if !mistakes.iter().any(|other| other.is_about_the_place_of(&mistake)) {
            mistakes.push(mistake);
        }
    }
    Err(mistakes)
}

/// Whether a name is one of the methods there are.
fn is_method(action: &EntityUid) -> bool {
    *action.type_name() == TYPES.action && METHODS.contains(&action.id().unescaped())
}

/// Whether it may be the group of some route. Of which, the built-in schema knows.
fn is_group(action: &EntityUid) -> bool {
    *action.type_name() == TYPES.action && action.id().unescaped().starts_with(GROUP)
}

/// Whether exactly the methods are below exactly the groups.
fn are_groups_right(schema: &Schema, actions: &[&EntityUid]) -> bool {
    let Ok(entities) = schema.action_entities() else { return false };
    actions.iter().all(|above| {
        let mut others = actions.iter().filter(|below| *below != above);
        others.all(|below| {
            entities.is_ancestor_of(above, below) == (is_group(above) && is_method(below))
        })
    })
}

/// Where a name stands first as a word of its own.
fn at(source: &Source, name: &str, message: String) -> PolicyMistake {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = source.text.as_bytes();
    let is_word = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !is_part(before) && !is_part(bytes.get(at.saturating_add(name.len())))
    };
    let found = source.text.match_indices(name).map(|(at, _)| at).find(|at| is_word(*at));
    let mut mistake = PolicyMistake::at(source, found.unwrap_or(0), name.len(), message);
    mistake.hint = Some(HINT.to_owned());
    mistake
}

/// The types of principals that it knows for an action.
pub(super) fn principals(schema: &Schema, action: &EntityUid) -> Vec<EntityTypeName> {
    schema.principals_for_action(action).into_iter().flatten().cloned().collect()
}
