//! A service's session change parses or is refused; what parses is within its bounds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_core::session::SessionData;
use symbolon_core::settle::SessionChange;

fuzz_target!(|data: &[u8]| {
    if let Ok(SessionChange { patch: Some(patch), .. }) = SessionChange::parse(data) {
        let _ = SessionData::default().merged(&patch);
    }
});
