//! `access_log`: which requests are written down, how and where.

pub(super) mod syslog;

use std::sync::Arc;

use symbolon_gateway::config::Sampling;
use symbolon_gateway::config::access_log::{
    AccessLog, Choice, Destination, Field, Format, Template, TemplateError,
};

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::{Node, Value};

pub(super) const KEY: Key = Key::default(
    "access_log",
    "Where one line for each request goes: `stdout`, `stderr`, `off` or a path; or a section",
    Shape::Either(FORMS),
    "stdout",
);

const FORMS: &[Shape] = &[Shape::Text, Shape::Section(&SECTION)];

static SECTION: Section = Section {
    is: "`access_log`",
    doc: "Which requests are written down, how and where",
    keys: &[
        Key::optional(
            "to",
            "`stdout`, `stderr`, `off` or a path. Default: `stdout`, without `syslog`",
            Shape::Text,
        ),
        Key::optional("syslog", syslog::SECTION.doc, Shape::Section(&syslog::SECTION)),
        Key::default(
            "format",
            "`json`, or a text with fields in it: `{time} {method} {path} {status}`",
            Shape::Text,
            "json",
        ),
        Key::default(
            "sampling",
            "The share of the requests that have a line; requests of one trace share their fate",
            Shape::Text,
            "100%",
        ),
        Key::default(
            "always",
            "What has a line whatever `sampling` says: `errors` (500 and above, and what broke \
             off), `rejections` (401, 403, 429)",
            Shape::List {
                of: &Shape::Choice { of: &["errors", "rejections"], later: &[] },
                min: 0,
            },
            "[errors]",
        ),
    ],
};

/// Reads either form.
pub(super) fn read(
    root: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> AccessLog {
    let json =
        |destination| AccessLog { destination, format: Format::Json, choice: Choice::default() };
    let Some(node) = root.get("access_log") else { return json(Destination::Stdout) };
    let Value::Mapping(_) = node.value else {
        return json(destination(node, surroundings, mistakes));
    };
    let fields = Fields::new(node, &SECTION);
    AccessLog {
        destination: read_destination(fields, surroundings, mistakes),
        format: format(fields, mistakes).unwrap_or(Format::Json),
        choice: Choice {
            sampling: fields.parse::<Sampling>("sampling", mistakes),
            keeps_errors: has(fields, "errors"),
            keeps_rejections: has(fields, "rejections"),
        },
    }
}

fn has(fields: Fields<'_>, kind: &str) -> bool {
    fields.list("always").iter().any(|node| node.scalar() == Some(kind))
}

fn destination(
    node: &Node,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Destination {
    match node.scalar().unwrap_or_default() {
        "" => {
            mistakes.add(node.place, "`access_log` names no destination: `off` is none");
            Destination::Off
        }
        "off" => Destination::Off,
        "stdout" => Destination::Stdout,
        "stderr" => Destination::Stderr,
        path => Destination::File(surroundings.path(path)),
    }
}

fn read_destination(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Destination {
    let to = fields.get("to");
    let Some(syslog) = fields.section("syslog") else {
        return to.map_or(Destination::Stdout, |to| destination(to, surroundings, mistakes));
    };
    if let Some(to) = to {
        mistakes.add(to.place, "either `to` or `syslog`, not both");
    }
    let syslog = syslog::read(syslog, surroundings, mistakes);
    syslog.map_or(Destination::Off, Destination::Syslog)
}

fn format(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<Format> {
    let node = fields.get("format")?;
    let text = node.scalar()?;
    if text == "json" {
        return Some(Format::Json);
    }
    match Template::parse(text) {
        Ok(template) => Some(Format::Template(Arc::new(template))),
        Err(error) => {
            let hint = match &error {
                TemplateError::UnknownField(name) => {
                    let names = Field::ALL.map(|(name, _)| name);
                    did_you_mean(name, names)
                        .or_else(|| Some(format!("fields: {}", names.join(", "))))
                }
                TemplateError::NoField => did_you_mean(text, ["json"]),
                _ => None,
            };
            let message = format!("`format` is neither `json` nor a template: {error}");
            mistakes.push(Mistake::new(node.place, message).hint(hint));
            None
        }
    }
}
