//! What the tests and benchmarks need on the machine. Each installer first looks whether the thing
//! is there, so a second run costs nothing.

pub(crate) mod cargo_tool;
pub(crate) mod debian;
pub(crate) mod node;
pub(crate) mod python;
