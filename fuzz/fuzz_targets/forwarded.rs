//! What a trusted proxy says of the caller is read or ignored, never trusted beyond it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| symbolon_gateway::fuzzing::forwarded(data));
