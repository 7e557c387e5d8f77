//! Precedence and conflicts, tried.

use proptest::prelude::*;

use super::intersect::{Overlap, overlap};
use super::*;
use crate::action::Actions;
use crate::config::{Authenticate, Authorize, Route, WhenUnauthenticated};
use crate::limit::Admission;
use crate::pattern::{Conditions, PathPattern, ValueTest};

pub(super) fn route(name: &str, host: &str, path: &str, methods: &str) -> Route {
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
        conditions: Conditions::default(),
        service: "s".into(),
        actions: Actions::default(),
        admission: Admission::default(),
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

fn find(table: &RouteTable, host: &str, path: &str, method: &Method) -> Match {
    asked(table, host, path, method, None, &[])
}

fn asked(
    table: &RouteTable,
    host: &str,
    path: &str,
    method: &Method,
    query: Option<&str>,
    fields: &[(&str, &str)],
) -> Match {
    let fields = fields.iter().copied().collect();
    table.find(&Asked { host, path, method, query, fields: Some(&fields) })
}

/// Routes for `/a` with conditions such as `version=2`, `beta` or `?page=1`.
fn conditional(rows: &[&str]) -> Result<RouteTable, Vec<RouteConflict>> {
    let routes = rows.iter().map(|row| {
        let mut route = route(row, "", "/a", "");
        for condition in row.split_whitespace() {
            let (name, test) = match condition.split_once(['=', '~']) {
                Some((name, value)) if condition.contains('~') => {
                    (name, ValueTest::matching(value).unwrap())
                }
                Some((name, value)) => (name, ValueTest::Exact(value.into())),
                None => (condition, ValueTest::Present),
            };
            match name.strip_prefix('?') {
                Some(name) => route.conditions.on_query(name, test),
                None => route.conditions.on_header(name, test).unwrap(),
            }
        }
        route
    });
    RouteTable::build(&Routing { routes: routes.collect(), ..Routing::default() })
}

#[test]
fn the_most_conditions_that_are_met_decide() {
    let table = conditional(&[
        "",
        "version=2",
        "version=3",
        "version=2 ?page=1",
        "?page~[0-9]+ beta extra",
    ])
    .unwrap();
    let get = |query, headers: &[_]| asked(&table, "h", "/a", &Method::GET, query, headers);
    assert_eq!(get(None, &[]), Match::Route(0));
    assert_eq!(get(None, &[("version", "2")]), Match::Route(1));
    assert_eq!(get(None, &[("version", "3")]), Match::Route(2));
    assert_eq!(get(None, &[("version", "4")]), Match::Route(0));
    assert_eq!(get(Some("page=1"), &[("version", "2")]), Match::Route(3));
    assert_eq!(get(Some("page=1"), &[]), Match::Route(0));
    assert_eq!(get(Some("x&page=17"), &[("beta", ""), ("extra", "")]), Match::Route(4));
    assert_eq!(get(Some("page=x"), &[("beta", ""), ("extra", "")]), Match::Route(0));
}

#[test]
fn where_no_conditions_are_met_no_less_specific_route_takes_over() {
    let mut routes = vec![route("root", "", "/", "")];
    let mut special = route("special", "", "/a", "GET");
    special.conditions.on_header("beta", ValueTest::Present).unwrap();
    routes.push(special);
    let table = RouteTable::build(&Routing { routes, ..Routing::default() }).unwrap();
    assert_eq!(find(&table, "h", "/a", &Method::GET), Match::ConditionsNotMet);
    assert_eq!(
        find(&table, "h", "/a", &Method::POST),
        Match::MethodNotAllowed(MethodSet::parse(["GET"]).unwrap())
    );
    assert_eq!(find(&table, "h", "/b", &Method::GET), Match::Route(0));
}

#[test]
fn two_readings_of_what_a_route_looks_at_are_nobodys() {
    let table = conditional(&["", "version=2 x y", "?page=1", "?page=2 beta"]).unwrap();
    let get = |query, headers: &[_]| asked(&table, "h", "/a", &Method::GET, query, headers);
    let ambiguous = |field: &str| Match::Ambiguous(field.into());
    let twice = [("version", "2"), ("version", "2")];
    assert_eq!(get(None, &twice), ambiguous("the header `version`"));
    for query in ["page=1&page=1", "page=3&page=4", "page&p%61ge", "x=1;page=1"] {
        assert_eq!(get(Some(query), &[]), ambiguous("the parameter `page`"), "{query}");
    }
    // What no route looks at, or only whether it is there, may come as often as it likes.
    assert_eq!(get(Some("x=1&x=2"), &[("y", ""), ("y", "")]), Match::Route(0));
    let beta = [("beta", "1"), ("beta", "2")];
    assert_eq!(get(Some("page=2"), &beta), Match::Route(3));
}

#[test]
fn conditions_that_one_request_can_meet_with_equal_rank_do_not_load() {
    for rows in [
        ["version=2", "version=2"],
        ["version=2", "beta"],
        ["version", "version=2"],
        ["?page=1", "version=2"],
        ["version~[0-9]", "version=2"],
        ["version~a", "version~b"],
        ["", ""],
    ] {
        let conflicts = conditional(&rows).unwrap_err();
        assert_eq!(conflicts.len(), 1, "{rows:?}");
    }
    for rows in [
        ["version=2", "version=3"],
        ["version~[0-9]", "version=x"],
        ["version=2", "version=2 beta"],
        ["?page=1", "?page=2"],
        ["", "version=2"],
    ] {
        assert!(conditional(&rows).is_ok(), "{rows:?}");
    }
}

#[test]
fn many_routes_at_one_place_are_told_apart_like_few() {
    let rows: Vec<String> = (0..40).map(|number| format!("version={number}")).collect();
    let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    rows.extend(["", "version=7 beta", "?page=1 beta extra"]);
    let table = conditional(&rows).unwrap();
    let get = |query, headers: &[_]| asked(&table, "h", "/a", &Method::GET, query, headers);
    assert_eq!(get(None, &[("version", "39")]), Match::Route(39));
    assert_eq!(get(None, &[("version", "40")]), Match::Route(40));
    assert_eq!(get(None, &[("version", "7"), ("beta", "")]), Match::Route(41));
    let all = [("version", "7"), ("beta", ""), ("extra", "")];
    assert_eq!(get(Some("page=1"), &all), Match::Route(42));
    let trace = asked(&table, "h", "/a", &Method::TRACE, None, &[]);
    assert_eq!(trace, Match::MethodNotAllowed(MethodSet::ALL));
}

#[test]
fn regexes_below_different_segments_are_all_found() {
    let table = table(&[
        ("", "~ ^/[a-z]+/list$", ""),
        ("", "~ ^/orders/[0-9]+$", ""),
        ("", "~ ^/orders/[0-9]+/x", "GET"),
        ("", "~ ^/orders/[0-9]+/x", "POST"),
        ("", "~ ^/orders/a/b/c/[0-9]$", ""),
    ])
    .unwrap();
    for (path, index) in
        [("/orders/list", 0), ("/orders/7", 1), ("/orders/7/x", 2), ("/orders/a/b/c/1", 4)]
    {
        assert_eq!(find(&table, "h", path, &Method::GET), Match::Route(index), "{path}");
    }
    assert_eq!(find(&table, "h", "/orders/7/x", &Method::POST), Match::Route(3));
    assert_eq!(find(&table, "h", "/orders/a/b/c/x", &Method::GET), Match::NotFound);
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
        assert_eq!(find(&table, host, path, &Method::GET), Match::Route(index), "{host} {path}");
    }
}

#[test]
fn a_method_that_is_not_allowed_does_not_fall_through() {
    let table = table(&[("", "/", ""), ("", "/orders", "GET"), ("", "/orders", "POST")]).unwrap();
    assert_eq!(find(&table, "h", "/orders", &Method::GET), Match::Route(1));
    assert_eq!(find(&table, "h", "/orders", &Method::POST), Match::Route(2));
    let allowed = MethodSet::parse(["GET", "POST"]).unwrap();
    assert_eq!(find(&table, "h", "/orders", &Method::DELETE), Match::MethodNotAllowed(allowed));
    assert_eq!(find(&table, "h", "/", &Method::TRACE), Match::MethodNotAllowed(MethodSet::ALL));
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
        prop_assert_eq!(find(&table, "h", &asked, &Method::GET), Match::Route(depth - 1));
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
