//! What a route may not say, each with the reason that is told.

use super::{load, mistakes};

/// A file with one route that says this besides its name.
fn route(says: &str) -> String {
    format!(
        "public_url: https://a.example\nservices: {{ s: {{ targets: [http://127.0.0.1:1] }} }}\n\
         routes: [{{ name: r, {says} }}]\n"
    )
}

/// Every mistake of the route is the one that is expected.
#[track_caller]
fn refused(says: &str, expected: &str) {
    let told = mistakes(&route(says));
    assert!(told.len() == 1 && told[0].contains(expected), "{says}: {told:?}");
}

const LEADS: &str = "paths: [/], service: s, authenticate: none";

#[test]
fn a_route_leads_to_a_service_or_answers_itself() {
    let to = "paths: [/], authenticate: none";
    for fine in ["redirect: { to: /x }", "respond: {}", "respond: { status: 503, body: closed }"] {
        assert!(load(&route(&format!("{to}, {fine}"))).is_ok(), "{fine}");
    }
    refused(to, "a route must say `service`");
    refused(&format!("{LEADS}, respond: {{}}"), "a route with `respond` has no `service`");
    refused(&format!("{LEADS}, redirect: {{ to: /x }}"), "a route with `redirect` has no");
    refused(&format!("{to}, respond: {{}}, redirect: {{ to: /x }}"), "not both");
    let changed = "paths: [/x], authenticate: none, respond: {}, strip_prefix: /x";
    refused(changed, "`strip_prefix` has no meaning without a service");
    for own in ["respond: {}", "redirect: { to: /x }"] {
        let host = format!("{to}, {own}, host: rewrite");
        refused(&host, "`host: rewrite` has no meaning without a service");
        assert!(load(&route(&format!("{to}, {own}, host: preserve"))).is_ok(), "{own}");
    }
    refused(&format!("{to}, respond: {{ status: 204, body: x }}"), "not a status of an answer");
    refused(&format!("{to}, redirect: {{ to: //evil.example }}"), "canonical form");
    refused(&format!("{to}, redirect: {{ to: /x, status: 200 }}"), "must be one of `301`");
}

#[test]
fn a_path_is_changed_only_so_that_it_stays_one() {
    refused(&format!("{LEADS}, strip_prefix: /api"), "not every path of the route lies below it");
    refused(&format!("{LEADS}, rewrite: {{ path: /a/../b }}"), "canonical form");
    refused(&format!("{LEADS}, rewrite: {{ path: /$1 }}"), "`1` is no group of every path");
    let both = "paths: [/api], service: s, authenticate: none, strip_prefix: /api, \
                rewrite: { path: /x }";
    refused(both, "either `strip_prefix` or `rewrite`");
}

#[test]
fn headers_that_matter_are_left_alone() {
    for (name, why) in [
        ("authorization", "identity"),
        ("x-user", "identity"),
        ("x-forwarded-for", "identity"),
        ("symbolon-session", "internal"),
        ("connection", "one connection"),
        ("content-length", "frames the message"),
        ("host", "frames the message"),
        ("cookie", "cookies carry sessions"),
    ] {
        for change in [
            format!("set: {{ {name}: x }}"),
            format!("add: {{ {name}: x }}"),
            format!("remove: [{name}]"),
        ] {
            refused(&format!("{LEADS}, request_headers: {{ {change} }}"), why);
        }
    }
    for name in ["set-cookie", "transfer-encoding", "www-authenticate", "symbolon-x", "trailer"] {
        let says = format!("{LEADS}, response_headers: {{ remove: [{name}] }}");
        refused(&says, &format!("header `{name}` is refused"));
    }
}

#[test]
fn a_condition_that_no_request_can_meet_is_refused() {
    refused(&format!("{LEADS}, headers: {{ x-user: a }}"), "removed or written anew");
    refused(&format!("{LEADS}, headers: {{ host: a }}"), "`hosts` is the condition");
    refused(&format!("{LEADS}, headers: {{ x-a: {{ regex: \"(\" }} }}"), "not a usable regex");
    for form in ["{}", "{ present: false }", "{ present: true, regex: a }"] {
        refused(&format!("{LEADS}, headers: {{ x-a: {form} }}"), "`x-a` must be a value");
        refused(&format!("{LEADS}, query: {{ x-a: {form} }}"), "`x-a` must be a value");
    }
}

#[test]
fn routes_that_only_conditions_tell_apart_must_be_told_apart_by_them() {
    let two = |one: &str, other: &str| {
        format!(
            "public_url: https://a.example\nservices: {{ s: {{ targets: [http://127.0.0.1:1] }} }}\n\
             routes:\n  - {{ name: a, {LEADS}, {one} }}\n  - {{ name: b, {LEADS}, {other} }}\n"
        )
    };
    assert!(load(&two("headers: { v: \"1\" }", "headers: { v: \"2\" }")).is_ok());
    assert!(load(&two("headers: { v: \"1\" }", "query: {}")).is_ok());
    let told = mistakes(&two("headers: { v: \"1\" }", "query: { w: \"1\" }"));
    assert!(told.len() == 1 && told[0].contains("`a` and `b` match the same requests"), "{told:?}");
}

#[test]
fn a_header_that_tells_some_service_who_calls_is_asked_for_by_nobody() {
    let file = |says: &str| {
        format!(
            "public_url: https://a.example\nauthenticators:\n  gate: {{ forward: {{ url: \
             http://127.0.0.1:2/x, upstream_headers: [x-tier], principal: {{ subject: who }} }} }}\n\
             services:\n  s: {{ targets: [http://127.0.0.1:1] }}\n  \
             t: {{ targets: [http://127.0.0.1:1], identity_headers: {{ shop-user: sub }} }}\n\
             routes:\n  - {{ name: g, paths: [/g], service: s, authenticate: [gate] }}\n  \
             - {{ name: r, {LEADS}, {says} }}\n"
        )
    };
    let refused = |says: &str, teller: &str| {
        let told = mistakes(&file(says));
        assert!(told.len() == 1 && told[0].contains(teller), "{says}: {told:?}");
    };
    for (header, teller) in [
        (
            "Shop-User",
            "`shop-user` is refused: it is removed from every request, because \
                       `identity_headers` of service `t` has it",
        ),
        ("x-tier", "because what authenticator `gate` says has it"),
        ("who", "because what authenticator `gate` says has it"),
    ] {
        refused(&format!("headers: {{ {header}: a }}"), teller);
        refused(&format!("headers: {{ {header}: {{ present: true }} }}"), teller);
        let rule = format!("{{ requests: 1, per: 1m, by: {{ header: {header} }} }}");
        refused(&format!("rate_limit: {rule}"), teller);
        refused(&format!("rate_limit: [{{ requests: 1, per: 1h }}, {rule}]"), teller);
    }
    assert!(load(&file("headers: { x-shopper: a, x-kind: b }")).is_ok());
}

#[test]
fn everybody_may_not_come_with_credentials() {
    let cors = |says: &str| format!("{LEADS}, cors: {{ {says} }}");
    refused(&cors("origins: [\"*\"], credentials: true"), "`*` is refused together with");
    refused(&cors("origins: [\"https://a.example\"], credentials: true, headers: [\"*\"]"), "`*`");
    refused(&cors("origins: [\"*\", \"https://a.example\"]"), "it stands alone");
    refused(&cors("origins: [\"null\"]"), "an origin is");
    refused(&cors("origins: [\"https://a.example/x\"]"), "an origin is");
    refused(&cors("origins: []"), "must not be empty");
    refused(&cors("origins: [\"*\"], methods: [TRACE]"), "not one of GET");
    assert!(load(&route(&cors("origins: [\"*\"]"))).is_ok());
}

#[test]
fn a_limit_that_could_not_be_kept_is_refused() {
    let limit = |says: &str| format!("{LEADS}, rate_limit: {says}");
    refused(&limit("{ requests: 0, per: 1m }"), "must be from 1 to 1000000");
    refused(&limit("{ requests: 1, per: 1ms }"), "must be from 1s to 1d");
    refused(
        &limit("{ requests: 1, per: 1m, by: principal }"),
        "no meaning with `authenticate: none`",
    );
    refused(
        &limit("{ requests: 1, per: 1m, by: { header: x-user } }"),
        "removed from every request",
    );
    refused(&limit("[{ requests: 1, per: 1m }, { requests: 1, per: 1m }]"), "stands here twice");
    refused(
        &limit("[{ requests: 5, per: 60s }, { requests: 9, per: 1m, burst: 1 }]"),
        "two rules of this route are called `source-60`",
    );
    refused(&limit("{ requests: 1 }"), "must say `per`");
    refused(&limit("[]"), "must not be empty");
    refused(&format!("{LEADS}, max_concurrent: 0"), "must be from 1");
    refused(&format!("{LEADS}, deny_sources: [10.0.0.1/8]"), "bits set beyond its prefix");
}

#[test]
fn ten_thousand_routes_fit_into_a_file() {
    let route = |number| {
        format!(
            "  - {{ name: r{number}, hosts: [h{number}.example], paths: [/a, /b], \
             methods: [GET, POST], service: s, authenticate: [session] }}\n"
        )
    };
    let routes: String = (0..10_000).map(route).collect();
    let services = "services: { s: { targets: [http://127.0.0.1:1] } }";
    let text = format!("public_url: https://a.example\n{services}\nroutes:\n{routes}");
    assert!(text.len() > 1 << 20);
    assert!(load(&text).is_ok());
}
