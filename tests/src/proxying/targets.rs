//! A service with several targets.

use std::net::TcpListener;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn requests_are_spread_over_the_targets_by_weight() {
    let (one, two) = (Upstream::plain(), Upstream::plain());
    let settings = Settings {
        sections: "workers: 1".to_owned(),
        services: format!(
            "  many: {{ targets: [http://{}, {{ url: \"http://{}\", weight: 3 }}] }}",
            one.address, two.address
        ),
        routes: "  - { name: many, paths: [/many], service: many, authenticate: none }".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut connection = stage.connect();
    for number in 0..40 {
        connection.exchange(&Request::get(&format!("/many/{number}"))).expect(200);
    }
    assert_eq!((one.hits(), two.hits()), (10, 30));
}

#[test]
fn a_target_that_is_away_is_passed_over() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let alive = Upstream::plain();
    let settings = Settings {
        services: format!("  many: {{ targets: [http://{}, http://{gone}] }}", alive.address),
        routes: "  - { name: many, paths: [/many], service: many, authenticate: none }".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    for number in 0..10 {
        let request = Request::post(&format!("/many/{number}")).body(b"once");
        stage.exchange(&request).expect(200);
    }
    assert_eq!(alive.hits(), 10);
}

#[test]
fn each_service_gets_a_token_of_its_own() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    alice.get("/other/x").expect(200);
    let (api, other) = (stage.api.only_request(), stage.other.only_request());
    assert_ne!(api.token(), other.token());
    for (received, audience) in [(&api, "api"), (&other, "other")] {
        let claims = received.claims();
        assert_eq!(claims["aud"], audience);
        assert_eq!(claims["iss"], "http://shop.test/auth/internal");
        let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(life, 60);
    }
}
