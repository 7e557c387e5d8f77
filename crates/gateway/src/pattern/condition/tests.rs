//! Conditions, tried.

use super::*;
use crate::query::decoded;

fn on_query(name: &str, test: ValueTest) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.on_query(name, test);
    conditions
}

#[test]
fn a_query_is_compared_decoded_and_only_where_it_is_clear() {
    let exact = on_query("a b", ValueTest::Exact("c/d".into()));
    for met in ["a+b=c/d", "a%20b=c%2Fd", "x=1&a+b=c/d&y", "&&a+b=c%2fd"] {
        assert!(exact.query_is_met(Some(met)), "{met}");
    }
    for not in ["", "a+b", "a+b=c/D", "a+b=c/d&a+b=c/d", "a+b=c/d&a%20b=x", "ab=c/d"] {
        assert!(!exact.query_is_met(Some(not)), "{not}");
    }
    assert!(on_query("a", ValueTest::Present).query_is_met(Some("a&a")));
    assert_eq!(decoded("%zz%4"), "%zz%4");
}

#[test]
fn a_regex_is_for_the_whole_value() {
    let regex = on_query("v", ValueTest::matching("a|b").unwrap());
    assert!(regex.query_is_met(Some("v=a")) && regex.query_is_met(Some("v=b")));
    assert!(!regex.query_is_met(Some("v=ab")) && !regex.query_is_met(Some("v=xa")));
    assert!(ValueTest::matching("(").is_err());
    assert!(ValueTest::matching("[a-z]{5000}[a-z]{5000}").is_err(), "too large");
}

#[test]
fn a_repeated_header_meets_no_condition_on_its_value() {
    let mut conditions = Conditions::default();
    conditions.on_header("X-Version", ValueTest::Exact("2".into())).unwrap();
    let mut fields = Fields::default();
    assert!(!conditions.are_met(&fields, None));
    fields.append("x-version", b"2");
    assert!(conditions.are_met(&fields, None));
    fields.append("x-version", b"2");
    assert!(!conditions.are_met(&fields, None));
}

#[test]
fn a_header_that_routes_never_see_is_no_condition() {
    let mut conditions = Conditions::default();
    let mut refused = |name| conditions.on_header(name, ValueTest::Present).unwrap_err();
    for name in ["x-user", "Authorization", "connection", "content-length", "x_custom"] {
        assert_eq!(refused(name), ConditionError::Stripped, "{name}");
    }
    assert_eq!(refused("host"), ConditionError::Host);
    assert_eq!(refused("a b"), ConditionError::Name);
}

#[test]
fn only_what_can_never_be_met_together_excludes() {
    let exact = |value: &str| on_query("v", ValueTest::Exact(value.into()));
    let regex = |text| on_query("v", ValueTest::matching(text).unwrap());
    assert!(exact("1").exclude(&exact("2")) && exact("1").exclude(&regex("[2-9]")));
    assert!(!exact("1").exclude(&exact("1")) && !exact("1").exclude(&regex("[0-9]")));
    assert!(!regex("a").exclude(&regex("b")), "two regexes are not compared");
    assert!(!exact("1").exclude(&on_query("w", ValueTest::Exact("2".into()))));
    assert!(!exact("1").exclude(&on_query("v", ValueTest::Present)));
}
