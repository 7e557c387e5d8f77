//! Authenticators: what each kind of credential takes to be verified.

pub(crate) mod forward;
pub(crate) mod http_client;
pub(crate) mod introspection;
pub(crate) mod known_cache;
pub(crate) mod ldap;
pub(crate) mod outside;
mod turns;
