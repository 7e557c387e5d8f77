//! The token of one service is refused by the others, and by everybody once it is altered.

use super::running::Demo;
use crate::harness::http::{Request, exchange};
use crate::harness::upstream::{Received, Upstream, claims_of};

/// A token that the demo's gateway made for a service: a spy takes the service's place by a change
/// of the configuration.
fn token_for(demo: &Demo, name: &str, target: &str) -> String {
    let spy = Upstream::plain();
    let path = demo.configuration();
    let text = std::fs::read_to_string(&path).unwrap();
    let changed = text.replace(&demo.service(name).to_string(), &spy.address.to_string());
    let mut alice = demo.person("alice");
    std::fs::write(&path, changed).unwrap();
    demo.program.signal("HUP");
    let token = crate::harness::patience::eventually("the spy to be asked", || {
        alice.get(target);
        spy.requests().first().and_then(Received::token).map(str::to_owned)
    });
    std::fs::write(&path, text).unwrap();
    demo.program.signal("HUP");
    token
}

#[test]
fn a_token_is_good_for_its_service_only() {
    let demo = Demo::start();
    let (orders, profile, echo) =
        (demo.service("orders"), demo.service("profile"), demo.service("echo"));
    let token = token_for(&demo, "orders", "/orders");
    assert_eq!(claims_of(&token)["aud"], "orders");
    let with = |target: &str, token: &str| {
        Request::get(target).with("Authorization", &format!("Bearer {token}"))
    };
    exchange(orders, &with("/orders", &token)).expect(200);
    exchange(profile, &with("/profile", &token)).expect(401);
    exchange(echo, &with("/echo/x", &token)).expect(401);
    // Nor is it anything outside.
    demo.exchange(&with("/orders", &token)).expect(401);
    demo.exchange(&Request::get("/orders").with("Cookie", &format!("symbolon={token}")))
        .expect(401);

    let parts: Vec<&str> = token.split('.').collect();
    for altered in [
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}x", parts[0], parts[1], parts[2]),
        format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        format!("{}.eyJzdWIiOiJyb290In0.{}", parts[0], parts[2]),
    ] {
        exchange(orders, &with("/orders", &altered)).expect(401);
    }
}
