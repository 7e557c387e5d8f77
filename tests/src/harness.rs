//! What the tests are made of: the program under test, services for it to stand before, and
//! clients that can say everything.
//!
//! 1. No fixed ports: everybody binds port 0 and tells what it got.
//! 2. No sleeping until something has probably happened: tests wait for lines, bytes and counters,
//!    each with a deadline.
//! 3. Nothing is shared with the code under test but the verifier, which is a product of its own.

pub(crate) mod certificates;
pub(crate) mod html;
pub(crate) mod http;
pub(crate) mod http2;
pub(crate) mod lines;
pub(crate) mod patience;
pub(crate) mod program;
pub(crate) mod python;
pub(crate) mod random;
pub(crate) mod replacement;
pub(crate) mod reserved;
pub(crate) mod settings;
pub(crate) mod socket;
pub(crate) mod stage;
pub(crate) mod surroundings;
pub(crate) mod symbolon;
pub(crate) mod upstream;
pub(crate) mod visitor;
