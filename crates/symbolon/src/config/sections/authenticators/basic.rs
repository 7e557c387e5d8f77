//! `basic`: whose name and password are taken.

use symbolon_gateway::config::authenticators::Basic;

use crate::config::fields::Fields;
use crate::config::shape::{Key, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`basic`",
    doc: "A user name and a password with every request (RFC 7617)",
    keys: &[Key::default(
        "accounts",
        "Whether the names and passwords of accounts are taken, beside those of clients",
        Shape::Truth,
        "true",
    )],
};

pub(super) fn read(fields: Fields<'_>) -> Basic {
    Basic { accounts: fields.is_true("accounts") }
}
