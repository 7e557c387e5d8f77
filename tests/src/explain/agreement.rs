//! Ten thousand requests, each explained first and then sent: what was said is what happens.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::http::{Connection, Request, Response};
use crate::harness::random::Random;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// How many requests.
const COUNT: usize = 10_000;
/// Keys of another system, which tests may know beforehand.
const KEYS: [&str; 3] = ["robot-key-0123456789", "night-key-0123456789", "ended-key-0123456789"];

/// One of each kind of route.
const ROUTES: &str = r#"
  - { name: keys, paths: [/keys], service: api, authenticate: [api_key] }
  - { name: either, paths: [/either], service: api, authenticate: [session, api_key] }
  - { name: both, paths: [/both], service: api, authenticate: { all: [session, api_key] } }
  - name: nested
    paths: [/nested]
    service: api
    authenticate: { any: [session, { all: [basic, api_key] }], optional: true }
  - { name: methods, paths: [/methods], methods: [GET], service: api, authenticate: [bearer] }
  - name: beta
    paths: [/beta]
    headers: { x-beta: { present: true } }
    service: api
    authenticate: none
  - { name: fixed, paths: [/fixed], respond: { status: 204 }, authenticate: [api_key] }
  - { name: moved, paths: [/moved], redirect: { to: /api }, authenticate: none }
  - name: night
    paths: [/night]
    service: api
    authenticate: [session, api_key]
    authorize: { any_group: [night] }
  - name: scoped
    paths: [/scoped]
    service: api
    authenticate: [bearer, api_key]
    authorize: { scopes: ["orders:read"] }
  - name: clients
    paths: [/clients]
    service: api
    authenticate: [session, api_key]
    authorize: { clients: [robot] }
  - name: sources
    paths: [/sources]
    service: api
    authenticate: [session, api_key]
    authorize: { sources: [10.0.0.0/8] }
  - name: stronger
    paths: [/stronger]
    service: api
    authenticate: [session, bearer]
    authorize: { acr: mfa }
  - name: policy
    paths: [/policy]
    service: api
    authenticate: { any: [session, api_key], optional: true }
    authorize: { policy: customers }
  - name: limited
    paths: [/limited]
    service: api
    authenticate: [session, api_key]
    rate_limit: { requests: 40, per: 1h, by: principal }
  - { name: here, hosts: [here.test], paths: [/api], service: api, authenticate: [api_key] }
"#;

const POLICY: &str = r#"
@id("customers-read")
permit (principal in Role::"customer", action == Action::"GET", resource);
"#;

const PATHS: [&str; 19] = [
    "/api",
    "/other",
    "/admin",
    "/maybe",
    "/public",
    "/keys",
    "/either",
    "/both",
    "/nested",
    "/methods",
    "/beta",
    "/fixed",
    "/moved",
    "/night",
    "/scoped",
    "/clients",
    "/sources",
    "/stronger",
    "/policy",
];

/// The scene with everybody in it, and the folder of secrets.
struct Scene {
    stage: Stage,
    tokens: Vec<String>,
    _folder: TempDir,
}

impl Scene {
    fn set() -> Self {
        let folder = TempDir::new().unwrap();
        let place = folder.path().display();
        fs::create_dir(folder.path().join("policies")).unwrap();
        fs::write(folder.path().join("policies/customers.cedar"), POLICY).unwrap();
        for (number, key) in KEYS.iter().enumerate() {
            fs::write(folder.path().join(format!("{number}.key")), key).unwrap();
        }
        fs::write(folder.path().join("robot.pw"), "a password of a machine").unwrap();
        let key = |number| {
            format!("{{ api_key: {{ secret_file: {place}/{number}.key, foreign: true }} }}")
        };
        let sections = format!(
            "
trusted_proxies: [127.0.0.1]
policies: {{ dir: {place}/policies }}
clients:
  robot:
    scopes: [\"orders:read\"]
    credentials:
      - {}
      - {{ basic: {{ username: robot, password_file: {place}/robot.pw }} }}
  night: {{ groups: [night], roles: [customer], credentials: [{}] }}
  ended: {{ enabled: false, credentials: [{}] }}
",
            key(0),
            key(1),
            key(2)
        );
        let settings = Settings { sections, routes: ROUTES.to_owned(), ..Settings::default() };
        let stage = Stage::set(&settings, Upstream::plain());
        let (alice, root) = (stage.alice(), stage.newcomer("root", &["admin"]));
        let mut left = stage.newcomer("bob", &["customer"]);
        let over = left.token().to_owned();
        left.log_out();
        let tokens = vec![
            alice.token().to_owned(),
            root.token().to_owned(),
            over,
            "syms_garbled".to_owned(),
        ];
        Self { stage, tokens, _folder: folder }
    }

    /// A request by chance.
    fn request(&self, random: &mut Random) -> Draft {
        let path =
            if random.below(20) == 0 { "/limited" } else { PATHS[random.below(PATHS.len())] };
        let tail = ["", "/x", "/x?a=1", "?apikey=1", "/%2e%2e/y"]
            [random.below(20) % 5 % (4 + random.below(2))];
        let mut draft = Draft {
            method: ["GET", "GET", "POST", "DELETE"][random.below(4)],
            target: format!("{path}{tail}"),
            headers: Vec::new(),
        };
        draft.with(
            "Host",
            if random.below(20) == 0 { "a b" } else { ["shop.test", "here.test"][random.below(2)] },
        );
        let token = |random: &mut Random| self.tokens[random.below(self.tokens.len())].clone();
        // Each from another address, so that nobody has guessed too often.
        let (net, [a, b]) =
            (["10.1", "192.0"][random.below(2)], [(); 2].map(|()| random.below(256)));
        draft.with("X-Forwarded-For", &format!("{net}.{a}.{b}"));
        if random.below(2) == 0 {
            draft.with("Cookie", &format!("a=1; symbolon={}", token(random)));
        }
        match random.below(8) {
            0 => draft.with("Authorization", &format!("Bearer {}", token(random))),
            // robot:a password of a machine
            1 => draft.with("Authorization", "Basic cm9ib3Q6YSBwYXNzd29yZCBvZiBhIG1hY2hpbmU="),
            2 => draft.with("Authorization", "Basic !"),
            3 => draft.with("Authorization", "Bearer"),
            _ => {}
        }
        match random.below(4) {
            0 => draft.with("apikey", KEYS[random.below(KEYS.len())]),
            1 if random.below(4) == 0 => {
                draft.with("apikey", "nobody's-key-0123456789");
                draft.with("apikey", KEYS[0]);
            }
            1 => draft.with("apikey", ["", "short", "nobody's-key-0123456789"][random.below(3)]),
            _ => {}
        }
        if random.below(3) == 0 {
            draft.with("X-Beta", "1");
        }
        if random.below(3) == 0 {
            draft.with("Sec-Fetch-Mode", "navigate");
            draft.with("Sec-Fetch-Dest", "document");
        }
        if random.below(5) == 0 {
            draft.with("X-Consumer-Username", "root");
        }
        draft
    }
}

/// A request that can be asked about and sent.
#[derive(Debug)]
struct Draft {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
}

impl Draft {
    fn with(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    fn question(&self) -> Value {
        json!({ "method": self.method, "url": self.target, "headers": self.headers })
    }

    fn request(&self) -> Request {
        let request = Request::new(self.method, &self.target);
        self.headers.iter().fold(request, |request, (name, value)| request.with(name, value))
    }
}

#[test]
fn what_was_said_is_what_happens() {
    let scene = Scene::set();
    let stage = &scene.stage;
    let seed = 4;
    let mut random = Random::new(seed);
    let mut admin = Connection::to(stage.symbolon.admin);
    let host = stage.symbolon.admin.to_string();
    let mut gateway = stage.connect();
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..COUNT {
        let draft = scene.request(&mut random);
        let question = Request::post("/v1/explain").with("Host", &host).json(&draft.question());
        let told = admin.exchange(&question).expect(200).json();
        let hits = (stage.api.hits(), stage.other.hits());
        let response = gateway.exchange(&draft.request());
        let hits = (stage.api.hits() - hits.0, stage.other.hits() - hits.1);
        if response.header("connection") == Some("close") {
            gateway = stage.connect();
        }
        let kind = check(stage, &told, &response, hits);
        let kind = kind.unwrap_or_else(|why| panic!("{why}\n{draft:?}\n{told:#}\n{response:?}"));
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{COUNT} requests with seed {seed}: {kinds:?}");
    // Every kind of outcome came about.
    for kind in [
        "forward",
        "answer",
        "no_credentials",
        "bad_credentials",
        "forbidden",
        "log_in",
        "no_route",
        "malformed",
        "rate_limited",
        "method_not_allowed",
        "insufficient_user_authentication",
        "insufficient_scope",
    ] {
        assert!(kinds.contains_key(kind), "{kind} never came about: {kinds:?}");
    }
}

/// What kind of outcome it was, if what was said of it is right.
fn check(
    stage: &Stage,
    told: &Value,
    response: &Response,
    hits: (usize, usize),
) -> Result<String, &'static str> {
    let decision = told["decision"].as_str().unwrap();
    if decision == "forward" {
        let service = match hits {
            (1, 0) => "api",
            (0, 1) => "other",
            _ => return Err("it was not forwarded"),
        };
        if told["service"] != service || response.status != 200 {
            return Err("it was forwarded to somebody else");
        }
        let upstream = if service == "api" { &stage.api } else { &stage.other };
        let request = upstream.last_request();
        let principal = &told["identity"]["principal"];
        let is_same = match request.headers().get("authorization") {
            Some(_) => request.claims()["sub"] == *principal,
            None => principal.is_null(),
        };
        return if is_same { Ok(decision.to_owned()) } else { Err("as somebody else") };
    }
    if hits != (0, 0) {
        return Err("it was forwarded");
    }
    if told["status"] != response.status {
        return Err("another status");
    }
    if decision == "answer" {
        return Ok(decision.to_owned());
    }
    let code = told["code"].as_str().unwrap();
    let is_problem = response.header("content-type") == Some("application/problem+json");
    if is_problem && response.json()["code"] != code {
        return Err("another code");
    }
    if is_problem && response.json()["authenticator"] != told["authenticator"] {
        return Err("the failure of another authenticator");
    }
    Ok(code.to_owned())
}
