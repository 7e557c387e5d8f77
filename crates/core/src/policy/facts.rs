//! What is known of whoever asks, as rules and policies see it.

use std::collections::BTreeMap;

use super::hierarchy::Wanted;
use crate::id::Role;
use crate::time::Timestamp;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// Nobody has said.
    Anonymous,
    /// An end user.
    User(&'a str),
    /// An application that acts for itself.
    Client(&'a str),
}

/// What is known of a principal, borrowed for one decision.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who it is.
    pub who: Who<'a>,
    /// The application that acts: for itself, or for the user.
    pub client: Option<&'a str>,
    /// The outside issuer that vouches for it.
    pub issuer: Option<&'a str>,
    /// Roles as they were granted, without what follows from them.
    pub roles: &'a [Role],
    /// Groups.
    pub groups: &'a [String],
    /// Scopes.
    pub scopes: &'a [String],
    /// Labels of the client.
    pub labels: Option<&'a BTreeMap<String, String>>,
    /// Authentication context class.
    pub acr: Option<&'a str>,
    /// Authentication methods.
    pub amr: &'a [String],
    /// When they last proved who they are.
    pub auth_time: Option<Timestamp>,
}

impl Facts<'_> {
    /// Nothing is known.
    pub const ANONYMOUS: Facts<'static> = Facts {
        who: Who::Anonymous,
        client: None,
        issuer: None,
        roles: &[],
        groups: &[],
        scopes: &[],
        labels: None,
        acr: None,
        amr: &[],
        auth_time: None,
    };

    /// Whether nobody has said who asks.
    pub fn is_anonymous(&self) -> bool {
        self.who == Who::Anonymous
    }

    /// Whether they hold a role, be it granted, included in another or brought by a group.
    pub fn holds(&self, wanted: &Wanted) -> bool {
        wanted.is_held(self.roles, self.groups)
    }
}
