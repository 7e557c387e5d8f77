//! Precedence and conflicts, tried.

use proptest::prelude::*;

use super::intersect::{Overlap, overlap};
use super::*;
use crate::config::{Authenticate, Authorize, Route, WhenUnauthenticated};
use crate::pattern::PathPattern;

fn route(name: &str, host: &str, path: &str, methods: &str) -> Route {
    let methods = if methods.is_empty() {
        MethodSet::ALL
    } else {
        MethodSet::parse(methods.split(' ')).unwrap()
    };
    Route {
        name: name.into(),
        hosts: if host.is_empty() { vec![] } else { vec![HostPattern::parse(host).unwrap()] },
        paths: vec![PathPattern::parse(path).unwrap()],
        methods,
        service: "s".into(),
        authenticate: Authenticate::None,
        when_unauthenticated: WhenUnauthenticated::Auto,
        authorize: Authorize::default(),
        max_body: None,
    }
}

fn table(rows: &[(&str, &str, &str)]) -> Result<RouteTable, Vec<RouteConflict>> {
    let routes = rows
        .iter()
        .map(|(host, path, methods)| route(&format!("{host}{path}{methods}"), host, path, methods));
    RouteTable::build(&Routing { routes: routes.collect(), ..Routing::default() })
}

#[test]
fn the_most_specific_host_and_path_decide() {
    let table = table(&[
        ("", "/", ""),
        ("", "/orders", ""),
        ("", "= /orders/new", ""),
        ("", "~ ^/orders/[0-9]+$", ""),
        ("shop.example", "/", ""),
        ("*.example", "/orders", ""),
        ("*.eu.example", "/orders", ""),
    ])
    .unwrap();
    let rows = [
        ("other", "/", 0),
        ("other", "/ordersx", 0),
        ("other", "/orders", 1),
        ("other", "/orders/", 1),
        ("other", "/orders/a/b", 1),
        ("other", "/orders/new", 2),
        ("other", "/orders/17", 3),
        ("other", "/orders/17/x", 1),
        ("shop.example", "/orders", 4),
        ("www.example", "/orders", 5),
        ("www.example", "/x", 0),
        ("a.eu.example", "/orders", 6),
        ("example", "/orders", 1),
    ];
    for (host, path, index) in rows {
        assert_eq!(table.find(host, path, &Method::GET), Match::Route(index), "{host} {path}");
    }
}

#[test]
fn a_method_that_is_not_allowed_does_not_fall_through() {
    let table = table(&[("", "/", ""), ("", "/orders", "GET"), ("", "/orders", "POST")]).unwrap();
    assert_eq!(table.find("h", "/orders", &Method::GET), Match::Route(1));
    assert_eq!(table.find("h", "/orders", &Method::POST), Match::Route(2));
    let allowed = MethodSet::parse(["GET", "POST"]).unwrap();
    assert_eq!(table.find("h", "/orders", &Method::DELETE), Match::MethodNotAllowed(allowed));
    assert_eq!(table.find("h", "/", &Method::TRACE), Match::MethodNotAllowed(MethodSet::ALL));
}

#[test]
fn routes_that_match_the_same_request_do_not_load() {
    let conflicting = [
        [("", "/a", ""), ("", "/a", "GET")],
        [("h", "= /a", ""), ("h", "= /a", "")],
        [("", "~ ^/v[0-9]+/", ""), ("", "~ ^/v1/", "")],
        [("", "~ ^/a.*z$", ""), ("", "~ ^/.*b.*$", "")],
    ];
    for rows in conflicting {
        assert_eq!(table(&rows).unwrap_err().len(), 1, "{rows:?}");
    }
    let fine = [
        [("", "/a", "POST"), ("", "/a", "GET")],
        [("h", "/a", ""), ("", "/a", "")],
        [("", "/a", ""), ("", "= /a", "")],
        [("", "~ ^/v[0-9]+/", ""), ("", "~ ^/w[0-9]+/", "")],
        [("", "~ ^/a$", ""), ("", "~ ^/a/", "")],
    ];
    for rows in fine {
        assert!(table(&rows).is_ok(), "{rows:?}");
    }
}

#[test]
fn a_witness_is_a_path_that_both_match() {
    assert_eq!(overlap("^/v[0-9]+/x", "^/v1"), Overlap::Witness("/v1/x".into()));
    assert_eq!(overlap("^/a", "^/b"), Overlap::None);
}

proptest! {
    #[test]
    fn the_longest_prefix_wins(depth in 1_usize..6, extra in 0_usize..4) {
        let paths: Vec<String> = (0..depth).map(|n| format!("/{}", vec!["s"; n].join("/"))).collect();
        let rows: Vec<_> = paths.iter().map(|path| ("", path.as_str(), "")).collect();
        let table = table(&rows).unwrap();
        let asked = format!("/{}", vec!["s"; depth - 1 + extra].join("/"));
        prop_assert_eq!(table.find("h", &asked, &Method::GET), Match::Route(depth - 1));
    }

    #[test]
    fn a_witness_never_lies(a in "\\^/[ab]{1,2}[.*+]?[ab/]{0,2}\\$?", b in "\\^/[ab]{1,2}[.*+]?[ab/]{0,2}\\$?") {
        let (one, two) = (regex::Regex::new(&a).unwrap(), regex::Regex::new(&b).unwrap());
        match overlap(&a, &b) {
            Overlap::Witness(path) => prop_assert!(one.is_match(&path) && two.is_match(&path)),
            Overlap::None => for path in ["/a", "/b", "/aa", "/ab", "/aaa", "/ab/", "/aab", "/abab"] {
                prop_assert!(!(one.is_match(path) && two.is_match(path)), "{}", path);
            },
            Overlap::Unknown => prop_assert!(false, "small patterns are decided"),
        }
    }
}
