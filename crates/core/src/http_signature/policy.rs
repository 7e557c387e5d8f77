//! What a signature has to be like to be enough.

use std::time::Duration;

use super::algorithm::Algorithm;
use super::component::Component;
use super::form::Form;

/// How far a date may be from now unless set otherwise. Kong and APISIX have 300 s; the shorter it
/// is, the shorter a signature that somebody else has got hold of is worth anything.
pub const DEFAULT_CLOCK_SKEW: Duration = Duration::from_mins(1);

/// The most that it can be set to: used signatures are remembered for that long.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_mins(15);

/// What is asked of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The forms that are read.
    pub forms: Vec<Form>,
    /// What has to be signed, besides a date.
    pub required: Vec<Component>,
    /// How far the date may be from now, in either direction.
    pub clock_skew: Duration,
    /// Which algorithms are taken; a key's own list is shorter as a rule.
    pub algorithms: Vec<Algorithm>,
    /// The tag that a signature has to have; only RFC 9421 has one.
    pub tag: Option<String>,
}

impl Default for Policy {
    /// All forms and algorithms; method, path and query are signed.
    fn default() -> Self {
        Self {
            forms: Form::ALL.to_vec(),
            required: Component::METHOD_PATH_AND_QUERY.to_vec(),
            clock_skew: DEFAULT_CLOCK_SKEW,
            algorithms: Algorithm::ALL.to_vec(),
            tag: None,
        }
    }
}

impl Policy {
    pub(super) fn takes(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }
}
