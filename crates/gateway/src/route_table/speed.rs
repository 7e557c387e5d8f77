//! The cost of a look-up as the number of routes grows. `cargo test -p symbolon-gateway speed --
//! --ignored --nocapture` shows it; only the ratios mean something.

use std::hint::black_box;
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::tests::route;
use super::*;
use crate::config::Route;
use crate::pattern::ValueTest;

/// How many times slower the largest table may be than the smallest. One that is searched would be a
/// thousand times slower; one that fits no cache is a few times, more on a busy machine.
const MOST: f64 = 16.0;
const LOOKUPS: usize = 10_000;
const ROUNDS: usize = 10;

/// The route of a number, and the host, path and header that ask for it.
type Kind = (&'static str, fn(usize) -> Route, fn(usize) -> (String, String, Option<String>));

const KINDS: &[Kind] = &[
    (
        "prefixes",
        |number| route(&format!("r{number}"), "", &format!("/service-{number}"), ""),
        |number| ("h".to_owned(), format!("/service-{number}/a/b"), None),
    ),
    (
        "hosts",
        |number| route(&format!("r{number}"), &format!("h{number}.example"), "/", ""),
        |number| (format!("h{number}.example"), "/a".to_owned(), None),
    ),
    (
        "wildcard hosts",
        |number| route(&format!("r{number}"), &format!("*.h{number}.example"), "/", ""),
        |number| (format!("a.h{number}.example"), "/a".to_owned(), None),
    ),
    (
        "regexes",
        |number| route(&format!("r{number}"), "", &format!("~ ^/service-{number}/[0-9]+$"), ""),
        |number| ("h".to_owned(), format!("/service-{number}/17"), None),
    ),
    (
        "conditions",
        |number| {
            let mut route = route(&format!("r{number}"), "", "/", "");
            let test = ValueTest::Exact(format!("t{number}").into());
            route.conditions.on_header("x-shard", test).unwrap();
            route
        },
        |number| ("h".to_owned(), "/a".to_owned(), Some(format!("t{number}"))),
    ),
];

#[test]
#[ignore = "takes a minute without optimisation, and measures"]
fn ten_thousand_routes_cost_what_ten_cost() {
    for (name, of, asks) in KINDS {
        let costs = [10, 100, 1_000, 10_000].map(|count| cost(count, *of, *asks));
        let ratio = costs[3].as_secs_f64() / costs[0].as_secs_f64();
        println!("{name}: {costs:?} a look-up at 10, 100, 1,000 and 10,000; ratio {ratio:.2}");
        assert!(ratio < MOST, "{name}: {ratio:.2} times slower");
    }
}

#[test]
#[ignore = "measures"]
fn hundreds_of_regexes_that_begin_alike_load_in_seconds() {
    let started = Instant::now();
    let routes = (0..400).map(|number| {
        route(&format!("r{number}"), "", &format!("~ ^/[a-z]+/service-{number}/[0-9]+$"), "")
    });
    let routing = Routing { routes: routes.collect(), ..Routing::default() };
    RouteTable::build(&routing).unwrap();
    println!("400 regexes, 79,800 pairs: {:?}", started.elapsed());
    assert!(started.elapsed() < Duration::from_mins(1));
}

fn cost(
    count: usize,
    of: fn(usize) -> Route,
    asks: fn(usize) -> (String, String, Option<String>),
) -> Duration {
    let routes = (0..count).map(of).collect();
    let table = RouteTable::build(&Routing { routes, ..Routing::default() }).unwrap();
    let asked: Vec<_> = (0..count).map(asks).collect();
    let of_value = |value: &String| ("x-shard", value.clone());
    let fields: Vec<Fields> =
        asked.iter().map(|(_, _, value)| value.iter().map(of_value).collect()).collect();
    let look_up = |number: usize| {
        let at = number * 7_919 % count;
        let (host, path, _) = &asked[at];
        let asked =
            Asked { host, path, method: &Method::GET, query: None, fields: Some(&fields[at]) };
        assert_eq!(black_box(table.find(&asked)), Match::Route(at));
    };
    (0..LOOKUPS / 10).for_each(look_up);
    // The fastest of some rounds is the one that was disturbed least.
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        (0..LOOKUPS).for_each(look_up);
        started.elapsed() / u32::try_from(LOOKUPS).unwrap()
    });
    rounds.min().unwrap()
}
