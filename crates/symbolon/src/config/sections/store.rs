//! `store`: where accounts, keys, revocations and sessions live, and the master key over them.

use std::path::PathBuf;

use symbolon_core::seal::MasterKey;
use symbolon_store::keys::master_key;

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::settings::{MasterKeySource, StoreSettings};
use crate::config::shape::{Key, Presence, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(super) static SECTION: Section = Section {
    is: "`store`",
    doc: "Where accounts, keys, revocations and sessions live",
    keys: &[
        Key::default(
            "url",
            "`sqlite:PATH`; a relative path starts at the folder of this file",
            Shape::Text,
            "sqlite:data/symbolon.db",
        ),
        Key::optional(
            "key_file",
            "File with the master key, 64 hexadecimal digits; made on the first start. Default: \
             `symbolon.key` beside the database",
            Shape::Text,
        ),
        Key::optional(
            "key_env",
            "Environment variable with the master key, 64 hexadecimal digits",
            Shape::Text,
        ),
    ],
};

const SCHEME: &str = "sqlite:";
const KEY_FILE: &str = "symbolon.key";
const LATER_SCHEMES: [&str; 2] = ["postgres:", "postgresql:"];

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> StoreSettings {
    let database = database(fields, surroundings, mistakes);
    let default_key_file = database.with_file_name(KEY_FILE);
    let file = fields.optional_text("key_file");
    let master_key = match (file, fields.optional_text("key_env")) {
        (Some(_), Some(_)) => {
            mistakes.add(fields.place(), "say either `key_file` or `key_env`, not both");
            MasterKeySource::File(default_key_file)
        }
        (None, Some(_)) => from_variable(fields, surroundings, mistakes)
            .map_or(MasterKeySource::File(default_key_file), MasterKeySource::Key),
        (Some(file), None) => MasterKeySource::File(surroundings.path(file)),
        (None, None) => MasterKeySource::File(default_key_file),
    };
    StoreSettings { database, master_key }
}

fn database(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> PathBuf {
    let url = fields.text("url");
    let path = url
        .strip_prefix(SCHEME)
        .map(|path| path.strip_prefix("//").unwrap_or(path))
        .filter(|path| !path.is_empty() && !path.ends_with('/'))
        // What other programs read as a parameter or as memory would be a file of that name.
        .filter(|path| !path.contains('?') && !path.starts_with(':'));
    let Some(path) = path else {
        let is_later = LATER_SCHEMES.iter().any(|scheme| url.starts_with(scheme));
        let message = if is_later {
            "this store is not supported by this version yet".to_owned()
        } else {
            format!("`url` must be `{SCHEME}PATH`, the path of a file")
        };
        let place = fields.get("url").map_or(fields.place(), |node| node.place);
        mistakes.add(place, message);
        return PathBuf::new();
    };
    surroundings.path(path)
}

fn from_variable(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<MasterKey> {
    let node = fields.get("key_env")?;
    let text = surroundings.variable(node, mistakes)?;
    let key = master_key::from_text(&text);
    if let Err(error) = &key {
        let mistake = Mistake::new(node.place, error.to_string());
        mistakes.push(mistake.hint(error.hint()));
    }
    key.ok()
}

/// `sessions.store`: only the store itself for now, so that nobody's file says otherwise.
pub(super) const SAME: Key = Key {
    name: "store",
    doc: "Where sessions live: `same` as the rest",
    shape: Shape::Choice { of: &["same"], later: &[] },
    presence: Presence::Default("same"),
};
