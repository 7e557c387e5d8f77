//! Names of routes and services in policies: each has to be one that the policy can meet.
//!
//! For Cedar any name may be somebody's, so that a `forbid` about `Route::"ordes"` would be valid
//! and forbid nothing. Which routes ask a set, and where they lead, is known when it is read.
//! Users, clients, groups and roles come and go while the system runs: their names are not held
//! against anything.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use cedar_policy::{EntityUid, Policy};

use super::entities::TYPES;
use super::mistake::Unknown;
use super::{PolicyMistake, RouteShape, Source};

/// Holds the names in a policy against the routes that ask its set.
pub(super) fn check(
    policy: &Policy,
    source: &Source,
    asking: &[&RouteShape],
    mistakes: &mut Vec<PolicyMistake>,
) {
    let literals: BTreeSet<EntityUid> = policy.entity_literals().into_iter().collect();
    for literal in literals {
        let name = literal.id().unescaped();
        let (known, message) = if *literal.type_name() == TYPES.route {
            let known = names(asking, |route| &route.name);
            (known, format!("no route that asks these policies is called `{name}`"))
        } else if *literal.type_name() == TYPES.service {
            let known = names(asking, |route| &route.service);
            (known, format!("no route that asks these policies leads to a service `{name}`"))
        } else {
            continue;
        };
        if known.iter().any(|known| **known == *name) {
            continue;
        }
        for (offset, length) in places(&source.text, &literal) {
            let mut mistake = PolicyMistake::at(source, offset, length, message.clone());
            mistake.unknown = Some(Unknown { name: name.to_owned(), known: known.clone() });
            // Another policy of the text may have the same one.
            if !mistakes.iter().any(|other| other.is_about_the_place_of(&mistake)) {
                mistakes.push(mistake);
            }
        }
    }
}

/// Names of what there is; a route that answers itself leads to no service.
fn names(asking: &[&RouteShape], name: impl Fn(&RouteShape) -> &Arc<str>) -> Vec<Arc<str>> {
    let all: BTreeSet<&Arc<str>> = asking.iter().map(|route| name(route)).collect();
    all.into_iter().filter(|name| !name.is_empty()).cloned().collect()
}

/// Where an entity is named: `Route::"orders"`, with or without white space in it; offset and
/// length. The beginning of the text if it is written in another way, so that it is told in any
/// case.
fn places(text: &str, entity: &EntityUid) -> Vec<(usize, usize)> {
    let named = |quoted: Range<usize>| {
        let before = text.get(..quoted.start)?.trim_end().strip_suffix("::")?.trim_end();
        let start = before.strip_suffix(entity.type_name().basename())?.len();
        // Only without the white space it is read as one.
        let written = format!("{}::{}", entity.type_name(), text.get(quoted.clone())?);
        let written: EntityUid = written.parse().ok()?;
        (written == *entity).then_some((start, quoted.end - start))
    };
    let places: Vec<_> = quoted(text).into_iter().filter_map(named).collect();
    if places.is_empty() { vec![(0, 0)] } else { places }
}

/// What stands in quotes, with them; not in comments.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut begun: Option<usize> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match (begun, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(start), '"') => {
                found.push(start..at + 1);
                begun = None;
            }
            (None, '"') => begun = Some(at),
            (None, '/') if letters.peek().is_some_and(|(_, next)| *next == '/') => {
                while letters.next_if(|(_, letter)| *letter != '\n').is_some() {}
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_and_no_comment_is_one() {
        let entity: EntityUid = "Route::\"a\\\"b\"".parse().unwrap();
        let text = "// Route::\"a\\\"b\"\n\"//\" Route::\"a\\\"b\" Route ::\n \"a\\\"b\" \
                    Service::\"a\\\"b\" // \"\n Route::\"a\"";
        let found: Vec<&str> =
            places(text, &entity).into_iter().map(|(at, length)| &text[at..at + length]).collect();
        assert_eq!(found, ["Route::\"a\\\"b\"", "Route ::\n \"a\\\"b\""]);
        // Told at the beginning, and told.
        assert_eq!(places("Route::\"a\\u{22}b\"", &entity), [(0, 0)]);
    }
}
