//! Whom an internal token speaks of, and what they may.

use symbolon_verifier::Claims;

use crate::id::{ClientId, Role};
use crate::session::Session;
use crate::time::Timestamp;

/// The `client_id` of sessions opened at our own pages (RFC 9068 section 2.2 requires one).
pub const OWN_CLIENT: &str = "symbolon";

/// What stands before a client's name where it is the subject (RFC 9068 section 5): no end user's
/// name has a colon, and nobody outside is called by this prefix, so neither can be taken for one.
pub const CLIENT_PREFIX: &str = "client";

/// The subject of a client that acts for itself.
pub fn subject_of_client(client: &str) -> String {
    format!("{CLIENT_PREFIX}:{client}")
}

/// A principal with what was granted to them, borrowed for one minting.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// `sub`: the end user; without one it is the client itself, as `client:NAME`.
    pub subject: Option<&'a str>,
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
    /// A client acting for itself (RFC 9068 section 2.2).
    pub fn for_client(
        client: &'a ClientId,
        roles: &'a [Role],
        groups: &'a [String],
        scopes: &'a [String],
    ) -> Self {
        Self {
            subject: None,
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
            sub: self.subject.map_or_else(|| subject_of_client(self.client), str::to_owned),
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
            subject: Some(session.subject.as_str()),
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
