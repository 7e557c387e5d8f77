//! The sections of the file, one room each: what may be written there, and what it means.
//!
//! A section declares its shape in a `SECTION` and reads it in a `read`. Readers report what the
//! shape cannot say and go on, so that one run finds all mistakes.

mod access_log;
mod audit;
mod auth;
mod authenticate;
mod authenticators;
mod clients;
#[cfg(test)]
mod growth;
mod internal_token;
mod limits;
mod listeners;
mod policies;
mod public_url;
mod resolver;
mod roles;
mod root;
mod routes;
mod services;
mod sessions;
mod sources;
mod store;
mod telemetry;
#[cfg(test)]
mod tests;

pub(crate) use root::{ROOT, read};
