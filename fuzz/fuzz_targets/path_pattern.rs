//! A path pattern that loads is one that some canonical path can match.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_gateway::canonical;
use symbolon_gateway::pattern::PathPattern;

fuzz_target!(|text: &str| {
    if let Ok(PathPattern::Exact(path)) = PathPattern::parse(text) {
        assert_eq!(canonical::path(&path).as_deref(), Ok(&*path));
    }
});
