//! Identity headers from outside, in every spelling (security.md 5, 2; CVE-2026-39858,
//! CVE-2025-64484).

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Received;

/// Somebody's idea of a token made inside.
pub(crate) const FORGED: &str =
    "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJyb290In0.";

/// Names by which services somewhere know who is asking.
pub(crate) const NAMES: &[&str] = &[
    "X-User",
    "x-user",
    "X-USER",
    "X_User",
    "x_user",
    "X-User-Id",
    "X-Username",
    "X-Remote-User",
    "Remote-User",
    "REMOTE_USER",
    "Remote_User",
    "X-Forwarded-User",
    "X_Forwarded_User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Access-Token",
    "X-Auth-Request-User",
    "X-Authenticated-User",
    "X-Authenticated-Userid",
    "X-Consumer-Username",
    "X-Consumer-ID",
    "X-Credential-Identifier",
    "X-Anonymous-Consumer",
    "X-Email",
    "X-Roles",
    "X-Groups",
    "X-Jwt-Assertion",
    "X-Access-Token",
    "X-Id-Token",
    "X-SSL-Client-S-DN",
    "SSL-Client-Cert",
    "X-Client-Cert",
    "X-WEBAUTH-USER",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "Symbolon-Session",
    "symbolon-session",
    "Symbolon_Session",
    "Symbolon-Principal",
    "X-Symbolon-User",
    "Proxy-Authorization",
    "Authorization_",
    "HTTP_AUTHORIZATION",
];

/// What the forged values contain, whatever else is around it.
pub(crate) const MARK: &str = "intruder";

#[test]
fn no_identity_header_from_outside_reaches_a_service() {
    let stage = Stage::plain();
    for target in ["/public/x", "/maybe/x"] {
        let forged = NAMES.iter().fold(Request::get(target), |request, name| {
            request.with(name, &format!("{MARK} {FORGED}"))
        });
        stage.exchange(&forged).expect(200);
        assert_is_clean(&stage.api.last_request());
    }
}

#[test]
fn the_service_gets_our_token_and_nobody_elses() {
    let stage = Stage::plain();
    let alice = stage.alice();
    for name in NAMES {
        let forged = Request::get("/api/x").with(name, &format!("{MARK} {FORGED}"));
        stage.exchange(&alice.dress(forged)).expect(200);
        let received = stage.api.last_request();
        assert_is_clean(&received);
        assert_eq!(received.claims()["sub"], "alice", "{name}");
    }
}

#[test]
fn a_token_from_outside_opens_nothing() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    let inner = stage.api.only_request().token().unwrap().to_owned();

    for value in [FORGED.to_owned(), format!("Bearer {inner}"), format!("bearer {inner}")] {
        let request = Request::get("/api/x").with("Authorization", &value);
        let answer = stage.exchange(&request).expect(401);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        stage.exchange(&Request::get("/other/x").with("Authorization", &value)).expect(401);
    }
    assert_eq!((stage.api.hits(), stage.other.hits()), (1, 0));
}

#[test]
fn several_authorization_headers_are_worth_none() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let good = format!("Bearer {}", alice.token());
    stage.exchange(&Request::get("/api/x").with("Authorization", &good)).expect(200);

    for second in [good.as_str(), FORGED, "Basic cm9vdDpyb290"] {
        let request = Request::get("/api/x").with("Authorization", &good);
        stage.exchange(&request.with("authorization", second)).expect(401);
    }
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn an_authorization_header_is_not_passed_on_where_nobody_has_to_log_in() {
    let stage = Stage::plain();
    let request = Request::get("/public/x").with("Authorization", "Basic cm9vdDpyb290");
    stage.exchange(&request).expect(200);
    assert_eq!(stage.api.only_request().headers().get("authorization"), None);
}

pub(crate) fn assert_is_clean(received: &Received) {
    for (name, value) in received.headers().iter() {
        assert!(!value.contains(MARK), "{name}: {value}");
        assert!(!name.contains('_'), "{name}: {value}");
    }
}
