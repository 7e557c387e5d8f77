//! `health`: active health checks of the targets.

use std::str::FromStr;

use symbolon_gateway::config::balancing::Health;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{HOUR, Key, SECOND, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) const KEY: Key = Key::optional(
    "health",
    "Active health checks; without it, targets are judged by what they do with requests",
    Shape::Section(&SECTION),
);

static SECTION: Section = Section {
    is: "`health`",
    doc: "Active health checks: `GET` on a new connection to each target",
    keys: &[
        Key::required("path", "What is asked for: a path, with a query if need be", Shape::Text),
        Key::default(
            "interval",
            "From one check to the next",
            Shape::Duration { min: 100, max: HOUR },
            "5s",
        ),
        Key::default(
            "timeout",
            "For connection and head together",
            Shape::Duration { min: 1, max: 60 * SECOND },
            "2s",
        ),
        Key::default("healthy_after", "Good checks in a row that bring a target back", ROW, "2"),
        Key::default("unhealthy_after", "Bad checks in a row that take it out", ROW, "3"),
        Key::default(
            "expect_status",
            "The status, or the statuses, that count as good",
            Shape::Either(&[STATUS, Shape::List { of: &STATUS, min: 1 }]),
            "200",
        ),
    ],
};

const ROW: Shape = Shape::Integer { min: 1, max: 100 };
const STATUS: Shape = Shape::Integer { min: 200, max: 599 };

/// A path as it stands in a request line.
struct CheckPath(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must begin with `/` and hold neither spaces nor other than printable ASCII")]
struct CheckPathError;

impl FromStr for CheckPath {
    type Err = CheckPathError;

    fn from_str(text: &str) -> Result<Self, CheckPathError> {
        let is_fine = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_fine.then(|| Self(text.to_owned())).ok_or(CheckPathError)
    }
}

/// Reads the section, where it is written.
pub(super) fn read(service: Fields<'_>, mistakes: &mut Mistakes) -> Option<Health> {
    let fields = service.section("health")?;
    let path = fields.parse::<CheckPath>("path", mistakes)?;
    let count = |key| fields.integer(key).and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
    Some(Health {
        path: path.0,
        interval: fields.duration("interval"),
        timeout: fields.duration("timeout"),
        healthy_after: count("healthy_after"),
        unhealthy_after: count("unhealthy_after"),
        expect_status: fields.get("expect_status").map(statuses).unwrap_or_default(),
    })
}

fn statuses(node: &Node) -> Vec<u16> {
    let nodes = match node.value {
        Value::List(_) => fields::items(node),
        _ => std::slice::from_ref(node),
    };
    nodes.iter().filter_map(|node| node.scalar()?.parse().ok()).collect()
}
