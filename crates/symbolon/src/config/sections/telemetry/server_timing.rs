//! `telemetry.server_timing`: who is told how long the stages of a request took.

use symbolon_core::Role;
use symbolon_gateway::config::ServerTiming;
use symbolon_gateway::limit::Sources;
use symbolon_gateway::trusted::Cidr;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::Value;

pub(in crate::config::sections) const KEY: Key = Key::default(
    "server_timing",
    "Whose answers say how long the stages took: `off`, `anyone`, or a section",
    Shape::Either(FORMS),
    "off",
);

const FORMS: &[Shape] =
    &[Shape::Choice { of: &["off", "anyone"], later: &[] }, Shape::Section(&SECTION)];

static SECTION: Section = Section {
    is: "`server_timing`",
    doc: "Whose answers say how long the stages took; either is enough",
    keys: &[
        Key::default("any_role", "Principals with one of these roles", TEXTS, "[]"),
        Key::default("sources", "Callers from these address ranges", TEXTS, "[]"),
    ],
};

const TEXTS: Shape = Shape::List { of: &Shape::Text, min: 0 };

/// Reads either form.
pub(in crate::config::sections) fn read(
    telemetry: Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<ServerTiming> {
    let node = telemetry.get("server_timing")?;
    let Value::Mapping(_) = node.value else {
        return (node.scalar() == Some("anyone")).then_some(ServerTiming::Anyone);
    };
    let fields = Fields::new(node, &SECTION);
    let any_role: Vec<Role> = fields
        .list("any_role")
        .iter()
        .filter_map(|node| fields::parse(node, "any_role", mistakes))
        .collect();
    let sources: Vec<Cidr> = fields
        .list("sources")
        .iter()
        .filter_map(|node| fields::parse(node, "sources", mistakes))
        .collect();
    if fields.list("any_role").is_empty() && fields.list("sources").is_empty() {
        mistakes.add(node.place, "`server_timing` must say `any_role` or `sources`");
    }
    // A list of nobody is nobody.
    let sources = if sources.is_empty() { None } else { Sources::new(&sources, &[]) };
    Some(ServerTiming::Some { any_role, sources })
}
