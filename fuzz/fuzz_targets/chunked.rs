//! A chunked body is the same however it is cut.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let whole = symbolon_gateway::fuzzing::chunked(input.1, usize::MAX);
    let cut = symbolon_gateway::fuzzing::chunked(input.1, usize::from(input.0).max(1));
    assert_eq!(whole, cut);
});
