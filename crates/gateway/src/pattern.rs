//! What a route matches on: hosts, paths and methods, parsed once at load.

mod host;
mod method;
mod path;

pub use host::{HostError, HostPattern};
pub use method::{MethodError, MethodSet};
pub use path::{PathError, PathPattern};
