//! Session data, patches and lifetimes, tried.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn data(json: &Value) -> SessionData {
    serde_json::from_value(json.clone()).unwrap()
}

fn patch(json: &Value) -> Patch {
    Patch::parse(json.to_string().as_bytes()).unwrap()
}

#[test]
fn merge_follows_the_examples_of_rfc_7396_appendix_a() {
    let rows = [
        (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
        (json!({"a":"b"}), json!({"a":null}), json!({})),
        (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
        (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
        (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
        (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
        (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
        (json!({"a":"foo"}), json!({"a":{"b":"c"}}), json!({"a":{"b":"c"}})),
        (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
    ];
    for (before, change, after) in rows {
        assert_eq!(data(&before).merged(&patch(&change)), Ok(data(&after)), "{before} + {change}");
    }
}

#[test]
fn data_over_the_bound_are_refused() {
    let half = "x".repeat(MAX_DATA_BYTES / 2);
    let one = SessionData::default().merged(&patch(&json!({"a": half}))).unwrap();
    assert_eq!(one.merged(&patch(&json!({"b": half}))), Err(DataTooLarge));
}

#[test]
fn numbers_that_nobody_changes_stay_the_same() {
    let long = Patch::parse(br#"{"a":1555555555520E048,"b":1.7976931348623157e308}"#).unwrap();
    let before = SessionData::default().merged(&long).unwrap();
    assert_eq!(before.merged(&patch(&json!({}))), Ok(before));
}

#[test]
fn data_without_members_are_the_empty_text() {
    let emptied = data(&json!({"a": 1})).merged(&patch(&json!({"a": null}))).unwrap();
    for empty in [data(&json!({})), emptied] {
        assert_eq!(empty, SessionData::default());
        assert_eq!(serde_json::to_string(&empty).unwrap(), "{}");
    }
}

#[test]
fn a_patch_deeper_than_the_bound_is_refused() {
    let deep = format!("{}1{}", "{\"a\":".repeat(17), "}".repeat(17));
    assert!(matches!(Patch::parse(deep.as_bytes()), Err(PatchError::TooDeep)));
    let deepest = format!("{}1{}", "{\"a\":".repeat(16), "}".repeat(16));
    assert!(Patch::parse(deepest.as_bytes()).is_ok());
}

#[test]
fn only_writable_keys_pass() {
    let wish = patch(&json!({"cart": [], "role": "admin"}));
    assert_eq!(wish.first_key_outside(&["cart".into(), "locale".into()]), Some("role"));
    assert_eq!(wish.first_key_outside(&["cart".into(), "role".into()]), None);
}

fn small_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from)
    ];
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-c]", tree, 0..3)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

proptest! {
    #[test]
    fn the_same_patch_twice_changes_nothing_more(before in small_object(), change in small_object()) {
        let change = patch(&change);
        let once = data(&before).merged(&change).unwrap();
        prop_assert_eq!(once.merged(&change).unwrap(), once);
    }

    #[test]
    fn patches_of_different_keys_commute(a in small_object(), b in small_object()) {
        let (a, b) = (patch(&json!({"left": a})), patch(&json!({"right": b})));
        let start = SessionData::default();
        let one = start.merged(&a).unwrap().merged(&b).unwrap();
        prop_assert_eq!(start.merged(&b).unwrap().merged(&a).unwrap(), one);
    }

    #[test]
    fn data_come_back_from_their_compact_form(value in small_object()) {
        let Value::Object(map) = value else { unreachable!() };
        prop_assert_eq!(SessionData::from(map.clone()).to_map(), map);
    }

    #[test]
    fn no_null_survives_in_a_patched_object(change in small_object()) {
        fn has_null(value: &Value) -> bool {
            value.as_object().is_some_and(|map| map.values().any(|v| v.is_null() || has_null(v)))
        }
        let after = SessionData::default().merged(&patch(&change)).unwrap();
        prop_assert!(!has_null(&Value::Object(after.to_map())));
    }
}
