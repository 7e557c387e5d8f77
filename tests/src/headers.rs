//! What a client sends to pass for somebody, and what of it a service ever sees: nothing.

mod cookies;
mod forwarded;
pub(crate) mod identity;
mod identity_headers;
mod nominated;
mod trailers;
