//! Requests that belong together go to the same target.

use std::collections::HashSet;

use super::killable::Killable;
use super::scene::{named, settings, stage};
use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn ask(stage: &Stage, tenant: &str) -> String {
    let request = Request::get("/many/x").with("X-Tenant", tenant);
    stage.exchange(&request).expect(200).text().to_owned()
}

#[test]
fn a_header_chooses_the_target_and_hardly_moves_when_targets_change() {
    let targets = [named("a"), named("b"), named("c")];
    let addresses = targets.each_ref().map(|target| target.address);
    let keys = ", balance: { consistent_hash: { header: x-tenant } }";
    let stage = Stage::set(&settings(&addresses, keys), Upstream::plain());
    let tenants: Vec<_> = (0..40).map(|number| format!("tenant-{number}")).collect();
    let before: Vec<_> = tenants.iter().map(|tenant| ask(&stage, tenant)).collect();
    let again: Vec<_> = tenants.iter().map(|tenant| ask(&stage, tenant)).collect();
    assert_eq!(again, before);
    assert_eq!(before.iter().collect::<HashSet<_>>().len(), 3, "{before:?}");
    // The service itself must not take the word of a stranger for a tenant.
    assert!(!targets[0].last_request().headers().has("x-tenant"));

    let fewer = settings(&addresses[..2], keys).yaml(stage.api.address, stage.other.address);
    stage.symbolon.write_config(&fewer);
    stage
        .symbolon
        .log()
        .wait_for("the reload", |line| line.contains("configuration reloaded").then_some(()));
    for (tenant, before) in tenants.iter().zip(&before) {
        let now = ask(&stage, tenant);
        assert!(now == *before || (before == "c" && now != "c"), "{tenant}: {before} to {now}");
    }
}

#[test]
fn a_header_that_tells_another_service_who_calls_can_be_hashed_all_the_same() {
    let targets = [named("a"), named("b"), named("c")];
    let keys = ", balance: { consistent_hash: { header: shop-user } }";
    let mut settings = settings(&targets.each_ref().map(|target| target.address), keys);
    settings.services.push_str(
        "\n  told: { targets: [http://127.0.0.1:1], identity_headers: { shop-user: sub } }",
    );
    let stage = Stage::set(&settings, Upstream::plain());
    let ask = |user: &str| {
        let request = Request::get("/many/x").with("Shop-User", user);
        stage.exchange(&request).expect(200).text().to_owned()
    };
    for number in 0..10 {
        let user = format!("user-{number}");
        let first = ask(&user);
        assert!((0..5).all(|_| ask(&user) == first), "{user} does not stay");
    }
    let told =
        targets.iter().flat_map(Upstream::requests).any(|one| one.headers().has("shop-user"));
    assert!(!told, "a stranger's word reached a service");
}

#[test]
fn where_the_header_is_missing_targets_take_turns() {
    let targets = [named("a"), named("b")];
    let keys = ", balance: { consistent_hash: { header: x-tenant } }";
    let stage = stage(&[&targets[0], &targets[1]], keys);
    for _ in 0..10 {
        stage.exchange(&Request::get("/many/x")).expect(200);
    }
    assert_eq!(targets.each_ref().map(Upstream::hits), [5, 5]);
}

#[test]
fn a_principal_keeps_its_target() {
    let targets = [named("a"), named("b"), named("c")];
    let addresses = targets.each_ref().map(|target| target.address);
    let keys = ", balance: { consistent_hash: { principal: true } }";
    let settings = Settings {
        routes: "  - { name: many, paths: [/many], service: many, authenticate: [session] }"
            .to_owned(),
        ..settings(&addresses, keys)
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut seen = HashSet::new();
    let mut alice = stage.alice();
    for _ in 0..5 {
        seen.insert(alice.get("/many/x").expect(200).text().to_owned());
    }
    // Another session of the same person as well.
    let mut elsewhere = stage.visitor();
    elsewhere.log_in("alice");
    seen.insert(elsewhere.get("/many/x").expect(200).text().to_owned());
    assert_eq!(seen.len(), 1, "{seen:?}");
}

const STICKY: &str = ", balance: { sticky: { cookie: node } }";

/// The line and the value of the sticky cookie.
#[track_caller]
fn cookie(answer: &Response) -> (&str, &str) {
    let line = answer.set_cookie("node").expect("a sticky cookie");
    let value = line.strip_prefix("node=").unwrap().split(';').next().unwrap();
    (line, value)
}

#[test]
fn a_sticky_cookie_keeps_its_bearer_with_one_target_and_does_not_name_it() {
    let targets = [named("a"), named("b"), named("c")];
    let stage = stage(&[&targets[0], &targets[1], &targets[2]], STICKY);
    let mut values = HashSet::new();
    for _ in 0..3 {
        let first = stage.exchange(&Request::get("/many/x")).expect(200);
        let (line, value) = cookie(&first);
        assert!(line.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{line}");
        for target in &targets {
            let port = target.address.port().to_string();
            assert!(!value.contains(&port) && !value.contains("127"), "{value}");
        }
        assert_eq!(value.len(), 22, "{value}");
        for _ in 0..5 {
            let request = Request::get("/many/x").with("Cookie", &format!("a=b; node={value}"));
            let answer = stage.exchange(&request).expect(200);
            assert_eq!(answer.text(), first.text());
            assert_eq!(answer.set_cookie("node"), None);
        }
        values.insert(value.to_owned());
    }
    assert_eq!(values.len(), 3, "{values:?}");
    // What nobody gave out is replaced.
    let forged = Request::get("/many/x").with("Cookie", "node=AAAAAAAAAAAAAAAAAAAAAA");
    let answer = stage.exchange(&forged).expect(200);
    assert!(values.contains(cookie(&answer).1));
}

#[test]
fn when_the_target_is_away_another_takes_over_and_says_so() {
    let mut targets = [Killable::start(), Killable::start()];
    let addresses = targets.each_ref().map(|target| target.address);
    let stage = Stage::set(&settings(&addresses, STICKY), Upstream::plain());
    let first = stage.exchange(&Request::get("/many/x")).expect(200);
    let value = cookie(&first).1.to_owned();
    let at = targets.iter().position(|target| target.hits() == 1).unwrap();
    targets[at].kill();
    let request = Request::get("/many/x").with("Cookie", &format!("node={value}"));
    let answer = stage.exchange(&request).expect(200);
    assert_ne!(cookie(&answer).1, value);
    assert_eq!(targets[1 - at].hits(), 1);
}
