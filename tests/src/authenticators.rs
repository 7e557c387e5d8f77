//! Ways in: for each authenticator who gets in, who does not, and what both are told.

mod directory;
mod forward;
mod introspection;
mod ldap;
