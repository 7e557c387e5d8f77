//! A token is accepted only in the one form in which it was made.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_core::{TokenHash, TokenKind};

fuzz_target!(|data: &[u8]| {
    for kind in [TokenKind::Session, TokenKind::ApiKey] {
        if TokenHash::of_presented(kind, data).is_ok() {
            assert!(data.starts_with(kind.prefix().as_bytes()) && data.len() == kind.token_len());
            assert!(data.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'));
        }
    }
});
