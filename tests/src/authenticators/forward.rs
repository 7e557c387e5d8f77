//! `forward`: services that say who may pass, as users of forward-auth and of Open Policy Agent
//! have them.

mod agent;
mod reached;
mod shared;
mod withheld;

use serde_json::json;

use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

const LISTS: &str = "      request_headers: [authorization, cookie, x-tenant]
      principal: { subject: x-user, roles: x-roles, groups: x-groups }
      upstream_headers: [x-tenant, x-plan]
      client_headers: [www-authenticate, location, x-reason]
";

/// A gateway that asks at `url`, with further keys.
fn stage(url: &str, further: &str) -> Stage {
    let routes = "
  - { name: guarded, paths: [/guarded], service: api, authenticate: [guard] }
  - name: customers
    paths: [/customers]
    service: api
    authenticate: [guard]
    authorize: { any_role: [customer] }
  - { name: either, paths: [/either], service: api, authenticate: [session, guard] }
  - { name: all, paths: [/all], service: api, authenticate: { all: [session, guard] } }
  - { name: keyed, paths: [/keyed], service: api, authenticate: { all: [baked, guard] } }
  - { name: typed, paths: [/typed], service: api, authenticate: { all: [guard, basic] } }
";
    let settings = Settings {
        sections: sections(url, further),
        routes: routes.to_owned(),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

fn sections(url: &str, further: &str) -> String {
    format!(
        "authenticators:
  baked: {{ api_key: {{ header: x-key, cookie: key }} }}
  guard:
    forward:
      url: {url}
{further}"
    )
}

/// A gateway and a service outside that answers every question with this.
fn answering(answer: Vec<u8>, further: &str) -> (Upstream, Stage) {
    let guard = Upstream::answering(move |_| answer.clone());
    let stage = stage(&format!("http://{}/decide?x=1", guard.address), further);
    (guard, stage)
}

#[track_caller]
fn get(stage: &Stage, path: &str) -> Response {
    stage.exchange(&Request::get(path))
}

fn yes(fields: &[(&str, &str)]) -> Vec<u8> {
    answer::with("200 OK", &[&[("X-User", "alice")], fields].concat(), "ignored")
}

#[test]
fn exactly_what_is_listed_goes_out_and_comes_back() {
    let fields = [("X-Tenant", "one"), ("X-Roles", "customer, admin"), ("X-Else", "no")];
    let (guard, stage) = answering(yes(&fields), LISTS);
    let request = Request::post("/customers/a%20b?q=1&r=2")
        .with("Authorization", "Custom abc")
        .with("Cookie", "a=b; symbolon=syms_x; c=d")
        .with("X-Tenant", "spoofed")
        .with("X-Plan", "gold")
        .with("X-Other", "stays here")
        .with("X-Forwarded-For", "192.0.2.9")
        .with("X-Forwarded-Uri", "/public")
        .body(b"secret body");
    stage.exchange(&request).expect(200);
    let question = guard.only_request();
    assert_eq!((question.method(), question.target()), ("GET", "/decide?x=1"));
    let mut rows: Vec<String> = question
        .headers()
        .iter()
        .map(|(name, value)| format!("{}: {value}", name.to_lowercase()))
        .filter(|row| !row.starts_with("host: "))
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            "authorization: Custom abc",
            "cookie: a=b; c=d",
            "user-agent: symbolon",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-host: shop.test",
            "x-forwarded-method: POST",
            "x-forwarded-proto: http",
            "x-forwarded-uri: /customers/a%20b?q=1&r=2",
            "x-tenant: spoofed",
        ]
    );
    assert!(question.message.body.is_empty());
    let request = stage.api.only_request();
    assert_eq!(request.headers().all("x-tenant").collect::<Vec<_>>(), ["one"]);
    // The answer has no `X-Plan`: what the client sent under that name is gone all the same.
    for name in ["x-plan", "x-else", "x-user", "x-roles"] {
        assert!(!request.headers().has(name), "{name}");
    }
    assert_eq!(request.headers().get("x-other"), Some("stays here"));
    assert_eq!(request.message.body, b"secret body");
    let claims = request.claims();
    assert_eq!(
        (&claims["sub"], &claims["roles"]),
        (&json!("guard:alice"), &json!(["customer", "admin"]))
    );
}

#[test]
fn a_header_of_the_list_comes_from_nobody_else_on_any_way_in() {
    // It does not say who it is: that is the session's, and there is one person on the route.
    let principal = "      principal: { subject: x-user, roles: x-roles, groups: x-groups }\n";
    let further =
        LISTS.replace(principal, "").replace("[x-tenant, x-plan]", "[x-tenant, x-plan, x-user]");
    let (_guard, stage) = answering(answer::with("200 OK", &[], ""), &further);
    let mut alice = stage.alice();
    for path in ["/either", "/all"] {
        // The session decides the first alone; the guard is asked for the second.
        for name in ["X-Tenant", "x-tenant", "X-Plan", "X_Plan", "X-User", "X-Roles"] {
            let answer = alice.send(Request::get(path).with(name, "spoofed"));
            assert_eq!(answer.status, 200, "{path} {name}");
            let sent = stage.api.last_request();
            assert!(!format!("{sent:?}").contains("spoofed"), "{path} {name}: {sent:?}");
        }
    }
}

#[test]
fn whatever_is_neither_yes_nor_no_is_a_503() {
    let x_user: (&str, &str) = ("X-User", "alice");
    let rows = [
        ("404", answer::with("404 Not Found", &[x_user], "")),
        ("400", answer::with("400 Bad Request", &[x_user], "")),
        ("407", answer::with("407 Proxy Authentication Required", &[x_user], "")),
        ("429", answer::with("429 Too Many Requests", &[x_user], "")),
        ("500", answer::with("500 Internal Server Error", &[x_user], "")),
        ("502", answer::with("502 Bad Gateway", &[x_user], "")),
        ("nobody", answer::with("200 OK", &[], "")),
        ("empty", answer::with("200 OK", &[("X-User", "")], "")),
        ("two", answer::with("200 OK", &[x_user, ("X-User", "bob")], "")),
        ("tab in the principal", answer::with("200 OK", &[("X-User", "al\tice")], "")),
        ("tab in a header", yes(&[("X-Tenant", "a\tb")])),
        ("carriage return", yes(&[("X-Tenant", "a\rX-User: root")])),
        ("NUL", yes(&[("X-Tenant", "a\0b")])),
        ("huge", answer::with("200 OK", &[x_user], &"x".repeat(100_000))),
        ("to nowhere", answer::with("302 Found", &[], "")),
        ("no HTTP", b"220 mail ESMTP\r\n".to_vec()),
    ];
    for (name, body) in rows {
        let (_guard, stage) = answering(body, LISTS);
        let told = get(&stage, "/guarded");
        assert_eq!((told.status, stage.api.hits()), (503, 0), "{name}");
        assert!(told.header("x-tenant").is_none() && told.header("x-user").is_none(), "{name}");
    }
}

#[test]
fn a_refusal_is_given_with_what_is_listed_and_nothing_else() {
    let no = |status: &str| {
        answer::with(
            status,
            &[
                ("WWW-Authenticate", "Custom realm=\"x\""),
                ("X-Reason", "why"),
                ("X-Secret", "no"),
                ("Location", "https://login.example/?rd=1"),
                ("Content-Type", "text/plain"),
                ("Set-Cookie", "symbolon=evil"),
            ],
            "go away",
        )
    };
    for (line, status) in [("401 Unauthorized", 401), ("403 Forbidden", 403), ("302 Found", 302)] {
        let (_guard, stage) = answering(no(line), LISTS);
        let told = get(&stage, "/guarded").expect(status);
        assert_eq!(told.header("www-authenticate"), Some("Custom realm=\"x\""));
        assert_eq!(told.header("x-reason"), Some("why"));
        assert_eq!(told.header("location"), Some("https://login.example/?rd=1"));
        assert!(!told.headers().has("x-secret") && !told.headers().has("set-cookie"));
        assert!(!told.text().contains("go away"));
        assert_eq!(told.header("cache-control"), Some("no-store"));
        assert_eq!(stage.api.hits(), 0);
    }
    let further = format!("{LISTS}      client_body: true\n");
    let further = further.replace("x-reason]", "x-reason, content-type]");
    let (_guard, stage) = answering(no("403 Forbidden"), &further);
    let told = get(&stage, "/guarded").expect(403);
    assert_eq!((told.text(), told.header("content-type")), ("go away", Some("text/plain")));
    // A service may log people in by a cookie of its own, and never by ours.
    let cookies = [("Location", "/"), ("Set-Cookie", "guard=1"), ("Set-Cookie", "symbolon=evil")];
    let further = LISTS.replace("x-reason]", "x-reason, set-cookie]");
    let (_guard, stage) = answering(answer::with("302 Found", &cookies, ""), &further);
    let told = get(&stage, "/guarded").expect(302);
    assert_eq!(told.headers().all("set-cookie").collect::<Vec<_>>(), ["guard=1"]);
    // A 401 asks for something, whether the service says so or not.
    let (_guard, stage) = answering(answer::with("401 Unauthorized", &[], ""), LISTS);
    let told = get(&stage, "/guarded").expect(401);
    assert!(told.header("www-authenticate").is_some());
    assert_eq!(told.json()["code"], "refused_outside");
}

#[test]
fn a_service_that_says_only_whether_names_nobody() {
    let (guard, stage) = answering(answer::with("204 No Content", &[("X-User", "root")], ""), "");
    get(&stage, "/guarded").expect(200);
    assert_eq!(stage.api.last_request().token(), None);
    // Nobody has no roles, and may show who they are.
    get(&stage, "/customers").expect(401);
    let mut alice = stage.alice();
    assert_eq!(alice.send(Request::get("/all")).status, 200);
    assert_eq!(stage.api.last_request().claims()["sub"], "alice");
    assert_eq!(guard.hits(), 3);
    get(&stage, "/all").expect(401);
}

#[test]
fn tokens_of_our_own_are_shown_to_nobody() {
    let (guard, stage) = answering(yes(&[]), LISTS);
    let alice = stage.alice();
    let own = alice.cookie("symbolon").expect("a session").to_owned();
    let request = Request::get("/guarded")
        .with("Authorization", &format!("Bearer {own}"))
        .with("Cookie", &format!("symbolon={own}; a=b"))
        .with("X-Tenant", &own);
    stage.exchange(&request).expect(200);
    let question = guard.only_request();
    assert!(!format!("{question:?}").contains(&own), "{question:?}");
    assert_eq!(question.headers().get("cookie"), Some("a=b"));
}

#[test]
fn a_yes_is_asked_for_each_time_or_kept_for_the_very_same_question() {
    let (guard, stage) = answering(yes(&[]), LISTS);
    get(&stage, "/guarded").expect(200);
    get(&stage, "/guarded").expect(200);
    assert_eq!(guard.hits(), 2);
    let (guard, stage) = answering(yes(&[]), &format!("{LISTS}      cache: 1m\n"));
    get(&stage, "/guarded").expect(200);
    get(&stage, "/guarded").expect(200);
    assert_eq!(guard.hits(), 1);
    let others = [
        Request::get("/guarded/b"),
        Request::get("/guarded?a=b"),
        Request::post("/guarded").body(b""),
        Request::get("/guarded").with("X-Tenant", "a"),
        Request::get("/guarded").with("Authorization", "Custom b"),
        Request::get("/guarded").with("Cookie", "a=b"),
        Request::get("/guarded").with("Host", "other.test"),
    ];
    for (count, request) in others.iter().enumerate() {
        stage.exchange(request).expect(200);
        assert_eq!(guard.hits(), count + 2, "{request:?}");
    }
    let (guard, stage) =
        answering(answer::with("403 Forbidden", &[], ""), &format!("{LISTS}      cache: 1m\n"));
    get(&stage, "/guarded").expect(403);
    get(&stage, "/guarded").expect(403);
    assert_eq!(guard.hits(), 2, "a no is not kept");
}
