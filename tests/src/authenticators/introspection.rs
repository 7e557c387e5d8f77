//! `introspection`: tokens of somebody else, and servers that answer, lie, hang and are not there.

mod beside;
mod claims;
mod guessed;
mod reached;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::{Received, Upstream, answer};

/// Seconds since 1970, from now on.
#[expect(clippy::disallowed_methods, reason = "tokens end on the wall clock")]
fn from_now(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(now.as_secs()).unwrap() + seconds
}

/// The token that the gateway asked about.
fn token_of(request: &Received) -> String {
    let body = request.message.text();
    body.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap().replace("%2E", ".")
}

/// What a server says of good tokens, with other members.
fn good(changes: &Value) -> String {
    let mut answer = json!({
        "active": true, "sub": "Alice|7", "client_id": "app", "aud": ["shop"],
        "iss": "https://as.example", "exp": from_now(60), "scope": "read write",
        "realm_access": { "roles": ["customer"] },
    });
    for (name, value) in changes.as_object().unwrap() {
        answer[name] = value.clone();
    }
    answer.to_string()
}

fn json_answer(body: &str) -> Vec<u8> {
    answer::with("200 OK", &[("Content-Type", "application/json;charset=UTF-8")], body)
}

/// A gateway with the file of its secret.
struct Scene {
    stage: Stage,
    _folder: TempDir,
}

impl std::ops::Deref for Scene {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

/// A gateway that asks at `url`, with further keys.
fn stage(url: &str, further: &str) -> Scene {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("as.secret"), "s p:w").unwrap();
    let routes = "
  - { name: mine, paths: [/mine], service: api, authenticate: [partner] }
  - name: customers
    paths: [/customers]
    service: api
    authenticate: [partner]
    authorize: { any_role: [customer] }
  - { name: both, paths: [/both], service: api, authenticate: [partner, bearer] }
  - name: admins
    paths: [/admins]
    service: api
    authenticate: [partner]
    authorize: { scopes: [admin] }
";
    let settings = Settings {
        sections: sections(url, &folder, further),
        routes: routes.to_owned(),
        ..Settings::default()
    };
    Scene { stage: Stage::set(&settings, Upstream::plain()), _folder: folder }
}

fn sections(url: &str, folder: &TempDir, further: &str) -> String {
    let folder = folder.path().display();
    format!(
        "authenticators:
  partner:
    introspection:
      url: {url}
      client_id: shop
      client_secret_file: {folder}/as.secret
      issuer: https://as.example
      audience: shop
      claims: {{ roles: realm_access.roles }}
{further}"
    )
}

/// A gateway and a server that answers every question with this.
fn answering(body: Vec<u8>, further: &str) -> (Upstream, Scene) {
    let server = Upstream::answering(move |_| body.clone());
    let stage = stage(&format!("http://{}/introspect", server.address), further);
    (server, stage)
}

#[track_caller]
fn ask(stage: &Stage, path: &str, token: &str) -> Response {
    stage.exchange(&Request::get(path).with("Authorization", &format!("Bearer {token}")))
}

#[test]
fn the_server_is_asked_as_it_should_be_and_the_service_learns_who_it_is() {
    let (server, stage) = answering(json_answer(&good(&json!({ "acr": "mfa" }))), "");
    ask(&stage, "/customers", "a.b-c").expect(200);
    let question = server.only_request();
    assert_eq!((question.method(), question.target()), ("POST", "/introspect"));
    let proof = format!("Basic {}", STANDARD.encode("shop:s%20p%3Aw"));
    assert_eq!(question.headers().get("authorization"), Some(&*proof));
    assert_eq!(question.headers().get("accept"), Some("application/json"));
    assert_eq!(question.message.text(), "token=a.b-c&token_type_hint=access_token");
    let request = stage.api.only_request();
    let claims = request.claims();
    // Another system's names are told apart from ours.
    assert_eq!(claims["sub"], "partner:Alice|7");
    assert_eq!(claims["roles"], json!(["customer"]));
    assert_eq!((&claims["scope"], &claims["acr"]), (&json!("read write"), &json!("mfa")));
    assert!(!format!("{request:?}").contains("a.b-c"), "the service sees the token");
}

#[test]
fn a_kept_answer_is_held_against_each_routes_own_scopes() {
    let (server, stage) = answering(json_answer(&good(&json!({}))), "      cache: 60s\n");
    ask(&stage, "/mine", "kept").expect(200);
    let refused = ask(&stage, "/admins", "kept").expect(403);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("admin"), "{challenge}");
    ask(&stage, "/mine", "kept").expect(200);
    assert_eq!((server.hits(), stage.api.hits()), (1, 2));
}

#[test]
fn only_what_is_good_for_us_gets_in() {
    let rows: &[(Value, u16, &str)] = &[
        (json!({}), 200, ""),
        (json!({ "aud": "shop" }), 200, ""),
        (json!({ "sub": null }), 200, ""),
        (json!({ "exp": null }), 200, ""),
        (json!({ "active": false }), 401, "inactive"),
        (json!({ "exp": from_now(-1) }), 401, "expired"),
        (json!({ "exp": 0 }), 401, "expired"),
        (json!({ "nbf": from_now(3600) }), 401, "not_yet_valid"),
        (json!({ "iss": "https://other.example" }), 401, "issuer"),
        (json!({ "iss": null }), 401, "issuer"),
        (json!({ "aud": "other" }), 401, "audience"),
        (json!({ "aud": [] }), 401, "audience"),
        (json!({ "aud": null }), 503, ""),
        (json!({ "cnf": { "x5t#S256": "x" } }), 401, "bound"),
        (json!({ "sub": null, "client_id": null }), 401, "nobody"),
        // Liars: whoever answers so is not who we think.
        (json!({ "active": "true" }), 503, ""),
        (json!({ "active": 1 }), 503, ""),
        (json!({ "exp": "soon" }), 503, ""),
        (json!({ "sub": ["alice"] }), 503, ""),
        (json!({ "scope": 7 }), 503, ""),
        (json!({ "sub": "alice\r\nx-user: root" }), 503, ""),
    ];
    for (changes, status, code) in rows {
        let (_server, stage) = answering(json_answer(&good(changes)), "");
        let told = ask(&stage, "/mine", "t").expect(*status);
        assert_eq!(stage.api.hits(), usize::from(*status == 200), "{changes}");
        match status {
            200 => {}
            401 => {
                let challenge = "Bearer realm=\"symbolon\", error=\"invalid_token\"";
                assert_eq!(told.header("www-authenticate"), Some(challenge), "{changes}");
                let body = told.json();
                assert_eq!(
                    (&body["authenticator"], &body["reason"]),
                    (&json!("partner"), &json!(code))
                );
            }
            _ => assert!(told.header("www-authenticate").is_none(), "{changes}"),
        }
    }
}

#[test]
fn an_answer_is_believed_for_its_time_and_not_beyond_the_tokens_end() {
    // Good for two seconds, whatever `cache` says.
    let end = from_now(2);
    let body = json_answer(&good(&json!({ "exp": end })));
    let (server, stage) = answering(body, "      cache: 1h\n");
    for _ in 0..10 {
        let told = ask(&stage, "/mine", "t");
        if from_now(0) < end {
            told.expect(200);
        }
    }
    assert_eq!(server.hits(), 1);
    while from_now(0) <= end {
        std::thread::yield_now();
    }
    let told = ask(&stage, "/mine", "t").expect(401);
    assert_eq!(told.json()["reason"], "expired");
    assert_eq!(server.hits(), 2);
    // Another token is another question.
    ask(&stage, "/mine", "u").expect(401);
    assert_eq!(server.hits(), 3);
}

#[test]
fn a_hundred_requests_with_one_token_are_one_question() {
    let server = Upstream::answering(|_| {
        std::thread::sleep(Duration::from_millis(50));
        json_answer(&good(&json!({})))
    });
    let stage = Arc::new(stage(&format!("http://{}/", server.address), ""));
    let asking: Vec<_> = (0..100)
        .map(|_| {
            let stage = Arc::clone(&stage);
            std::thread::spawn(move || ask(&stage, "/mine", "t").status)
        })
        .collect();
    for status in asking {
        assert_eq!(status.join().unwrap(), 200);
    }
    assert_eq!(server.hits(), 1);
}

#[test]
fn what_one_authenticator_knows_the_other_does_not() {
    // Two endpoints, one token: good at one of them, and cached there.
    let yes = Upstream::answering(|_| json_answer(&good(&json!({}))));
    let no = Upstream::answering(|_| json_answer("{\"active\":false}"));
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("as.secret"), "s").unwrap();
    let first = sections(&format!("http://{}/", yes.address), &folder, "");
    let second = sections(&format!("http://{}/", no.address), &folder, "");
    let second = second.replace("authenticators:\n", "").replace("partner:", "other:");
    let third = sections(&format!("http://{}/", yes.address), &folder, "");
    let third = third.replace("authenticators:\n", "").replace("partner:", "wider:");
    let third = third.replace("audience: shop", "audience: other-shop");
    let settings = Settings {
        sections: format!("{first}{second}{third}"),
        routes: "
  - { name: one, paths: [/one], service: api, authenticate: [partner] }
  - { name: two, paths: [/two], service: api, authenticate: [other] }
  - { name: three, paths: [/three], service: api, authenticate: [wider] }
"
        .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    ask(&stage, "/one", "t").expect(200);
    ask(&stage, "/two", "t").expect(401);
    assert_eq!(ask(&stage, "/three", "t").expect(401).json()["reason"], "audience");
    ask(&stage, "/one", "t").expect(200);
}

#[test]
fn tokens_of_our_own_are_shown_to_nobody() {
    let (server, stage) = answering(json_answer(&good(&json!({}))), "");
    let alice = stage.alice();
    let own = alice.cookie("symbolon").expect("a session").to_owned();
    ask(&stage, "/mine", &own).expect(401);
    ask(&stage, "/both", &own).expect(200);
    ask(&stage, "/mine", &Symbolon::new_key()).expect(401);
    // No half of one either.
    ask(&stage, "/mine", &own[..20]).expect(401);
    assert_eq!(server.hits(), 0);
    ask(&stage, "/both", "t").expect(200);
    assert_eq!(server.hits(), 1);
    for bad in ["", "a b", "a\"b", &"x".repeat(9000)] {
        ask(&stage, "/mine", bad).expect(401);
    }
    assert_eq!(server.hits(), 1);
    assert_eq!(stage.exchange(&Request::get("/mine")).expect(401).json()["code"], "no_credentials");
}

#[test]
fn a_token_may_have_a_header_of_its_own_which_the_service_does_not_see() {
    let (server, stage) =
        answering(json_answer(&good(&json!({}))), "      header: X-Partner-Token\n");
    let with = |value| Request::get("/mine").with("x-partner-token", value);
    stage.exchange(&with("opaque")).expect(200);
    assert_eq!(token_of(&server.last_request()), "opaque");
    assert!(!stage.api.last_request().headers().has("x-partner-token"));
    stage.exchange(&with("a").with("X-Partner-Token", "b")).expect(401);
    ask(&stage, "/mine", "t").expect(401);
    assert_eq!(server.hits(), 1);
}
