//! What policies let in, what they refuse, and what of them does not load.

mod mistakes;

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::id::Role;
use crate::policy::{Facts, Hierarchy, Rule, Who};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_780_000_000);

fn source(file: &str, text: &str) -> Source {
    Source { file: file.into(), text: text.into() }
}

fn sources(text: &str) -> PolicySources {
    let set = ("own".into(), vec![source("policies/own.cedar", text)]);
    PolicySources { sets: vec![set], schema: None, headers: vec!["x-channel".into()] }
}

fn route(name: &str, params: &[(&str, bool)]) -> RouteShape {
    let params = params
        .iter()
        .map(|(name, is_certain)| Param { name: (*name).into(), is_certain: *is_certain });
    RouteShape {
        set: "own".into(),
        name: name.into(),
        service: "orders".into(),
        methods: schema::METHODS.to_vec(),
        params: params.collect(),
    }
}

fn roles(names: &[&str]) -> Vec<Role> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

/// One request, to be spoiled.
struct Request<'a> {
    facts: Facts<'a>,
    asked: Asked<'a>,
}

impl Request<'_> {
    fn get() -> Self {
        let facts = Facts {
            who: Who::User("alice"),
            auth_time: Some(NOW.minus(Duration::from_secs(90))),
            acr: Some("pwd"),
            ..Facts::ANONYMOUS
        };
        let asked = Asked {
            method: "GET",
            path: "/orders/alice",
            host: "shop.example",
            source: "10.1.2.3".parse().unwrap(),
            is_mtls: false,
            params: &[("owner", "alice")],
            headers: &[],
            now: NOW,
        };
        Self { facts, asked }
    }
}

fn policy(text: &str) -> RoutePolicy {
    let route = route("orders", &[("owner", true)]);
    let policies = Policies::load(&sources(text), std::slice::from_ref(&route));
    policies.unwrap_or_else(|mistakes| panic!("{mistakes:?}")).of_route(&route).unwrap()
}

fn decide(text: &str, request: &Request<'_>) -> Result<String, Deny> {
    let decided = policy(text).decide(&request.facts, &Hierarchy::default(), &request.asked);
    decided.map(|rule| rule.to_string())
}

const OWNER: &str = r#"
@id("owner")
permit (principal, action == Action::"GET", resource)
when { resource.params.owner == principal.name };
"#;

#[test]
fn what_no_policy_permits_is_denied() {
    assert_eq!(decide(OWNER, &Request::get()).as_deref(), Ok("policy:own/owner"));
    let mut other = Request::get();
    other.facts.who = Who::User("bob");
    assert_eq!(decide(OWNER, &other), Err(Deny::NoPermit));
    let mut post = Request::get();
    post.asked.method = "POST";
    assert_eq!(decide(OWNER, &post), Err(Deny::NoPermit));
    let mut anonymous = Request::get();
    anonymous.facts = Facts::ANONYMOUS;
    assert_eq!(decide("permit (principal, action, resource);", &anonymous), Err(Deny::NoPermit));
    let mut unknown = Request::get();
    unknown.asked.method = "TRACE";
    assert_eq!(decide("permit (principal, action, resource);", &unknown), Err(Deny::NoPermit));
}

#[test]
fn one_forbid_outweighs_every_permit() {
    let text = format!(
        "{OWNER}\n@id(\"not-from-there\")\nforbid (principal, action, resource)\n\
         when {{ context.source.isInRange(ip(\"10.1.0.0/16\")) }};"
    );
    let forbidden = Deny::Forbidden(Rule::Own("policy:own/not-from-there".into()));
    assert_eq!(decide(&text, &Request::get()), Err(forbidden));
    let mut elsewhere = Request::get();
    elsewhere.asked.source = "10.2.0.1".parse().unwrap();
    assert_eq!(decide(&text, &elsewhere).as_deref(), Ok("policy:own/owner"));
}

#[test]
fn a_policy_that_fails_denies_even_where_another_permits() {
    // Cedar alone would skip the second policy, and let the request in.
    let text = format!(
        "{OWNER}\n@id(\"sum\")\nforbid (principal, action, resource)\n\
         when {{ context.auth_age? + 9223372036854775807 > 0 }};"
    )
    .replace("context.auth_age?", "(if context has auth_age then context.auth_age else 0)");
    let Err(Deny::Error { policy, why }) = decide(&text, &Request::get()) else {
        panic!("it must fail");
    };
    assert_eq!(policy, Some(Rule::Own("policy:own/sum".into())));
    assert!(why.contains("overflow"), "{why}");
}

#[test]
fn roles_groups_and_what_they_bring_are_parents() {
    let text = r#"permit (principal in Role::"reader", action, resource);
                  permit (principal in Group::"staff", action, resource);"#;
    let includes = BTreeMap::from([("admin".parse().unwrap(), roles(&["reader"]))]);
    let hierarchy = Hierarchy::new(&includes, &BTreeMap::new()).unwrap();
    let policy = policy(text);
    let admin = roles(&["admin"]);
    let staff = ["staff".to_owned()];
    let none: &[Role] = &[];
    for (roles, groups, rule) in [
        (&admin[..], &[][..], Ok("policy:own/own#1")),
        (none, &staff[..], Ok("policy:own/own#2")),
        (none, &[][..], Err(Deny::NoPermit)),
    ] {
        let mut request = Request::get();
        request.facts.roles = roles;
        request.facts.groups = groups;
        let decided = policy.decide(&request.facts, &hierarchy, &request.asked);
        assert_eq!(decided.as_ref().map(Rule::as_str).map_err(Clone::clone), rule);
    }
}

#[test]
fn everything_that_the_schema_promises_is_there() {
    let labels = BTreeMap::from([("team".to_owned(), "red".to_owned())]);
    let granted = roles(&["customer"]);
    let groups = ["staff".to_owned()];
    let scopes = ["orders:read".to_owned()];
    let amr = ["pwd".to_owned()];
    let mut request = Request::get();
    request.facts = Facts {
        who: Who::Client("robot"),
        client: Some("robot"),
        issuer: Some("https://login.example"),
        roles: &granted,
        groups: &groups,
        scopes: &scopes,
        labels: Some(&labels),
        amr: &amr,
        ..request.facts
    };
    request.asked.is_mtls = true;
    request.asked.headers = &[("x-channel", "shop")];
    for condition in [
        r#"principal == Client::"robot""#,
        "principal is Client",
        r#"principal.name == "robot""#,
        r#"principal.roles == ["customer"]"#,
        r#"principal.groups.contains("staff")"#,
        r#"principal.scopes.containsAny(["orders:read"])"#,
        r#"principal.amr.contains("pwd")"#,
        r#"principal has acr && principal.acr == "pwd""#,
        r#"principal has client && principal.client == "robot""#,
        r#"principal has issuer && principal.issuer like "https://login.*""#,
        r#"principal.hasTag("team") && principal.getTag("team") == "red""#,
        r#"action in Action::"route/orders""#,
        r#"resource == Route::"orders""#,
        r#"resource in Service::"orders""#,
        r#"resource.name == "orders" && resource.service == "orders""#,
        r#"resource.path == "/orders/alice" && resource.host == "shop.example""#,
        r#"resource.params.owner == "alice""#,
        r#"context.method == "GET" && context.path == "/orders/alice""#,
        r#"context.host == "shop.example""#,
        "context.source.isIpv4()",
        r#"context.time > datetime("2026-05-28") && context.time < datetime("2026-05-29")"#,
        r#"context has acr && context.acr == "pwd""#,
        "context has auth_age && context.auth_age == 90",
        "context.mtls",
        r#"context.headers has "x-channel" && context.headers["x-channel"] == "shop""#,
    ] {
        let text = format!("permit (principal, action, resource) when {{ {condition} }};");
        assert_eq!(decide(&text, &request).as_deref(), Ok("policy:own/own#1"), "{condition}");
        let text = format!("permit (principal, action, resource) unless {{ {condition} }};");
        let denied = Policies::load(&sources(&text), &[route("orders", &[("owner", true)])]);
        if denied.is_ok() {
            assert_eq!(decide(&text, &request), Err(Deny::NoPermit), "{condition}");
        }
    }
}

#[test]
fn a_route_has_only_what_can_apply_to_it() {
    let text = r#"
        permit (principal, action == Action::"GET", resource);
        permit (principal, action in [Action::"GET", Action::"POST"], resource == Route::"carts");
        permit (principal, action in Action::"route/orders", resource);
        permit (principal, action, resource in Service::"orders");
    "#;
    let routes = [route("orders", &[]), route("carts", &[])];
    let policies = Policies::load(&sources(text), &routes).unwrap();
    let counts =
        |route: &RouteShape, method: &str| policies.of_route(route).unwrap().counted(method);
    assert_eq!(counts(&routes[0], "GET"), 3);
    assert_eq!(counts(&routes[0], "POST"), 2);
    assert_eq!(counts(&routes[1], "GET"), 3);
    assert_eq!(counts(&routes[1], "POST"), 2);
    assert_eq!(counts(&routes[1], "PUT"), 1);
}

/// What each of many policies adds, measured: `cargo test -p symbolon-core --release -- --ignored
/// --nocapture cost_of_policies`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn cost_of_policies() {
    for count in [1, 5, 50] {
        let others: Vec<String> = (1..count)
            .map(|number| {
                format!(
                    "permit (principal in Role::\"r{number}\", action, resource) \
                     when {{ resource.params.owner == principal.name }};\n"
                )
            })
            .collect();
        let policy = policy(&(others.concat() + OWNER));
        let request = Request::get();
        let began = std::time::Instant::now();
        for _ in 0..2_000 {
            let decided = policy.decide(&request.facts, &Hierarchy::default(), &request.asked);
            assert!(decided.is_ok());
        }
        println!("{count} policies: {:?}", began.elapsed() / 2_000);
    }
}
