//! Routes of every kind, everybody who may ask, and requests by chance.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::http::Request;
use crate::harness::random::Random;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

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
pub(super) struct Scene {
    pub(super) stage: Stage,
    tokens: Vec<String>,
    _folder: TempDir,
}

impl Scene {
    pub(super) fn set() -> Self {
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
    pub(super) fn request(&self, random: &mut Random) -> Draft {
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
pub(super) struct Draft {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
}

impl Draft {
    fn with(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    pub(super) fn question(&self) -> Value {
        json!({ "method": self.method, "url": self.target, "headers": self.headers })
    }

    pub(super) fn request(&self) -> Request {
        let request = Request::new(self.method, &self.target);
        self.headers.iter().fold(request, |request, (name, value)| request.with(name, value))
    }
}
