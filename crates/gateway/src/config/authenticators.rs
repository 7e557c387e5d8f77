//! What authenticators go by.

mod endpoint;
pub mod ldap;

pub use endpoint::Endpoint;
