//! The example services in Rust, Python and Node: each verifies the same tokens with a well-known
//! library of its own language.

mod behind_the_gateway;
mod service;
