//! The named parts of a path: what a regex of a route captures, for policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex_syntax::hir::{Hir, HirKind};

use super::PathPattern;

/// The names in the regexes of some paths, and whether every path that matches has a part of that
/// name.
pub fn of(paths: &[PathPattern]) -> BTreeMap<Arc<str>, bool> {
    let mut names: BTreeMap<Arc<str>, bool> = BTreeMap::new();
    for path in paths {
        for name in regex(path).into_iter().flat_map(|regex| regex.capture_names().flatten()) {
            names.entry(name.into()).or_insert(true);
        }
    }
    for (name, is_certain) in &mut names {
        *is_certain = paths.iter().all(|path| has_always(path, name));
    }
    names
}

/// The parts of one path, by the first of the patterns that it matches.
pub(crate) fn in_path<'a>(paths: &'a [PathPattern], path: &'a str) -> Vec<(&'a str, &'a str)> {
    let Some((regex, found)) =
        paths.iter().filter_map(regex).find_map(|regex| Some((regex, regex.captures(path)?)))
    else {
        return Vec::new();
    };
    let named = regex.capture_names().flatten();
    named.filter_map(|name| Some((name, found.name(name)?.as_str()))).collect()
}

fn regex(path: &PathPattern) -> Option<&regex::Regex> {
    match path {
        PathPattern::Regex(regex) => Some(regex),
        PathPattern::Exact(_) | PathPattern::Prefix(_) => None,
    }
}

/// Whether a match of this pattern always has the part.
fn has_always(path: &PathPattern, name: &str) -> bool {
    let parsed = regex(path).and_then(|regex| regex_syntax::parse(regex.as_str()).ok());
    parsed.is_some_and(|parsed| takes_part(&parsed, name))
}

/// Whether the group of that name takes part in every match. How deep a regex may be is bounded by
/// its parser.
fn takes_part(regex: &Hir, name: &str) -> bool {
    match regex.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Capture(group) => {
            group.name.as_deref() == Some(name) || takes_part(&group.sub, name)
        }
        HirKind::Repetition(repeated) => repeated.min > 0 && takes_part(&repeated.sub, name),
        HirKind::Concat(parts) => parts.iter().any(|part| takes_part(part, name)),
        HirKind::Alternation(branches) => branches.iter().all(|one| takes_part(one, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> Vec<PathPattern> {
        texts.iter().map(|text| PathPattern::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_part_is_certain_only_if_every_path_always_has_it() {
        for (texts, expected) in [
            (&["~ ^/orders/(?<id>[0-9]+)$"][..], &[("id", true)][..]),
            (&["~ ^/orders/(?<id>[0-9]+)(/.*)?$"], &[("id", true)]),
            (&["~ ^/orders(/(?<id>[0-9]+))?$"], &[("id", false)]),
            (&["~ ^/(orders/(?<id>[0-9]+)|carts)$"], &[("id", false)]),
            (&["~ ^/((?<id>[0-9]+)/)*$"], &[("id", false)]),
            (&["~ ^/((?<id>[0-9]+)/)+$"], &[("id", true)]),
            (&["~ ^/orders/(?<id>[0-9]+)$", "/orders"], &[("id", false)]),
            (&["~ ^/a/(?<a>x)$", "~ ^/b/(?<a>x)/(?<b>y)$"], &[("a", true), ("b", false)]),
            (&["/orders", "~ ^/v[0-9]+/"], &[]),
        ] {
            let of = of(&paths(texts));
            let of: Vec<_> = of.iter().map(|(name, is)| (&**name, *is)).collect();
            assert_eq!(of, expected, "{texts:?}");
        }
    }

    #[test]
    fn the_parts_of_a_path_are_those_of_the_pattern_that_it_matches() {
        let paths = paths(&["= /orders", "~ ^/orders/(?<id>[0-9]+)(/(?<line>.*))?$"]);
        assert_eq!(in_path(&paths, "/orders/7"), [("id", "7")]);
        assert_eq!(in_path(&paths, "/orders/7/x"), [("id", "7"), ("line", "x")]);
        assert_eq!(in_path(&paths, "/orders"), []);
    }
}
