//! `clients`: machines and third-party applications, and what proves who they are.

use symbolon_core::internal_token::OWN_CLIENT;
use symbolon_core::{ClientId, TokenHash, TokenKind};
use symbolon_gateway::config::ApiKey;

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::settings::ClientSettings;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::{Name, Node, Value};

pub(super) static SECTION: Section = Section {
    is: "a client",
    doc: "A machine or third-party application",
    keys: &[
        Key::default(
            "groups",
            "Groups it belongs to",
            Shape::List { of: &Shape::Text, min: 0 },
            "[]",
        ),
        Key::default(
            "credentials",
            "What proves who it is",
            Shape::List { of: &Shape::Section(&CREDENTIAL), min: 0 },
            "[]",
        ),
    ],
};

static CREDENTIAL: Section = Section {
    is: "a credential",
    doc: "One credential of a client",
    keys: &[
        Key::optional("api_key", API_KEY.doc, Shape::Section(&API_KEY)),
        Key::later("basic", "User name and password"),
        Key::later("hmac", "A signature over the request"),
        Key::later("jwt", "A signed token of its own"),
        Key::later("mtls", "A client certificate"),
    ],
};

static API_KEY: Section = Section {
    is: "`api_key`",
    doc: "A key in the `apikey` header; `symbolon client new-key` makes one",
    keys: &[
        Key::optional("secret_file", "File with the key", Shape::Text),
        Key::optional("secret_env", "Environment variable with the key", Shape::Text),
    ],
};

/// Reads the API keys of all clients.
pub(super) fn read(
    clients: &[(&Name, Fields<'_>)],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = Vec::new();
    for (name, client) in clients {
        let Some(id) = client_id(name, mistakes) else {
            continue;
        };
        for credential in client.list("credentials") {
            let Some(fields) = api_key(credential, mistakes) else {
                continue;
            };
            let Some(hash) = hash(fields, surroundings, mistakes) else {
                continue;
            };
            if keys.iter().any(|key| key.hash == hash) {
                mistakes.add(fields.place(), "this key is that of another credential above");
            }
            keys.push(ApiKey { hash, client: id.clone(), groups: client.texts("groups") });
        }
    }
    keys
}

/// The clients as operators see them.
pub(super) fn list(clients: &[(&Name, Fields<'_>)]) -> Vec<ClientSettings> {
    let one = |(name, client): &(&Name, Fields<'_>)| ClientSettings {
        name: name.text.clone(),
        groups: client.texts("groups"),
        credentials: client.list("credentials").iter().flat_map(kinds).collect(),
    };
    clients.iter().map(one).collect()
}

fn kinds(credential: &Node) -> Vec<String> {
    match &credential.value {
        Value::Mapping(keys) => keys.iter().map(|(name, _)| name.text.clone()).collect(),
        _ => Vec::new(),
    }
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

fn api_key<'a>(credential: &'a Node, mistakes: &mut Mistakes) -> Option<Fields<'a>> {
    let fields = Fields::new(credential, &CREDENTIAL).section("api_key");
    if matches!(&credential.value, Value::Mapping(keys) if keys.is_empty()) {
        mistakes.add(credential.place, "a credential must say what it is, such as `api_key`");
    }
    fields
}

fn hash(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<TokenHash> {
    let (node, secret) = match (fields.get("secret_file"), fields.get("secret_env")) {
        (Some(node), None) => (node, surroundings.secret_file(node, mistakes)?),
        (None, Some(node)) => (node, surroundings.variable(node, mistakes)?),
        _ => {
            let message = "`api_key` must say either `secret_file` or `secret_env`";
            mistakes.add(fields.place(), message);
            return None;
        }
    };
    let hash = TokenHash::of_presented(TokenKind::ApiKey, secret.trim().as_bytes()).ok();
    if hash.is_none() {
        let hint = "`symbolon client new-key` makes one";
        let message = "what this names is not an API key of this system";
        mistakes.push(Mistake::new(node.place, message).hint(Some(hint.to_owned())));
    }
    hash
}
