//! Whatever a name server sends is read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| symbolon_gateway::fuzzing::dns_answer(data));
