//! A signature is good once: CVE-2026-39999's neighbour in APISIX was that it was good for ever.

use std::thread;
use std::time::Duration;

use super::scene::{Message, Scene, kong_request};
use crate::harness::http::{Request, exchange};
use crate::harness::patience::{Deadline, eventually};

#[test]
fn the_same_request_again_is_refused_in_every_form() {
    let scene = Scene::new();
    let request = kong_request("GET", "/signed/x", &scene.date(0));
    scene.takes(&request);
    scene.refuses(&request, "signature_replayed");
    // Headers that are not signed change nothing.
    scene.refuses(&request.clone().with("X-Other", "1"), "signature_replayed");
    let parameters = format!(";created={};keyid=\"alice\"", scene.created(0));
    let message = Message::get("/signed/x", &parameters);
    scene.takes(&message.signed(Request::get("/signed/x")));
    scene.refuses(&message.signed(Request::get("/signed/x")), "signature_replayed");
}

#[test]
fn another_signature_over_the_same_is_the_same_use() {
    let scene = Scene::new();
    let parameters = format!(";created={};keyid=\"p256\"", scene.created(0));
    let message = Message::get("/signed/x", &parameters);
    // ECDSA is random: both are good, and neither is the other.
    let [one, two] = [(), ()].map(|()| super::scene::ecdsa(&scene.p256, &message.base));
    assert_ne!(one, two);
    scene.takes(&message.on(Request::get("/signed/x"), &one));
    scene.refuses(&message.on(Request::get("/signed/x"), &two), "signature_replayed");
}

#[test]
fn a_nonce_is_good_once_whatever_else_is_signed() {
    let scene = Scene::new();
    let with = |path: &str, created: u64, nonce: &str| {
        let parameters = format!(";created={created};keyid=\"alice\";nonce=\"{nonce}\"");
        Message::get(path, &parameters).signed(Request::get(path))
    };
    let created = scene.created(0);
    scene.takes(&with("/signed/x", created, "n1"));
    scene.refuses(&with("/signed/y", created, "n1"), "signature_replayed");
    scene.refuses(&with("/signed/x", created - 5, "n1"), "signature_replayed");
    // With another nonce, the same request may be made twice in one second.
    scene.takes(&with("/signed/x", created, "n2"));
}

#[test]
fn one_that_is_not_good_uses_nothing_up() {
    let scene = Scene::new();
    let parameters = format!(";created={};keyid=\"alice\";nonce=\"n\"", scene.created(0));
    let message = Message::get("/signed/x", &parameters);
    scene.refuses(&message.on(Request::get("/signed/x"), &[1; 32]), "signature_mismatch");
    scene.takes(&message.signed(Request::get("/signed/x")));
}

#[test]
fn routes_and_reloads_share_what_was_used() {
    let scene = Scene::new();
    // Signed is only a date, so the same signature fits both routes.
    let date = scene.date(0);
    let on = |path: &str| {
        Request::get(path)
            .with("Date", &date)
            .with("Authorization", &super::scene::kong("date", &format!("date: {date}")))
    };
    scene.takes(&on("/dated/x"));
    scene.refuses(&on("/wide/x"), "signature_replayed");
    let yaml = std::fs::read_to_string(scene.stage.symbolon.config()).unwrap();
    let changed =
        yaml.replace("required_components: [] }", "required_components: [], clock_skew: 50s }");
    assert_ne!(yaml, changed);
    scene.stage.symbolon.write_config(&changed);
    scene.stage.symbolon.program().signal("HUP");
    eventually("the other skew", || {
        let probe = kong_request("GET", "/dated/probe", &scene.date(-55));
        (scene.stage.exchange(&probe).json()["reason"] == "date_out_of_range").then_some(())
    });
    scene.refuses(&on("/dated/x"), "signature_replayed");
}

#[test]
fn a_use_is_remembered_for_as_long_as_any_authenticator_takes_its_date() {
    let scene = Scene::new();
    let date = scene.date(-57);
    let on = |path: &str| {
        Request::get(path)
            .with("Date", &date)
            .with("Authorization", &super::scene::kong("date", &format!("date: {date}")))
    };
    scene.takes(&on("/dated/x"));
    // Too old for the one soon, and then what is over is forgotten while further uses come.
    let deadline = Deadline::after(Duration::from_secs(11));
    let created = scene.created(0);
    for nonce in 0.. {
        let parameters = format!(";created={created};keyid=\"alice\";nonce=\"{nonce}\"");
        let message = Message::get("/signed/x", &parameters);
        scene.stage.exchange(&message.signed(Request::get("/signed/x"))).expect(200);
        if deadline.is_over() {
            break;
        }
    }
    scene.refuses(&on("/dated/x"), "date_out_of_range");
    // For the other it is not.
    scene.refuses(&on("/wide/x"), "signature_replayed");
}

#[test]
fn of_many_at_once_one_gets_through() {
    let scene = Scene::new();
    let request = kong_request("GET", "/signed/x", &scene.date(0));
    let address = scene.stage.symbolon.address;
    let statuses: Vec<u16> = thread::scope(|scope| {
        let asking: Vec<_> =
            (0..16).map(|_| scope.spawn(|| exchange(address, &request).status)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 15, "{statuses:?}");
    assert_eq!(
        scene.stage.api.requests().iter().filter(|one| one.target() == "/signed/x").count(),
        1
    );
}

#[test]
fn where_it_says_so_a_signature_is_good_until_its_date_is_old() {
    let scene = Scene::new();
    let request = kong_request("GET", "/again/x", &scene.date(0));
    scene.takes(&request);
    scene.takes(&request);
}
