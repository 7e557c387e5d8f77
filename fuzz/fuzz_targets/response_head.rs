//! The head of an answer parses or is refused, however it arrives.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| symbolon_gateway::fuzzing::response_head(data));
