//! Each rule alone and together with others: who passes, who does not, and by which rule.

use super::scene::Scene;
use crate::harness::http::Request;

/// Roles and groups that bring others.
const SECTIONS: &str = "
roles: { admin: { includes: [customer] }, customer: { includes: [reader] } }
groups: { staff: { roles: [customer] } }";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Nobody,
    /// The role `customer`, by cookie.
    Alice,
    /// The same, by bearer token.
    AliceBearer,
    /// The role `admin`.
    Root,
    /// No role, the group `staff`.
    Sam,
    /// No role and no group.
    Nina,
    /// A machine: role `machine`, group `machines`, scope `orders:read`.
    Robot,
}

use Who::{Alice, AliceBearer, Nina, Nobody, Robot, Root, Sam};

/// Who asks, and what becomes of it.
type Rows = &'static [(Who, u16, &'static str)];

/// What is asked, if anything, who asks, and what becomes of it: the status and the rule.
const TABLE: &[(&str, Rows)] = &[
    ("", &[(Nobody, 401, "none"), (Nina, 200, "no_requirement"), (Robot, 200, "no_requirement")]),
    (
        "{ any_role: [customer] }",
        &[
            (Nobody, 401, "none"),
            (Alice, 200, "any_role"),
            (AliceBearer, 200, "any_role"),
            (Root, 200, "any_role"),
            (Sam, 200, "any_role"),
            (Nina, 403, "any_role"),
            (Robot, 403, "any_role"),
        ],
    ),
    ("{ any_role: [reader] }", &[(Root, 200, "any_role"), (Sam, 200, "any_role")]),
    ("{ any_role: [admin, machine] }", &[(Alice, 403, "any_role"), (Robot, 200, "any_role")]),
    (
        "{ all_roles: [customer, reader] }",
        &[(Alice, 200, "all_roles"), (Sam, 200, "all_roles"), (Nina, 403, "all_roles")],
    ),
    ("{ all_roles: [admin, machine] }", &[(Root, 403, "all_roles"), (Robot, 403, "all_roles")]),
    (
        "{ any_group: [staff, machines] }",
        &[
            (Nobody, 401, "none"),
            (Sam, 200, "any_group"),
            (Robot, 200, "any_group"),
            // A role is no group, and having neither is no reason to be let in.
            (Alice, 403, "any_group"),
            (Nina, 403, "any_group"),
        ],
    ),
    (
        "{ scopes: [\"orders:read\"] }",
        &[(Robot, 200, "scopes"), (Alice, 403, "scopes"), (AliceBearer, 403, "scopes")],
    ),
    ("{ scopes: [\"orders:read\", \"orders:write\"] }", &[(Robot, 403, "scopes")]),
    (
        "{ clients: [robot] }",
        &[(Nobody, 401, "none"), (Robot, 200, "clients"), (Root, 403, "clients")],
    ),
    ("{ clients: [other] }", &[(Robot, 403, "clients")]),
    ("{ sources: [127.0.0.0/8] }", &[(Nobody, 401, "none"), (Nina, 200, "sources")]),
    (
        "{ sources: [192.0.2.0/24], any_role: [customer] }",
        &[(Nobody, 401, "none"), (Alice, 403, "sources"), (Robot, 403, "sources")],
    ),
    ("{ acr: pwd }", &[(Alice, 200, "acr"), (Robot, 401, "acr")]),
    ("{ acr: mfa }", &[(Alice, 401, "acr"), (AliceBearer, 401, "acr")]),
    ("{ max_age: 1h }", &[(Alice, 200, "max_age"), (Robot, 401, "max_age")]),
    (
        "{ any_role: [customer], any_group: [staff], max_age: 1h }",
        &[
            (Sam, 200, "any_role+any_group+max_age"),
            (Alice, 403, "any_group"),
            (Nina, 403, "any_role"),
        ],
    ),
];

#[test]
fn each_rule_lets_in_whom_it_means_and_is_named() {
    let route = |(at, (authorize, _)): (usize, &(&str, Rows))| {
        let authorize = match *authorize {
            "" => String::new(),
            rules => format!(", authorize: {rules}"),
        };
        format!(
            "  - {{ name: r{at}, paths: [/r{at}], service: api, \
             authenticate: [session, bearer, api_key]{authorize} }}"
        )
    };
    let routes = TABLE.iter().enumerate().map(route).collect::<Vec<_>>().join("\n");
    let scene = Scene::new(SECTIONS, &routes, &[]);
    let mut alice = scene.newcomer("alice", &["customer"], &[]);
    let mut root = scene.newcomer("root", &["admin"], &[]);
    let mut sam = scene.newcomer("sam", &[], &["staff"]);
    let mut nina = scene.newcomer("nina", &[], &[]);
    let bearer = format!("Bearer {}", alice.token());
    let mut hits = scene.stage.api.hits();
    for (at, (authorize, rows)) in TABLE.iter().enumerate() {
        for (who, status, rule) in *rows {
            let path = format!("/r{at}/{who:?}").to_lowercase();
            let request = Request::get(&path).with("X-Consumer-Groups", "staff, machines, admin");
            let answer = match who {
                Nobody => scene.stage.exchange(&request),
                Alice => alice.send(request),
                AliceBearer => scene.stage.exchange(&request.with("Authorization", &bearer)),
                Root => root.send(request),
                Sam => sam.send(request),
                Nina => nina.send(request),
                Robot => scene.stage.exchange(&scene.of_robot(request)),
            };
            assert_eq!(answer.status, *status, "{authorize} {who:?}: {answer:?}");
            assert_eq!(scene.rule(&path), *rule, "{authorize} {who:?}");
            hits += usize::from(*status == 200);
            assert_eq!(scene.stage.api.hits(), hits, "{authorize} {who:?}");
            if *status == 200 {
                let received = scene.stage.api.last_request();
                assert!(!received.headers().has("x-consumer-groups"), "{received:?}");
            }
        }
    }
}

#[test]
fn what_is_missing_is_said_in_the_words_of_the_scheme() {
    let scene = Scene::new(
        "",
        "  - name: scoped
    paths: [/scoped]
    service: api
    authenticate: [session, bearer, api_key]
    authorize: { scopes: [\"orders:read\", \"orders:write\"] }",
        &[],
    );
    let mut alice = scene.newcomer("alice", &["customer"], &[]);
    let bearer = format!("Bearer {}", alice.token());
    let answer = scene.stage.exchange(&Request::get("/scoped").with("Authorization", &bearer));
    let answer = answer.expect(403);
    assert_eq!(
        answer.header("www-authenticate"),
        Some(
            "Bearer realm=\"symbolon\", error=\"insufficient_scope\", \
             scope=\"orders:read orders:write\""
        )
    );
    assert_eq!(answer.json()["code"], "insufficient_scope");
    // Neither a cookie nor a key is a token that could have been granted more.
    for answer in
        [alice.get("/scoped"), scene.stage.exchange(&scene.of_robot(Request::get("/scoped")))]
    {
        let answer = answer.expect(403);
        assert_eq!(answer.header("www-authenticate"), None);
        assert_eq!(answer.json()["code"], "forbidden");
    }
}

#[test]
fn nobody_is_told_to_log_in_before_they_are_told_that_they_may_not() {
    let scene = Scene::new(
        "",
        "  - name: perhaps
    paths: [/perhaps]
    service: api
    authenticate: { any: [session, bearer], optional: true }
    authorize: { any_group: [staff] }
  - name: near
    paths: [/near]
    service: api
    authenticate: { any: [session], optional: true }
    authorize: { sources: [192.0.2.0/24] }",
        &[],
    );
    let mut alice = scene.newcomer("alice", &["customer"], &[]);
    let answer = scene.stage.exchange(&Request::get("/perhaps")).expect(401);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{answer:?}");
    let answer = scene.stage.exchange(&Request::get("/perhaps").navigating()).expect(303);
    assert_eq!(answer.header("location"), Some("/auth/login?return_to=/perhaps"));
    alice.get("/perhaps").expect(403);
    // Where somebody comes from is asked of everybody, the unknown included.
    scene.stage.exchange(&Request::get("/near")).expect(403);
    assert_eq!(scene.stage.api.hits(), 0);
}

#[test]
fn a_method_may_ask_for_more_than_another() {
    let scene = Scene::new(
        "roles: { admin: { includes: [customer] } }",
        "  - name: read
    paths: [/things]
    methods: [GET]
    service: api
    authenticate: [session]
    authorize: { any_role: [customer] }
  - name: change
    paths: [/things]
    methods: [POST, DELETE]
    service: api
    authenticate: [session]
    authorize: { any_role: [admin] }",
        &[],
    );
    let mut alice = scene.newcomer("alice", &["customer"], &[]);
    let mut root = scene.newcomer("root", &["admin"], &[]);
    for (method, of_alice, of_root) in [
        ("GET", 200, 200),
        ("HEAD", 200, 200),
        ("POST", 403, 200),
        ("DELETE", 403, 200),
        ("PUT", 405, 405),
    ] {
        let request = || Request::new(method, "/things/1");
        assert_eq!(alice.send(request()).status, of_alice, "{method}");
        assert_eq!(root.send(request()).status, of_root, "{method}");
        let nobody = scene.stage.exchange(&request()).status;
        assert_eq!(nobody, if method == "PUT" { 405 } else { 401 }, "{method}");
    }
}
