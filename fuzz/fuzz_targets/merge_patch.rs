//! Merging twice changes nothing more, and no null survives.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use symbolon_core::session::{Patch, SessionData};

fuzz_target!(|patches: (&[u8], &[u8])| {
    let (Ok(first), Ok(second)) = (Patch::parse(patches.0), Patch::parse(patches.1)) else {
        return;
    };
    let Ok(before) = SessionData::default().merged(&first) else { return };
    let Ok(once) = before.merged(&second) else { return };
    assert_eq!(once.merged(&second), Ok(once.clone()));
    assert!(!has_null(&Value::Object(once.to_map())));
});

fn has_null(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|map| map.values().any(|value| value.is_null() || has_null(value)))
}
