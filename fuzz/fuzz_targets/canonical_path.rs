//! A canonical path is its own canonical form and hides no separator.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_gateway::canonical;

fuzz_target!(|raw: &str| {
    if let Ok(once) = canonical::path(raw) {
        assert_eq!(canonical::path(&once).as_deref(), Ok(&*once));
        let lower = once.to_ascii_lowercase();
        assert!(lower.is_ascii() && !lower.contains("//") && !lower.contains('\\'));
        assert!(!lower.split('/').any(|segment| segment == "." || segment == ".."));
        for hidden in ["%2f", "%5c", "%2e", "%25", "%3b", "%00", "%3a", "%40", "%2b"] {
            assert!(!lower.contains(hidden));
        }
    }
});
