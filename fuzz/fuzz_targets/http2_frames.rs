//! The frames of an HTTP/2 connection are the same however it is cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_gateway::fuzzing::http2_frames;

fuzz_target!(|input: (u8, &[u8])| {
    let step = usize::from(input.0).max(1);
    assert_eq!(http2_frames(input.1, step), http2_frames(input.1, input.1.len().max(1)));
});
