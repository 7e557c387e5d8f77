//! What authenticators go by.

mod endpoint;
pub mod forward;
pub mod introspection;
pub mod ldap;

pub use endpoint::Endpoint;
