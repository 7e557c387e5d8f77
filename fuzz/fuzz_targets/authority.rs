//! A host is in lower case, without port, and safe to put into a header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_gateway::canonical;

fuzz_target!(|authority: &str| {
    if let Ok(host) = canonical::host_of(authority) {
        assert!(host.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()));
        assert_eq!(canonical::host_of(&host).as_deref(), Ok(&*host));
    }
});
