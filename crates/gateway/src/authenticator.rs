//! Authenticators: what each kind of credential takes to be verified.

pub(crate) mod known_cache;
