//! The stages of a request, each a type that only the stage before it can make.
//!
//! [`Clean`] → [`Matched`] → [`Admitted`] → [`Identified`] → [`Permitted`] → [`Outbound`]: the
//! upstream side takes an [`Outbound`] and nothing else, so a forgotten step does not compile.

mod admit;
mod authenticate;
mod authorize;
mod clean;
mod identity;
pub(crate) mod login;
mod matched;
mod mint;
mod presented;
#[cfg(test)]
mod tests;

pub(crate) use admit::Admitted;
pub(crate) use authenticate::Identified;
pub(crate) use authorize::Permitted;
pub(crate) use clean::{Clean, Ingress};
pub(crate) use identity::{Identity, SessionProof};
pub(crate) use matched::Matched;
pub(crate) use mint::Outbound;
pub(crate) use presented::{Bearer, Presented, bare};
