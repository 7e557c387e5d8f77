//! `jwt`: tokens that clients sign themselves, that outside issuers sign, and that this system made
//! for a client's credential.

use std::sync::Arc;

use http::header::HeaderName;
use symbolon_core::jwt::Expected;

use super::Places;
use crate::config::issuers::Issuer;

/// Where tokens are looked for, and whose are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwt {
    /// Whether in `Authorization: Bearer`.
    pub authorization: bool,
    /// In this header, with or without `Bearer`.
    pub header: Option<HeaderName>,
    /// In this parameter of the query. It ends up in logs and histories of others.
    pub query: Option<Arc<str>>,
    /// In this cookie.
    pub cookie: Option<Arc<str>>,
    /// Whether the service does not see it.
    pub hide_credentials: bool,
    /// Outside issuers; none where none is believed.
    pub issuers: Vec<Arc<Issuer>>,
    /// How tokens are judged that clients sign with keys of their own; `None` where none are taken.
    pub client_keys: Option<ClientKeys>,
    /// Whether tokens are taken that this system made for a client's credential.
    pub client_tokens: bool,
    /// What is taken over from tokens of outside issuers.
    pub claims: ClaimPaths,
}

/// How tokens are judged that clients sign themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKeys {
    /// Where a token names its key. The first that names a known one counts.
    pub named_by: Vec<KeyName>,
    /// What a token has to say.
    pub expected: Expected,
}

/// Where a token names its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// In this claim.
    Claim(Arc<str>),
    /// In the header's `kid`.
    KeyId,
}

/// Where claims stand in the tokens of outside issuers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPaths {
    /// The end user's name.
    pub subject: Arc<str>,
    /// Roles, where they are believed.
    pub roles: Option<Arc<str>>,
    /// Groups, where they are believed.
    pub groups: Option<Arc<str>>,
    /// Scopes, where they are believed.
    pub scopes: Option<Arc<str>>,
}

impl Jwt {
    /// Where it is looked for, besides `Authorization`.
    pub fn places(&self) -> Places {
        Places {
            headers: self.header.iter().cloned().collect(),
            query: self.query.iter().cloned().collect(),
            cookies: self.cookie.iter().cloned().collect(),
        }
    }

    /// What the service does not see of it.
    pub(super) fn hidden_places(&self) -> Places {
        if self.hide_credentials { self.places() } else { Places::default() }
    }
}
