//! What a route matches on: hosts, paths, methods and conditions, parsed once at load.

mod condition;
mod host;
mod method;
pub mod params;
mod path;

pub use condition::{ConditionError, Conditions, ValueTest};
pub(crate) use condition::{Field, Look};
pub use host::{HostError, HostPattern};
pub use method::{MethodError, MethodSet};
pub(crate) use path::literal_start;
pub use path::{PathError, PathPattern};
