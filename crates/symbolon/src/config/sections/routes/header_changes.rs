//! `request_headers` and `response_headers`: what a route sets, adds and removes.

use symbolon_gateway::action::HeaderChanges;
use symbolon_gateway::action::header_changes::{Direction, HeaderChangeError};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::Place;

pub(super) const REQUEST: Key = Key::optional(
    "request_headers",
    "Changes to the headers that the service is sent",
    Shape::Section(&SECTION),
);

pub(super) const RESPONSE: Key = Key::optional(
    "response_headers",
    "Changes to the headers that the caller is sent",
    Shape::Section(&SECTION),
);

static SECTION: Section = Section {
    is: "a change of headers",
    doc: "Changes to headers",
    keys: &[
        Key::default("set", "These, in the place of all of that name", VALUES, "{}"),
        Key::default("add", "These, besides those of that name", VALUES, "{}"),
        Key::default("remove", "None of these", Shape::List { of: &Shape::Text, min: 0 }, "[]"),
    ],
};

const VALUES: Shape = Shape::Mapping { of: &Shape::Text };

pub(super) fn request(route: Fields<'_>, mistakes: &mut Mistakes) -> Option<HeaderChanges> {
    read(route.section("request_headers")?, Direction::Request, mistakes)
}

pub(super) fn response(route: Fields<'_>, mistakes: &mut Mistakes) -> Option<HeaderChanges> {
    read(route.section("response_headers")?, Direction::Response, mistakes)
}

fn read(
    fields: Fields<'_>,
    direction: Direction,
    mistakes: &mut Mistakes,
) -> Option<HeaderChanges> {
    let mut changes = HeaderChanges::default();
    let mut tell = |outcome: Result<(), HeaderChangeError>, name: &str, place: Place| {
        if let Err(error) = outcome {
            mistakes.add(place, format!("header `{name}` is refused: {error}"));
        }
    };
    for node in fields.list("remove") {
        let name = node.scalar().unwrap_or_default();
        tell(changes.remove(name, direction), name, node.place);
    }
    for (name, node) in fields.entries("set") {
        let value = node.scalar().unwrap_or_default();
        tell(changes.set(&name.text, value, direction), &name.text, name.place);
    }
    for (name, node) in fields.entries("add") {
        let value = node.scalar().unwrap_or_default();
        tell(changes.add(&name.text, value, direction), &name.text, name.place);
    }
    (!changes.is_empty()).then_some(changes)
}
