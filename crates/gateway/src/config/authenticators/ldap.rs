//! `ldap`: a directory that is asked whether a name and a password belong together.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use symbolon_core::Role;
use zeroize::Zeroizing;

use crate::tls::TargetTls;

pub use crate::authenticator::ldap::template::{Template, TemplateError, check_dn, check_filter};

/// A directory, and how people are found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ldap {
    /// Host name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Under which schemes of `Authorization` name and password come; never empty.
    pub schemes: Vec<Scheme>,
    /// What protects the passwords on their way.
    pub security: Security,
    /// How the entry of somebody is found.
    pub find: Find,
    /// The attribute that names the principal.
    pub subject: String,
    /// What groups somebody is in, where that is asked.
    pub groups: Option<Groups>,
    /// The roles that groups bring, by the group's name in lower case.
    pub roles: BTreeMap<String, Vec<Role>>,
    /// How long a right password is believed without asking again.
    pub cache: Duration,
    /// How long a wrong one is refused without asking again.
    pub negative_cache: Duration,
    /// The most right, and the most wrong, passwords that are known.
    pub cache_entries: usize,
    /// The most questions under way; each needs at most two connections.
    pub connections: usize,
    /// The most questions that wait for their turn.
    pub queue: usize,
    /// The longest that connecting takes, TLS included.
    pub connect_timeout: Duration,
    /// The longest that a question takes altogether.
    pub timeout: Duration,
}

/// A scheme of `Authorization`; name and password are written the same way in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Basic` (RFC 7617).
    Basic,
    /// `LDAP`, as clients of Kong's `ldap-auth` send it.
    Ldap,
}

/// What protects the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (`ldaps://`).
    Tls(TargetTls),
    /// TLS from the first operation on (RFC 4511 section 4.14).
    StartTls(TargetTls),
    /// Nothing.
    None,
}

/// How the entry of somebody is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Find {
    /// Its name can be written down.
    Direct {
        /// The entry's name, with `{username}`.
        dn: Template,
    },
    /// It is looked for.
    Search {
        /// Where.
        base: String,
        /// What for, with `{username}`.
        filter: Template,
        /// Who looks; nobody in particular where the directory lets everybody.
        service_account: Option<ServiceAccount>,
    },
}

/// An account of our own in the directory.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its entry.
    pub dn: String,
    /// Its password.
    pub password: Zeroizing<String>,
}

/// What groups somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Where groups stand; others do not count.
    pub base: String,
    /// How they are found.
    pub find: FindGroups,
    /// The attribute that is a group's name.
    pub name: String,
}

/// How groups are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindGroups {
    /// An attribute of the person's entry names them.
    MemberOf(String),
    /// They are looked for, with `{dn}` and `{username}`.
    Filter(Template),
}

/// The password is not printed.
impl std::fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceAccount").field("dn", &self.dn).finish_non_exhaustive()
    }
}

impl Security {
    /// Whether there is a name, for a certificate of `host`, by which a handshake can be begun: the
    /// client that is used knows none for IPv6 addresses.
    pub fn can_name(&self, host: &str) -> bool {
        match self {
            Self::Tls(tls) | Self::StartTls(tls) => {
                let Some(ServerName::IpAddress(address)) = tls.name_of(host) else { return true };
                !IpAddr::from(address).is_ipv6()
            }
            Self::None => true,
        }
    }
}

impl Scheme {
    /// As it stands in the header.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Ldap => "LDAP",
        }
    }
}
