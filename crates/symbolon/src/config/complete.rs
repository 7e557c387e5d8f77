//! A checked file with its defaults written in, so that readers and `config show` see the same.

use super::mistake::Mistakes;
use super::shape::{Key, Presence, Section, Shape};
use super::yaml::{self, Name, Node, Place, Value};

/// The tree with every default of `shape` in its place; keys in the order of their declaration.
pub(crate) fn complete(node: Node, shape: &Shape) -> Node {
    let place = node.place;
    let value = match (shape, node.value) {
        (Shape::Section(section), Value::Mapping(entries)) => {
            Value::Mapping(complete_section(place, section, entries))
        }
        (Shape::Named { of, .. }, Value::Mapping(entries)) => {
            let shape = Shape::Section(of);
            let complete = |(name, node)| (name, complete(node, &shape));
            Value::Mapping(entries.into_iter().map(complete).collect())
        }
        (Shape::Mapping { of }, Value::Mapping(entries)) => {
            let complete = |(name, node)| (name, complete(node, of));
            Value::Mapping(entries.into_iter().map(complete).collect())
        }
        (Shape::List { of, .. }, Value::List(items)) => {
            Value::List(items.into_iter().map(|item| complete(item, of)).collect())
        }
        (Shape::Either(shapes), value) => {
            let node = Node { value, place };
            return match shapes.iter().find(|shape| shape.has_keys(&node)) {
                Some(shape) => complete(node, shape),
                None => node,
            };
        }
        (_, value) => value,
    };
    Node { value, place }
}

impl Shape {
    /// Whether there can be defaults inside the node under this shape.
    fn has_keys(&self, node: &Node) -> bool {
        match self {
            Self::Section(_) | Self::Mapping { .. } => matches!(node.value, Value::Mapping(_)),
            Self::List { .. } => matches!(node.value, Value::List(_)),
            _ => false,
        }
    }
}

fn complete_section(
    place: Place,
    section: &Section,
    mut entries: Vec<(Name, Node)>,
) -> Vec<(Name, Node)> {
    let mut take = |key: &Key| {
        let at = entries.iter().position(|(name, node)| {
            name.text == key.name && !matches!(node.value, Value::Nothing)
        })?;
        Some(entries.swap_remove(at))
    };
    let mut completed = Vec::new();
    for key in section.keys {
        let written = take(key).or_else(|| {
            let name = Name { text: key.name.to_owned(), place };
            Some((name, default(key, place)?))
        });
        if let Some((name, node)) = written {
            completed.push((name, complete(node, &key.shape)));
        }
    }
    completed
}

fn default(key: &Key, place: Place) -> Option<Node> {
    let value = match key.presence {
        Presence::Required | Presence::Optional | Presence::Rule => return None,
        Presence::Section => Value::Mapping(Vec::new()),
        // A test parses every declared default, so that none is lost here.
        Presence::Default(text) => yaml::parse(text, &mut Mistakes::default()).ok()?.value,
    };
    Some(moved(Node { value, place }, place))
}

/// A default has no place of its own: mistakes about it point to the section it belongs to.
fn moved(node: Node, place: Place) -> Node {
    let value = match node.value {
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| moved(item, place)).collect())
        }
        Value::Mapping(entries) => Value::Mapping(
            entries
                .into_iter()
                .map(|(name, node)| (Name { place, ..name }, moved(node, place)))
                .collect(),
        ),
        value => value,
    };
    Node { value, place }
}
