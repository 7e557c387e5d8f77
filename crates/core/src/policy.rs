//! Whether somebody who is known may do something: requirements, roles and policies.
//!
//! 1. A [`Requirements`] is a list of rules that all have to be met. Each has a name, and every
//!    decision says by which rule it was made ([`Rule`]).
//! 2. What a rule looks at is a [`Facts`], made anew for each request; nothing here is kept.
//! 3. Roles may include other roles, and groups bring roles with them ([`Hierarchy`]).
//! 4. Policies are Cedar's ([`cedar`]): denied by default, and denied on any error.
//!
//! What it deliberately does not know: HTTP, and where policies are read from.

pub mod cedar;
mod context_class;
mod facts;
mod hierarchy;
mod requirements;
mod rule;

pub use context_class::{ContextClasses, UnknownClass};
pub use facts::{Facts, Who};
pub use hierarchy::{Hierarchy, HierarchyError, Wanted};
pub use requirements::{Considered, MAX_AGE_LEEWAY, Refusal, Requirements};
pub use rule::Rule;
