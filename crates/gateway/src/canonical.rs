//! One canonical form of what a request is about, decided once: what is judged is what is
//! forwarded.
//!
//! Ambiguous forms are refused instead of repaired, because the upstream might repair them
//! differently (CVE-2019-9901, CVE-2021-29492, GHSA-p224-6x5r-fjpm are such differences).

mod authority;
mod path;
#[cfg(test)]
mod tests;

pub use authority::{AuthorityError, host_of};
pub(crate) use path::escape;
pub use path::{PathError, path, query_is_clean};
