//! The name of what decided: it stands in the log, in traces and in explanations.

use std::fmt;
use std::sync::Arc;

/// What allowed or refused a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// One of the rules that every configuration knows, such as `any_role`.
    Known(&'static str),
    /// One of the rules of this configuration: a policy (`policy:own-orders/owner`), or several
    /// rules that were all met (`any_role+acr`).
    Own(Arc<str>),
}

impl Rule {
    /// The name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Own(name) => name,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
