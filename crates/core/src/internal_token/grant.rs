//! Whom an internal token speaks of, and what they may.

use symbolon_verifier::Claims;

use crate::id::{ClientId, Role};
use crate::session::Session;
use crate::time::Timestamp;

/// The `client_id` of sessions opened at our own pages (RFC 9068 section 2.2 requires one).
pub const OWN_CLIENT: &str = "symbolon";

/// A principal with what was granted to them, borrowed for one minting.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// `sub`: the end user, or the client itself where no user is involved.
    pub subject: &'a str,
    /// `client_id`: the application that acts.
    pub client: &'a str,
    /// Roles.
    pub roles: &'a [Role],
    /// Groups.
    pub groups: &'a [String],
    /// Scopes.
    pub scopes: &'a [String],
    /// `acr`: the authentication context class.
    pub acr: Option<&'a str>,
    /// `amr`: the authentication methods.
    pub amr: &'a [String],
    /// `auth_time`: when the end user authenticated.
    pub auth_time: Option<Timestamp>,
    /// When what proves the principal ends; no token lives longer.
    pub ends_at: Option<Timestamp>,
    /// The session, where there is one: `sid`, data and generation.
    pub session: Option<&'a Session>,
}

impl<'a> Grant<'a> {
    /// A client acting for itself (RFC 9068 section 2.2): `sub` is `client_id`, and there is no
    /// `sid`, by which services tell it from an end user of the same name.
    pub fn for_client(
        client: &'a ClientId,
        roles: &'a [Role],
        groups: &'a [String],
        scopes: &'a [String],
    ) -> Self {
        Self {
            subject: client.as_str(),
            client: client.as_str(),
            roles,
            groups,
            scopes,
            acr: None,
            amr: &[],
            auth_time: None,
            ends_at: None,
            session: None,
        }
    }

    /// The claims that follow from the grant alone; the minter adds issuer, audience and times.
    pub(super) fn claims(&self) -> Claims {
        let session = self.session;
        Claims {
            iss: String::new(),
            sub: self.subject.to_owned(),
            aud: String::new(),
            exp: 0,
            iat: 0,
            jti: String::new(),
            client_id: Some(self.client.to_owned()),
            sid: session.map(|session| session.id.to_string()),
            acr: self.acr.map(str::to_owned),
            amr: self.amr.to_vec(),
            auth_time: self.auth_time.map(Timestamp::as_secs),
            roles: self.roles.iter().map(Role::to_string).collect(),
            groups: self.groups.to_vec(),
            scope: (!self.scopes.is_empty()).then(|| self.scopes.join(" ")),
            session: session.map_or_else(Default::default, |session| session.data.to_map()),
            generation: session.map(|session| session.generation.0),
        }
    }
}

impl<'a> From<&'a Session> for Grant<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            subject: session.subject.as_str(),
            client: session.client.as_ref().map_or(OWN_CLIENT, ClientId::as_str),
            roles: &session.authorization.roles,
            groups: &session.authorization.groups,
            scopes: &session.authorization.scopes,
            acr: Some(&session.authentication.acr),
            amr: &session.authentication.amr,
            auth_time: Some(session.authentication.at),
            // A session that is used goes on; its tokens are short enough.
            ends_at: None,
            session: Some(session),
        }
    }
}
