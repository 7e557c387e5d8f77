//! A return target stays on this site, whatever a browser folds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_core::return_to::ReturnTo;

fuzz_target!(|text: &str| {
    let target = ReturnTo::parse_or_root(text);
    let target = target.as_str();
    assert!(target.starts_with('/') && !target.starts_with("//"));
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'));
});
