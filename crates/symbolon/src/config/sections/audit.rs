//! `audit`: how long the audit log is kept, and where it is told as well.

use symbolon_gateway::config::access_log::Destination;

use super::access_log::syslog;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::settings::AuditSettings;
use crate::config::shape::{DAY, Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::units;

pub(super) static SECTION: Section = Section {
    is: "`audit`",
    doc: "The audit log: how long it is kept, and where it is told as well",
    keys: &[
        Key::optional(
            "keep",
            "How long records are kept. Default: for ever",
            Shape::Duration { min: DAY, max: 36_500 * DAY },
        ),
        Key::optional(
            "file",
            "A file to which each record is appended as a line of JSON; it may be rotated away",
            Shape::Text,
        ),
        Key::optional(
            "syslog",
            "A log service that is told each record as a line of JSON",
            Shape::Section(&syslog::SECTION),
        ),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> AuditSettings {
    let mut exports = Vec::new();
    if let Some(node) = fields.get("file") {
        match node.scalar().unwrap_or_default() {
            "" => mistakes.add(node.place, "`file` must be a path"),
            path => {
                let path = surroundings.path(path);
                exports.push((format!("file:{}", path.display()), Destination::File(path)));
            }
        }
    }
    if let Some(section) = fields.section("syslog")
        && let Some(syslog) = syslog::read(section, surroundings, mistakes)
    {
        let name = format!("syslog:{}", section.text("address"));
        exports.push((name, Destination::Syslog(syslog)));
    }
    let keep = fields.optional_text("keep").and_then(units::duration);
    AuditSettings { keep, exports }
}
