//! Headers that a route sets, adds and removes, in both directions.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

const ROUTES: &str = "
  - name: change
    paths: [/change]
    service: api
    authenticate: [session]
    request_headers: { set: { x-set: new }, add: { x-add: two }, remove: [accept-language] }
    response_headers: { set: { x-frame-options: DENY }, add: { x-add: two }, remove: [server] }";

fn stage() -> Stage {
    let api = Upstream::answering(|_| {
        let fields = [("Server", "secret/1.0"), ("X-Frame-Options", "ALLOW"), ("X-Add", "one")];
        answer::with("200 OK", &fields, "{}")
    });
    let settings = Settings { routes: ROUTES.to_owned(), ..Settings::default() };
    Stage::set(&settings, api)
}

#[test]
fn both_directions_are_changed_as_the_route_says() {
    let stage = stage();
    let mut alice = stage.alice();
    let request = Request::get("/change/x")
        .with("X-Set", "old")
        .with("X-Set", "older")
        .with("X-Add", "one")
        .with("Accept-Language", "de");
    let answer = alice.send(request).expect(200);
    let received = stage.api.last_request();
    let sent = |name| received.headers().all(name).collect::<Vec<_>>();
    assert_eq!(sent("x-set"), ["new"]);
    assert_eq!(sent("x-add"), ["one", "two"]);
    assert_eq!(sent("accept-language"), [""; 0]);
    assert_eq!(received.claims()["sub"], "alice", "the token is there as ever");
    assert_eq!(answer.headers().all("x-add").collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("server"), None);
}

#[test]
fn other_routes_and_refusals_are_as_they_were() {
    let stage = stage();
    let answer = stage.exchange(&Request::get("/public/x").with("X-Set", "old")).expect(200);
    assert_eq!(answer.header("server"), Some("secret/1.0"));
    assert_eq!(stage.api.last_request().headers().get("x-set"), Some("old"));
    let refused = stage.exchange(&Request::get("/change/x")).expect(401);
    assert_eq!(refused.header("x-frame-options"), None);
}
