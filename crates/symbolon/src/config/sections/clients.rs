//! `clients`: machines and third-party applications, and what proves who they are.

mod credentials;

use std::collections::BTreeMap;

use symbolon_core::internal_token::OWN_CLIENT;
use symbolon_core::{Client, ClientId, Role};

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::{Name, Node};

use credentials::CREDENTIAL;

pub(super) static SECTION: Section = Section {
    is: "a client",
    doc: "A machine or third-party application",
    keys: &[
        Key::optional("custom_id", "What another system calls it", Shape::Text),
        Key::default("groups", "Groups it belongs to", TEXTS, "[]"),
        Key::default("roles", "Roles it has", TEXTS, "[]"),
        Key::default("scopes", "Scopes it has", TEXTS, "[]"),
        Key::default(
            "labels",
            "Whatever else is known of it; policies can ask for it",
            Shape::Mapping { of: &Shape::Text },
            "{}",
        ),
        Key::default("enabled", "Whether its credentials are good", Shape::Truth, "true"),
        Key::default(
            "credentials",
            "What proves who it is",
            Shape::List { of: &Shape::Section(&CREDENTIAL), min: 0 },
            "[]",
        ),
    ],
};

const TEXTS: Shape = Shape::List { of: &Shape::Text, min: 0 };

/// Reads all clients.
pub(super) fn read(
    clients: &[(&Name, Fields<'_>)],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Client> {
    let mut read: Vec<Client> = Vec::new();
    for (name, fields) in clients {
        let Some(id) = client_id(name, mistakes) else {
            continue;
        };
        let roles = fields.list("roles").iter();
        let client = Client {
            id,
            custom_id: fields.optional_text("custom_id").map(Into::into),
            groups: groups(*fields, mistakes),
            roles: roles
                .filter_map(|node| fields::parse::<Role>(node, "roles", mistakes))
                .collect(),
            scopes: fields.texts("scopes"),
            labels: labels(*fields),
            enabled: fields.is_true("enabled"),
            credentials: credentials::read(*fields, &read, surroundings, mistakes),
        };
        read.push(client);
    }
    read
}

/// A group has the form of a role, so that a list of groups can stand in a header, and is one
/// however it is typed.
fn groups(fields: Fields<'_>, mistakes: &mut Mistakes) -> Vec<String> {
    let groups = fields.list("groups").iter();
    groups
        .filter_map(|node| fields::parse::<Role>(node, "groups", mistakes))
        .map(|group| group.to_string())
        .collect()
}

fn labels(fields: Fields<'_>) -> BTreeMap<String, String> {
    let text = |(name, node): &(Name, Node)| Some((name.text.clone(), node.scalar()?.to_owned()));
    fields.entries("labels").iter().filter_map(text).collect()
}

fn client_id(name: &Name, mistakes: &mut Mistakes) -> Option<ClientId> {
    match name.text.parse::<ClientId>() {
        // Services tell by it who logged in at our own pages.
        Ok(id) if id.as_str() == OWN_CLIENT => {
            let message =
                format!("the client name `{OWN_CLIENT}` belongs to the pages of this system");
            mistakes.add(name.place, message);
            None
        }
        Ok(id) if id.as_str() == name.text => Some(id),
        Ok(_) => {
            let message = format!("client name `{}` must be in lower case", name.text);
            mistakes.add(name.place, message);
            None
        }
        Err(error) => {
            let message = format!("client name `{}` is refused: {error}", name.text);
            mistakes.add(name.place, message);
            None
        }
    }
}
