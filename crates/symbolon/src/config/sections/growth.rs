//! Ten times as much is read in some ten times the time, not in a hundred times.
//!
//! Judged by the CPU time of one thread: something small ten times against something that is ten
//! times as large. Whatever looks through all of it for each of its parts takes ten times as long
//! for the large one.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use symbolon_gateway::config::Service;
use symbolon_gateway::pattern::HostPattern;

use super::{auth, root, routes};
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::yaml;

/// How many there are of something at most. What is quadratic then costs many times what everything
/// else does, without optimisation too.
const MANY: usize = 20_000;
/// How many times more that is than a few.
const PARTS: usize = 10;
/// How many times longer the large one may take than all the small ones. Tables that grow out of a
/// cache take up to twice as long; what is quadratic takes five to ten times as long.
const MOST: f64 = 3.0;
/// How exactly Linux counts the time of a thread that is running: in ticks of up to 10 ms. So much is
/// added to both sides.
const TICK: Duration = Duration::from_millis(10);
/// The least of some rounds is the one that was disturbed least.
const ROUNDS: usize = 3;

/// What the thread has used, in nanoseconds, as Linux counts it.
fn used() -> u64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split_whitespace().next().unwrap().parse().unwrap()
}

/// In seconds, and never nothing.
fn least(work: impl Fn()) -> f64 {
    let round = |_| {
        let before = used();
        work();
        used() - before
    };
    let least = Duration::from_nanos((0..ROUNDS).map(round).min().unwrap());
    (least + TICK).as_secs_f64()
}

/// Works on something that `make` makes in either size.
#[track_caller]
fn grows_no_faster<T>(make: impl Fn(usize) -> T, work: impl Fn(&T)) {
    let (few, many) = (make(MANY / PARTS), make(MANY));
    let ratio = least(|| work(&many)) / least(|| (0..PARTS).for_each(|_| work(&few)));
    println!("{ratio:.2}");
    assert!(ratio < MOST, "{ratio:.2} times as long as its parts");
}

fn routes_text(many: usize) -> String {
    let lines = (0..many).map(|number| format!("- {{ name: r{number}, service: s{number} }}\n"));
    lines.collect()
}

fn items(text: &str) -> Vec<yaml::Node> {
    match yaml::parse(text, &mut Mistakes::default()).unwrap().value {
        yaml::Value::List(items) => items,
        _ => panic!("not a list"),
    }
}

#[test]
fn names_of_routes() {
    let check = |nodes: &Vec<yaml::Node>| {
        let (mut names, mut mistakes) = (HashSet::new(), Mistakes::default());
        for node in nodes {
            routes::check_name(Fields::new(node, &routes::SECTION), &mut names, &mut mistakes);
        }
        assert!(mistakes.is_empty() && names.len() == nodes.len());
    };
    grows_no_faster(|many| items(&routes_text(many)), check);
}

#[test]
fn hosts_of_routes() {
    let make = |many: usize| {
        let mut route = auth::routes(&Arc::from("/auth"), &[], &[]).remove(0);
        let host = |number| HostPattern::parse(&format!("h{number}.example")).unwrap();
        route.hosts = (0..many).map(host).collect();
        vec![route]
    };
    grows_no_faster(make, |routes| {
        let led = auth::routes(&Arc::from("/auth"), routes, &[]);
        assert_eq!(led[1].hosts.len(), routes[0].hosts.len());
    });
}

#[test]
fn names_of_services() {
    let make = |many: usize| {
        let mut text = "services:\n".to_owned();
        for number in 0..many {
            writeln!(text, "  s{number}: {{}}").unwrap();
        }
        let node = yaml::parse(&text, &mut Mistakes::default()).unwrap();
        let service = |number| Service { name: format!("s{number}").into(), ..auth::service() };
        (node, (0..many).map(service).collect::<Vec<_>>())
    };
    grows_no_faster(make, |(node, services)| {
        let mut mistakes = Mistakes::default();
        root::check_sticky(Fields::new(node, &root::ROOT), services, "x", &mut mistakes);
    });
}

#[test]
fn keys_of_a_mapping() {
    let make = |many: usize| {
        let keys: Vec<String> = (0..many).map(|number| format!("k{number}: x")).collect();
        keys.join("\n")
    };
    grows_no_faster(make, |text| drop(yaml::parse(text, &mut Mistakes::default()).unwrap()));
}
