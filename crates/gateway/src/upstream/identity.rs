//! The headers that tell a service of another gateway's who calls.
//!
//! Each is set from what was proved or not sent at all; that a client sends none of them is seen
//! to where requests come in.

use symbolon_core::internal_token::subject_of_client;
use symbolon_core::{ClientId, Role};

use super::request_head::Sink;
use crate::config::{Fact, IdentityHeaders};
use crate::stage::Identity;

/// Writes those that the service is set to.
pub(super) fn write(out: &mut impl Sink, headers: &IdentityHeaders, identity: &Identity) {
    match headers {
        IdentityHeaders::None => {}
        IdentityHeaders::Kong => write_kong(out, identity),
        IdentityHeaders::Apisix => {
            for (name, fact) in [
                ("x-consumer-username", Fact::Principal),
                ("x-consumer-custom-id", Fact::CustomId),
                ("x-credential-identifier", Fact::Credential),
            ] {
                say(out, name.as_bytes(), &value(&fact, identity));
            }
        }
        IdentityHeaders::Custom(headers) => {
            for (name, fact) in &**headers {
                say(out, name.as_str().as_bytes(), &value(fact, identity));
            }
        }
    }
}

fn write_kong(out: &mut impl Sink, identity: &Identity) {
    if matches!(identity, Identity::Anonymous) {
        return say(out, b"x-anonymous-consumer", "true");
    }
    for (name, fact) in [
        ("x-consumer-id", Fact::Principal),
        ("x-consumer-username", Fact::Principal),
        ("x-consumer-custom-id", Fact::CustomId),
        ("x-consumer-groups", Fact::Groups),
        ("x-authenticated-scope", Fact::Scope),
    ] {
        say(out, name.as_bytes(), &value(&fact, identity));
    }
    // What was shown, where that is no secret: a user name, the id of a key.
    let shown = identity.known().and_then(|known| known.shown.as_deref());
    let credential = shown.map_or_else(|| value(&Fact::Credential, identity), str::to_owned);
    say(out, b"x-credential-identifier", &credential);
    if let (Some(subject), Some(_)) = (identity.subject(), identity.client()) {
        say(out, b"x-authenticated-userid", subject);
    }
}

/// An empty one is none. Names that others gave are not sent where they could end a line.
fn say(out: &mut impl Sink, name: &[u8], value: &str) {
    let is_clean = !value.chars().any(char::is_control);
    if !value.is_empty() && is_clean && value.trim() == value {
        out.pass(name, value.as_bytes());
    }
}

fn value(fact: &Fact, identity: &Identity) -> String {
    let known = identity.known();
    let session = identity.session();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    match fact {
        Fact::Principal => text(identity.principal()),
        Fact::Subject => match (identity.subject(), identity.client()) {
            (None, Some(client)) => subject_of_client(client.as_str()),
            (subject, _) => text(subject),
        },
        Fact::Client => text(identity.client().map(ClientId::as_str)),
        Fact::CustomId => text(known.and_then(|known| known.custom_id.as_deref())),
        Fact::Credential => text(known.and_then(|known| known.credential.as_deref())),
        Fact::Issuer => text(identity.issuer()),
        Fact::Session => session.map(|live| live.session.id.to_string()).unwrap_or_default(),
        Fact::Acr => match session {
            Some(live) => live.session.authentication.acr.to_string(),
            None => text(known.and_then(|known| known.acr.as_deref())),
        },
        Fact::Amr => match session {
            Some(live) => live.session.authentication.amr.join(" "),
            None => known.map(|known| known.amr.join(" ")).unwrap_or_default(),
        },
        Fact::Roles => identity.roles().iter().map(Role::as_str).collect::<Vec<_>>().join(", "),
        Fact::Groups => identity.groups().join(", "),
        Fact::Scope => identity.scopes().join(" "),
        Fact::Label(name) => {
            text(known.and_then(|known| known.labels.get(&**name)).map(String::as_str))
        }
        Fact::Claim(name) => {
            text(known.and_then(|known| known.claims.get(&**name)).map(String::as_str))
        }
    }
}
