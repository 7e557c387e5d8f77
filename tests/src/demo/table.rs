//! Each row: who asks for what, and what comes of it.

use serde_json::{Value, json};

use super::running::Demo;
use crate::harness::http::Request;

#[test]
fn the_tour_is_public_and_leads_to_the_log_in() {
    let demo = Demo::start();
    let page = demo.exchange(&Request::get("/").navigating()).expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.text().contains("href=\"/auth/login"), "{}", page.text());
    assert!(page.text().contains("alice"), "{}", page.text());
    let mut alice = demo.person("alice");
    assert!(alice.open("/").expect(200).text().contains("alice"));
}

#[test]
fn orders_are_the_callers_own() {
    let demo = Demo::start();
    demo.exchange(&Request::get("/orders")).expect(401);
    let answer = demo.exchange(&Request::get("/orders").navigating()).expect(303);
    assert_eq!(answer.header("location"), Some("/auth/login?return_to=/orders"));
    let mut alice = demo.person("alice");
    let orders = alice.get("/orders").expect(200);
    assert_eq!(orders.header("content-type"), Some("application/json"));
    assert!(orders.text().contains('['), "no list: {}", orders.text());
    // Root is no customer.
    demo.person("root").get("/orders").expect(403);
}

#[test]
fn the_cart_is_in_the_session() {
    let demo = Demo::start();
    let mut alice = demo.person("alice");
    for sku in ["amphora", "krater"] {
        let answer = alice.send(Request::post("/orders/cart").json(&json!({ "sku": sku })));
        assert!((200..300).contains(&answer.status), "{answer:?}");
        assert_eq!(answer.header("symbolon-session"), None);
    }
    let profile = alice.get("/profile").expect(200).json();
    let cart = claims(&profile)["session"]["cart"].to_string();
    assert!(cart.contains("amphora") && cart.contains("krater"), "{profile}");
    let bad = alice.send(Request::post("/orders/cart").json(&json!({ "no": "sku" })));
    assert!((400..500).contains(&bad.status), "{bad:?}");
}

#[test]
fn two_hundred_parallel_items_are_two_hundred_items() {
    let demo = Demo::start();
    let mut alice = demo.person("alice");
    std::thread::scope(|scope| {
        for number in 0..200 {
            let mut alice = alice.clone();
            let item = json!({ "sku": format!("item-{number:03}") });
            scope.spawn(move || {
                let answer = alice.send(Request::post("/orders/cart").json(&item));
                assert!((200..300).contains(&answer.status), "{answer:?}");
            });
        }
    });
    let profile = alice.get("/profile").expect(200).json();
    let cart = claims(&profile)["session"]["cart"].to_string();
    let missing: Vec<_> =
        (0..200).filter(|number| !cart.contains(&format!("item-{number:03}"))).collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
}

#[test]
fn the_profile_shows_the_claims_of_its_service() {
    let demo = Demo::start();
    let mut alice = demo.person("alice");
    let profile = alice.get("/profile").expect(200);
    let json = profile.json();
    let claims = claims(&json);
    assert_eq!(claims["aud"], "profile", "{json}");
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["iss"], format!("http://{}/auth/internal", demo.address));
    assert_eq!(claims["roles"], json!(["customer"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    assert!(!profile.text().contains("eyJ"), "a token: {}", profile.text());
}

#[test]
fn admin_is_for_root() {
    let demo = Demo::start();
    demo.exchange(&Request::get("/admin")).expect(401);
    demo.person("alice").get("/admin").expect(403);
    let mut root = demo.person("root");
    let answer = root.get("/admin").expect(200);
    assert!(answer.text().contains("root"), "{}", answer.text());
}

#[test]
fn echo_shows_everything_but_the_token() {
    let demo = Demo::start();
    let mut alice = demo.person("alice");
    let cookie = alice.token().to_owned();
    let request = Request::new("PUT", "/echo/a/b?c=d")
        .with("X-User", "root")
        .with("X_User", "root")
        .with("X-Fine", "fine")
        .with("Symbolon-Session", "end")
        .body(b"the body");
    let answer = alice.send(request).expect(200);
    let text = answer.text();
    for part in ["PUT", "/echo/a/b", "c=d", "the body", "x-fine", "fine", "alice"] {
        assert!(text.to_lowercase().contains(part) || text.contains(part), "no `{part}`: {text}");
    }
    for part in ["eyJ", "x-user", "x_user", cookie.as_str()] {
        assert!(!text.contains(part), "`{part}`: {text}");
    }
    let echo = answer.json();
    assert!(echo.to_string().contains("\"aud\":\"echo\""), "{echo}");
}

#[test]
fn the_robot_has_a_key() {
    let demo = Demo::start();
    let with_key = |key: &str| Request::get("/echo/robot").with("apikey", key);
    let answer = demo.exchange(&with_key(&demo.robot_key)).expect(200);
    assert!(answer.text().contains("robot"), "{}", answer.text());
    assert!(!answer.text().contains(&demo.robot_key), "{}", answer.text());
    demo.exchange(&with_key(&format!("{}x", demo.robot_key))).expect(401);
    demo.exchange(&with_key(&demo.robot_key).with("apikey", &demo.robot_key)).expect(401);
    // A key is nobody's session, and no route but those that take keys is open to it.
    demo.exchange(&Request::get("/orders").with("apikey", &demo.robot_key)).expect(401);
    let bearer = format!("Bearer {}", demo.robot_key);
    demo.exchange(&Request::get("/profile").with("Authorization", &bearer)).expect(401);
}

#[test]
fn only_loopback_is_listened_on() {
    let output = std::process::Command::new(crate::harness::surroundings::symbolon())
        .args(["demo", "--port", "0", "--address", "0.0.0.0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(66), "{output:?}");
}

/// The claims in what `/profile` answers, at the top or under `claims`.
fn claims(profile: &Value) -> &Value {
    if profile["claims"].is_object() { &profile["claims"] } else { profile }
}
