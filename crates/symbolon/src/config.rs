//! The configuration file: text, tree, check, defaults, settings.
//!
//! ```text
//! text -> yaml::parse -> check against the shape -> complete with defaults -> sections::read
//! ```
//!
//! 1. All mistakes are reported at once, with line, column and the nearest known name.
//! 2. The shape is declared once, in [`sections`]; schema, check and defaults come from there.
//! 3. Nothing half-read leaves this room: a file gives [`Settings`] or a [`Report`].

mod check;
mod complete;
mod fields;
mod mistake;
mod near;
mod policy_files;
mod report;
mod schema;
mod sections;
mod settings;
mod shape;
mod show;
mod surroundings;
#[cfg(test)]
mod tests;
pub(crate) mod units;
mod yaml;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

pub(crate) use report::Report;
pub(crate) use schema::schema;
pub(crate) use settings::{AuditSettings, MasterKeySource, Settings};
pub(crate) use show::{to_json, to_yaml};
pub(crate) use surroundings::environment;
pub(crate) use units::duration;

use symbolon_core::policy::cedar::Source;

use mistake::Mistakes;
use shape::Shape;
use surroundings::Surroundings;
use yaml::{Node, Value};

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A file that was understood.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// As it was written.
    pub(crate) text: String,
    /// What was read beside it: policies.
    pub(crate) beside: Vec<Source>,
    pub(crate) settings: Settings,
    /// The file with its defaults, for `config show`.
    pub(crate) effective: Node,
}

/// The keys that are swapped while the system runs; every other one needs a restart.
const RELOADED: [&str; 12] = [
    "version",
    "trusted_proxies",
    "allow_sources",
    "deny_sources",
    "resolver",
    "services",
    "routes",
    "clients",
    "roles",
    "groups",
    "acr_order",
    "policies",
];

impl Loaded {
    /// The keys of the file that say something else than at the start and need a restart.
    pub(crate) fn keys_that_need_a_restart(&self, started: &Self) -> Vec<&'static str> {
        let said = |loaded: &Self, key| loaded.effective.get(key).map(to_json);
        let keys = sections::ROOT.keys.iter().map(|key| key.name);
        keys.filter(|key| !RELOADED.contains(key) && said(self, key) != said(started, key))
            .collect()
    }
}

/// Reads a file in the environment of this process.
pub(crate) fn load(path: &Path) -> Result<Loaded, Report> {
    let name = path.display().to_string();
    match read_text(path) {
        Ok(text) => load_text(&name, text, &Surroundings::of(path, &environment)),
        Err(error) => Err(Report::of_file(path, &error.to_string())),
    }
}

fn load_text(name: &str, text: String, surroundings: &Surroundings<'_>) -> Result<Loaded, Report> {
    let mut mistakes = Mistakes::default();
    let understood = understand(&text, surroundings, &mut mistakes);
    let beside = surroundings.take_read();
    match understood {
        Some((settings, effective)) if mistakes.is_empty() => {
            Ok(Loaded { text, beside, settings, effective })
        }
        _ => Err(Report { file: name.to_owned(), text, beside, mistakes: mistakes.into_sorted() }),
    }
}

fn understand(
    text: &str,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<(Settings, Node)> {
    let mut tree = match yaml::parse(text, mistakes) {
        Ok(tree) => tree,
        Err(mistake) => {
            mistakes.push(mistake);
            return None;
        }
    };
    if let Value::Nothing = tree.value {
        tree.value = Value::Mapping(Vec::new());
    }
    let shape = Shape::Section(&sections::ROOT);
    check::check(&tree, &shape, "the file", mistakes);
    let effective = complete::complete(tree, &shape);
    let settings = sections::read(&effective, surroundings, mistakes)?;
    Some((settings, effective))
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    let read = file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_FILE_BYTES) {
        let message = format!("it is larger than {MAX_FILE_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}
