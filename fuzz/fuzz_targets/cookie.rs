//! What is left of a Cookie header never holds the cookie that was taken out.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_core::cookie::{self, Found};

fuzz_target!(|data: &[u8]| {
    let kept = cookie::without(data, |name| name == b"symbolon");
    if let Some(kept) = &kept {
        assert_eq!(cookie::find([kept.as_slice()], b"symbolon"), Found::None);
        assert!(kept.len() <= data.len() * 2 + 2);
    }
});
