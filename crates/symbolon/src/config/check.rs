//! Holds a file against the declared shape and reports everything that does not fit.
//!
//! After this, readers may take shape, words, numbers, durations and sizes for granted: what was
//! wrong has been reported, and nothing that was read from such a file is ever used.

use std::time::Duration;

use super::mistake::{Mistake, Mistakes};
use super::near::did_you_mean;
use super::shape::{Key, Presence, Section, Shape};
use super::units;
use super::yaml::{Name, Node, Place, Value};

/// Reports all differences between `node` and `shape`; `what` names the value in messages.
pub(crate) fn check(node: &Node, shape: &Shape, what: &str, mistakes: &mut Mistakes) {
    match (shape, &node.value) {
        (Shape::Section(section), Value::Mapping(entries)) => {
            check_section(node.place, section, entries, mistakes);
        }
        (Shape::Named { of, min }, Value::Mapping(entries)) => {
            for (name, node) in entries {
                check(node, &Shape::Section(of), &name.text, mistakes);
            }
            check_count(node.place, what, entries.len(), *min, mistakes);
        }
        (Shape::Mapping { of }, Value::Mapping(entries)) => {
            for (name, node) in entries {
                check(node, of, &name.text, mistakes);
            }
        }
        (Shape::List { of, min }, Value::List(items)) => {
            for item in items {
                check(item, of, what, mistakes);
            }
            check_count(node.place, what, items.len(), *min, mistakes);
        }
        (Shape::Either(shapes), _) => match shapes.iter().find(|shape| shape.fits(node)) {
            Some(shape) => check(node, shape, what, mistakes),
            None => wrong_kind(node, shapes.iter(), what, mistakes),
        },
        (_, Value::Scalar { text, .. }) if shape.fits(node) => {
            check_scalar(node, shape, text, what, mistakes);
        }
        _ => wrong_kind(node, [shape], what, mistakes),
    }
}

impl Shape {
    /// Whether the node is of the kind that this shape asks for, whatever its content.
    fn fits(&self, node: &Node) -> bool {
        match self {
            Self::List { .. } => matches!(node.value, Value::List(_)),
            Self::Section(_) | Self::Named { .. } | Self::Mapping { .. } => {
                matches!(node.value, Value::Mapping(_))
            }
            Self::Text => node.kind() == "text",
            Self::Truth => node.kind() == "true or false",
            Self::Integer { .. } => node.kind() == "a number",
            Self::Either(shapes) => shapes.iter().any(|shape| shape.fits(node)),
            Self::Duration { .. } | Self::Size { .. } | Self::Choice { .. } => {
                matches!(node.value, Value::Scalar { .. })
            }
        }
    }
}

fn check_section(
    place: Place,
    section: &Section,
    entries: &[(Name, Node)],
    mistakes: &mut Mistakes,
) {
    for (name, node) in entries {
        let Some(key) = section.key(&name.text) else {
            let known = section.keys.iter().map(|key| key.name);
            let hint = did_you_mean(&name.text, known).or_else(|| Some(known_keys(section)));
            let message = format!("unknown key `{}`", name.text);
            mistakes.push(Mistake::new(name.place, message).hint(hint));
            continue;
        };
        match (&key.shape, &node.value, key.presence) {
            (_, Value::Nothing, Presence::Required | Presence::Rule) => {
                mistakes.add(name.place, format!("`{}` has no value", key.name));
            }
            (_, Value::Nothing, _) => {}
            (shape, ..) => check(node, shape, key.name, mistakes),
        }
    }
    let is_missing = |key: &&Key| {
        matches!(key.presence, Presence::Required)
            && !entries.iter().any(|(name, _)| name.text == key.name)
    };
    for key in section.keys.iter().filter(is_missing) {
        let message = format!("{} must say `{}`", section.is, key.name);
        mistakes.push(Mistake::new(place, message).hint(Some(key.doc.to_owned())));
    }
}

fn check_scalar(node: &Node, shape: &Shape, text: &str, what: &str, mistakes: &mut Mistakes) {
    let (fits, range) = match shape {
        Shape::Duration { min, max } => {
            let range = [*min, *max].map(units::write_milliseconds);
            let bounds = Duration::from_millis(*min)..=Duration::from_millis(*max);
            let fits = units::duration(text).map(|value| bounds.contains(&value));
            (fits, range)
        }
        Shape::Size { min, max } => {
            let range = [*min, *max].map(units::write_size);
            (units::size(text).map(|value| (*min..=*max).contains(&value)), range)
        }
        Shape::Integer { min, max } => {
            let range = [*min, *max].map(|value| value.to_string());
            let value = text.parse::<u64>().ok();
            (value.map(|value| (*min..=*max).contains(&value)), range)
        }
        Shape::Choice { of, later } => return check_choice(node, text, of, later, what, mistakes),
        _ => return,
    };
    let [min, max] = range;
    let message = match fits {
        Some(true) => return,
        Some(false) if min == max => format!("`{what}` must be {min}, not `{text}`"),
        Some(false) => format!("`{what}` must be from {min} to {max}, not `{text}`"),
        None => format!("`{what}` must be {}, not `{text}`", shape.kind()),
    };
    mistakes.add(node.place, message);
}

fn check_choice(
    node: &Node,
    text: &str,
    of: &[&str],
    later: &[&str],
    what: &str,
    mistakes: &mut Mistakes,
) {
    if of.contains(&text) {
        return;
    }
    if later.contains(&text) {
        let what = format!("{what}: {text}");
        return mistakes.push(not_yet(node.place, &what));
    }
    let known = of.iter().chain(later).copied();
    let message = format!("`{what}` must be one of {}, not `{text}`", quoted_list(of));
    mistakes.push(Mistake::new(node.place, message).hint(did_you_mean(text, known)));
}

fn check_count(place: Place, what: &str, count: usize, min: usize, mistakes: &mut Mistakes) {
    if count < min {
        mistakes.add(place, format!("`{what}` must not be empty"));
    }
}

fn wrong_kind<'a>(
    node: &Node,
    shapes: impl IntoIterator<Item = &'a Shape>,
    what: &str,
    mistakes: &mut Mistakes,
) {
    let mut kinds: Vec<&str> = shapes.into_iter().map(Shape::kind).collect();
    kinds.dedup();
    let message = format!("`{what}` must be {}, not {}", kinds.join(" or "), node.kind());
    let scalar_for_text = kinds.contains(&"text") && node.scalar().is_some();
    let hint = scalar_for_text.then(|| "put it in quotes".to_owned());
    mistakes.push(Mistake::new(node.place, message).hint(hint));
}

fn not_yet(place: Place, what: &str) -> Mistake {
    let message = format!("`{what}` is not supported by this version yet");
    let hint = "it is refused because a setting that is not enforced would be a hole";
    Mistake::new(place, message).hint(Some(hint.to_owned()))
}

fn known_keys(section: &Section) -> String {
    let names: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
    format!("known keys here: {}", quoted_list(&names))
}

fn quoted_list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
