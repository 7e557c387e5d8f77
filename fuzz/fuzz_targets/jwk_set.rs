//! A key set parses or is refused, within its bounds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_verifier::KeySet;

fuzz_target!(|data: &[u8]| {
    let _ = KeySet::parse(data);
});
