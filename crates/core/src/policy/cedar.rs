//! Policies in Cedar: named sets, read and validated as one, asked by the routes that name them.
//!
//! 1. **Strict.** Every policy is validated against a schema when it is read: a name that does not
//!    exist, a route or service that no route asking it has, a type that does not fit, a policy that
//!    could never apply are mistakes with file, line and column, all told at once
//!    ([`PolicyMistake`]).
//! 2. **Denied by default.** What no policy permits is denied; one `forbid` outweighs all permits.
//! 3. **An error denies.** Cedar skips a policy that fails while it is evaluated, so that a
//!    `forbid` that fails would forbid nothing. Here any such error denies the request.
//! 4. **Nothing else is scanned.** A route has the policies of its own set, and of these, for each
//!    method, those whose scope can apply to it ([`RoutePolicy`]).
//!
//! What it deliberately does not know: files. Whoever reads them brings their texts along.

mod decide;
mod entities;
mod literals;
mod load;
mod mistake;
mod own_schema;
mod schema;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use decide::{Asked, Deny, RoutePolicy};
pub use load::Policies;
pub use mistake::{PolicyMistake, Unknown};

/// A text with policies or a schema, and what it is called in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: Arc<str>,
    /// What is in it.
    pub text: Arc<str>,
}

/// What the policies of a configuration are made from.
#[derive(Clone, Debug, Default)]
pub struct PolicySources {
    /// Named sets, each of one text or several.
    pub sets: Vec<(Arc<str>, Vec<Source>)>,
    /// A schema that narrows the built-in one.
    pub schema: Option<Source>,
    /// Request headers that policies may see, in lower case.
    pub headers: Vec<Arc<str>>,
}

/// A route that asks a set of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteShape {
    /// The set.
    pub set: Arc<str>,
    /// The route's name.
    pub name: Arc<str>,
    /// The service it leads to; empty where it answers itself.
    pub service: Arc<str>,
    /// Its methods.
    pub methods: Vec<&'static str>,
    /// Named parts of its path.
    pub params: Vec<Param>,
}

/// A named part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Arc<str>,
    /// Whether every path of the route has it.
    pub is_certain: bool,
}
