//! The parser of DNS answers, for the fuzz target.

use super::dns::fuzz_answer;

/// Reads an answer of each type.
pub(crate) fn dns_answer(data: &[u8]) {
    fuzz_answer(data);
}
