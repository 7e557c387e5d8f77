//! The table held against the rules as they are written down, one route after the other; and no
//! table that loads leaves a request undecided.

use http::Method;
use http::header::HeaderName;
use proptest::prelude::*;
use proptest::sample::select;

use super::tests::route;
use super::*;
use crate::config::Route;
use crate::pattern::{Field, Look, PathPattern, ValueTest};

const HOSTS: &[&str] = &["", "h", "x.h", "*.h", "*.x.h"];
const PATHS: &[&str] =
    &["/", "/a", "/a/b", "= /a", "= /a/b", "~ ^/a/[bc]$", "~ ^/[ac]$", "~ ^/a/b/.*d", "~ ^/[ab]/c"];
const CONDITIONS: &[&str] = &["v=1", "v=2", "v~[12]", "w", "?p=1", "?p"];

fn routes() -> impl Strategy<Value = Vec<Route>> {
    let conditions = proptest::sample::subsequence(CONDITIONS, 0..=2);
    let one = (select(HOSTS), select(PATHS), select(&["", "GET", "POST"][..]), conditions);
    proptest::collection::vec(one, 1..24).prop_map(|rows| {
        let rows = rows.into_iter().enumerate();
        rows.map(|(number, (host, path, methods, conditions))| {
            let mut route = route(&format!("r{number}"), host, path, methods);
            for condition in conditions {
                let (name, test) = match condition.split_once(['=', '~']) {
                    Some((name, value)) if condition.contains('~') => {
                        (name, ValueTest::matching(value).unwrap())
                    }
                    Some((name, value)) => (name, ValueTest::Exact(value.into())),
                    None => (condition, ValueTest::Present),
                };
                match name.strip_prefix('?') {
                    Some(name) => route.conditions.on_query(name, test),
                    // A second condition on a header is refused: the first one stands.
                    None => drop(route.conditions.on_header(name, test)),
                }
            }
            route
        })
        .collect()
    })
}

/// The routes without those that collide with an earlier one.
fn without_conflicts(routes: Vec<Route>) -> Routing {
    let mut routing = Routing::default();
    for route in routes {
        routing.routes.push(route);
        if RouteTable::build(&routing).is_err() {
            routing.routes.pop();
        }
    }
    routing
}

/// How specifically a route answers for a host; nothing where it does not.
fn host_rank(route: &Route, host: &str) -> Option<usize> {
    let ranks = route.hosts.iter().filter_map(|pattern| match pattern {
        HostPattern::Exact(exact) => (**exact == *host).then_some(usize::MAX),
        HostPattern::Below(end) => host.ends_with(&**end).then_some(end.len()),
    });
    if route.hosts.is_empty() { Some(0) } else { ranks.max() }
}

/// How specifically a route answers for a path.
fn path_rank(route: &Route, path: &str) -> Option<(u8, usize)> {
    let ranks = route.paths.iter().filter_map(|pattern| match pattern {
        PathPattern::Exact(exact) => (**exact == *path).then_some((2, 0)),
        PathPattern::Regex(regex) => regex.is_match(path).then_some((1, 0)),
        PathPattern::Prefix(prefix) => {
            let rest = path.strip_prefix(&**prefix)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((0, prefix.len()))
        }
    });
    ranks.max()
}

/// Whether the request has `v` or `p` twice and the route looks at the value.
fn has_two_readings(route: &Route, asked: &Asked<'_>) -> bool {
    let looks_at = |field: &Field| {
        let mut looks = route.conditions.looks();
        looks.any(|look| look.field == *field && look != presence_of(field))
    };
    let has_twice = asked.fields.is_some_and(|fields| fields.get_all("v").count() > 1);
    has_twice && looks_at(&Field::Header(HeaderName::from_static("v")))
        || asked.query == Some("p=1&p=1") && looks_at(&Field::Query("p".to_owned()))
}

fn presence_of(field: &Field) -> Look {
    let mut conditions = Conditions::default();
    match field {
        Field::Header(name) => {
            conditions.on_header(name.as_str(), ValueTest::Present).unwrap();
        }
        Field::Query(name) => conditions.on_query(name, ValueTest::Present),
    }
    conditions.looks().next().unwrap()
}

fn by_the_book(routing: &Routing, asked: &Asked<'_>) -> Match {
    let ranked = routing.routes.iter().enumerate().filter_map(|(at, route)| {
        Some(((host_rank(route, asked.host)?, path_rank(route, asked.path)?), at, route))
    });
    let ranked: Vec<_> = ranked.collect();
    let Some(best) = ranked.iter().map(|(rank, ..)| *rank).max() else { return Match::NotFound };
    let here: Vec<_> = ranked.into_iter().filter(|(rank, ..)| *rank == best).collect();
    let allowed = here.iter().fold(MethodSet::NONE, |all, (.., route)| all.union(route.methods));
    if !allowed.contains(asked.method) {
        return Match::MethodNotAllowed(allowed);
    }
    let here: Vec<_> =
        here.into_iter().filter(|(.., route)| route.methods.contains(asked.method)).collect();
    if here.iter().any(|(.., route)| has_two_readings(route, asked)) {
        return Match::Ambiguous("".into());
    }
    let met: Vec<_> = here
        .into_iter()
        .filter(|(.., route)| route.conditions.are_met(asked.fields.unwrap(), asked.query))
        .collect();
    let Some(most) = met.iter().map(|(.., route)| route.conditions.count()).max() else {
        return Match::ConditionsNotMet;
    };
    let mut winners = met.iter().filter(|(.., route)| route.conditions.count() == most);
    let (winner, another) = (winners.next().unwrap(), winners.next());
    assert!(another.is_none(), "undecided between {} and {another:?}", winner.2.name);
    Match::Route(winner.1)
}

proptest! {
    #[test]
    fn the_table_says_what_the_rules_say(
        routes in routes(),
        v in select(&["", "1", "2", "3", "1,1", "1,2"][..]), w in any::<bool>(),
        query in select(&["", "p=1", "p=2", "p=1&p=1"][..]),
    ) {
        let routing = without_conflicts(routes);
        let table = RouteTable::build(&routing).unwrap();
        let v = v.split(',').filter(|v| !v.is_empty()).map(|v| ("v", v));
        let fields: Fields = v.chain(w.then_some(("w", ""))).collect();
        for host in ["h", "x.h", "y.x.h", "z"] {
            for path in ["/", "/a", "/c", "/a/b", "/a/c", "/b/c", "/a/b/d", "/a/b/xd/y", "/q"] {
                for method in [Method::GET, Method::POST, Method::TRACE] {
                    let query = (!query.is_empty()).then_some(query);
                    let asked =
                        Asked { host, path, method: &method, query, fields: Some(&fields) };
                    // Which of several fields is named depends on the order.
                    let said = match table.find(&asked) {
                        Match::Ambiguous(_) => Match::Ambiguous("".into()),
                        said => said,
                    };
                    prop_assert_eq!(said, by_the_book(&routing, &asked), "{:?}", asked);
                }
            }
        }
    }
}
