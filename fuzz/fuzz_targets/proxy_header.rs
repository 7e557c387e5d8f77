//! A PROXY header is read whole, strictly, and never beyond its end.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| symbolon_gateway::fuzzing::proxy_header(data));
