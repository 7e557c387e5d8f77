//! `headers` and `query` of a route: what a request must have besides host, path and method.

use symbolon_gateway::pattern::{Conditions, ValueTest};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Name, Node, Value};

pub(super) const HEADERS: Key = Key::default(
    "headers",
    "Headers that a request must have: `name: value`, `name: { present: true }` or \
     `name: { regex: … }`",
    CONDITIONS,
    "{}",
);

pub(super) const QUERY: Key = Key::default(
    "query",
    "Parameters that the query must have, in the same forms as `headers`",
    CONDITIONS,
    "{}",
);

const CONDITIONS: Shape =
    Shape::Mapping { of: &Shape::Either(&[Shape::Text, Shape::Section(&CONDITION)]) };

static CONDITION: Section = Section {
    is: "a condition",
    doc: "What a value must be",
    keys: &[
        Key::optional("present", "`true`: any value will do", Shape::Truth),
        Key::optional("regex", "A regular expression for the whole value", Shape::Text),
    ],
};

pub(super) fn read(route: Fields<'_>, mistakes: &mut Mistakes) -> Conditions {
    let mut conditions = Conditions::default();
    for (name, node) in route.entries("headers") {
        let Some(test) = test(name, node, mistakes) else { continue };
        if let Err(error) = conditions.on_header(&name.text, test) {
            mistakes.add(name.place, format!("`headers`: `{}` is refused: {error}", name.text));
        }
    }
    for (name, node) in route.entries("query") {
        if let Some(test) = test(name, node, mistakes) {
            conditions.on_query(&name.text, test);
        }
    }
    conditions
}

fn test(name: &Name, node: &Node, mistakes: &mut Mistakes) -> Option<ValueTest> {
    if let Value::Scalar { text, .. } = &node.value {
        return Some(ValueTest::Exact(text.as_str().into()));
    }
    let fields = Fields::new(node, &CONDITION);
    match (fields.is_true("present"), fields.optional_text("regex")) {
        (true, None) => Some(ValueTest::Present),
        (false, Some(regex)) if fields.get("present").is_none() => {
            let test = ValueTest::matching(regex);
            test.map_err(|error| mistakes.add(node.place, format!("`{}`: {error}", name.text))).ok()
        }
        _ => {
            let message = format!(
                "`{}` must be a value, `{{ present: true }}` or `{{ regex: … }}`",
                name.text
            );
            mistakes.add(node.place, message);
            None
        }
    }
}
