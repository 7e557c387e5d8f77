//! `basic`: a user name and a password (RFC 7617).

use symbolon_core::client::{Proof, StoredPassword};
use symbolon_core::secret::Secret;

use super::secret;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

/// The shortest password of a machine, in characters: nobody has to remember it.
const MIN_PASSWORD: usize = 15;

pub(super) static SECTION: Section = Section {
    is: "`basic`",
    doc: "A user name and a password",
    keys: &[
        Key::required("username", "The name, without a colon", Shape::Text),
        Key::optional("password_file", "File with the password", Shape::Text),
        Key::optional("password_env", "Environment variable with the password", Shape::Text),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Proof> {
    let username = fields.text("username");
    let password = secret(fields, ["password_file", "password_env"], surroundings, mistakes);
    if username.is_empty() || username.contains(':') || username.chars().any(char::is_control) {
        let place = fields.get("username").map_or(fields.place(), |node| node.place);
        mistakes
            .add(place, "`username` must not be empty, nor have a colon or a control character");
        return None;
    }
    let password = password?;
    // One line break at the end belongs to the file.
    let password = password.strip_suffix('\n').unwrap_or(&password);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.chars().count() < MIN_PASSWORD {
        let message = format!("the password must have at least {MIN_PASSWORD} characters");
        mistakes.add(fields.place(), message);
        return None;
    }
    Some(Proof::Basic {
        username: username.into(),
        password: StoredPassword::Plain(Secret::new(password)),
    })
}
