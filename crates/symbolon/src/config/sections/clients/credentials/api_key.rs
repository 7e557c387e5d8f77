//! `api_key`: a key, kept as its hash.

use symbolon_core::client::Proof;
use symbolon_core::{TokenHash, TokenKind};

use super::secret;
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(super) static SECTION: Section = Section {
    is: "`api_key`",
    doc: "A key; `symbolon client new-key` makes one",
    keys: &[
        Key::optional("secret_file", "File with the key", Shape::Text),
        Key::optional("secret_env", "Environment variable with the key", Shape::Text),
        Key::default(
            "foreign",
            "Whether it is a key of another system: 16 to 512 visible characters",
            Shape::Truth,
            "false",
        ),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Proof> {
    let key = secret(fields, ["secret_file", "secret_env"], surroundings, mistakes)?;
    let key = key.trim().as_bytes();
    let is_foreign = fields.is_true("foreign");
    let hash = if is_foreign {
        TokenHash::of_foreign(key).ok()
    } else {
        TokenHash::of_presented(TokenKind::ApiKey, key).ok()
    };
    if hash.is_none() {
        let (message, hint) = if is_foreign {
            ("a key of another system must have 16 to 512 visible characters", None)
        } else {
            (
                "what this names is not an API key of this system",
                Some("`symbolon client new-key` makes one; `foreign: true` takes any other"),
            )
        };
        let node = fields.get("secret_file").or(fields.get("secret_env"));
        let place = node.map_or(fields.place(), |node| node.place);
        mistakes.push(Mistake::new(place, message).hint(hint.map(str::to_owned)));
    }
    hash.map(|hash| Proof::ApiKey { hash })
}
