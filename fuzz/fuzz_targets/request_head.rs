//! The head of a request parses or is refused, however it arrives.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| symbolon_gateway::fuzzing::request_head(data));
