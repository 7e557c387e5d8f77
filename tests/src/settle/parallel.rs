//! Parallel changes of one session: none is lost.

use std::thread;

use serde_json::json;

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{changing_session, patch};

#[test]
fn two_hundred_parallel_patches_leave_two_hundred_items() {
    let api = Upstream::answering(|request| {
        let item = request.target().rsplit('/').next().unwrap().to_owned();
        changing_session(&patch(&json!({ "cart": { item: true } })))
    });
    let stage = Stage::with(api);
    let mut alice = stage.alice();
    thread::scope(|scope| {
        for number in 0..200 {
            let mut alice = alice.clone();
            scope.spawn(move || alice.send(Request::get(&format!("/api/{number}"))).expect(200));
        }
    });
    alice.get("/other/x").expect(200);
    let claims = stage.other.last_request().claims();
    let cart = claims["session"]["cart"].as_object().unwrap();
    let missing: Vec<_> =
        (0..200).filter(|number| !cart.contains_key(&number.to_string())).collect();
    assert!(missing.is_empty(), "{} lost: {missing:?}", missing.len());
}
