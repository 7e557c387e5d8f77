//! Two processes answer: a client that is taken away in one of them is gone in the other, and one
//! that is added is there.

use super::scene::{kept, settings};
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn a_credential_is_added_and_removed_in_both() {
    let settings = Settings {
        routes: "  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key] }"
            .to_owned(),
        ..settings("1m")
    };
    let stage = Stage::replaceable(&settings, Upstream::plain());
    let add = |id: &str| {
        let words = ["client", "credential", "add", "robot", "api-key", "--id", id];
        stage.symbolon.run(&words).trim().to_owned()
    };
    let asking = |key: &str| Request::get("/keyed").with("apikey", key);
    stage.symbolon.run(&["client", "add", "robot"]);
    let (first, second) = (add("first"), add("second"));
    let mut connections: Vec<_> = (0..4).map(|_| kept(&stage)).collect();
    for connection in &mut connections {
        connection.exchange(&asking(&first)).expect(200);
    }
    stage.symbolon.upgrade();
    // The command goes to the new process; the old one answers on the connections that it has, each
    // of them once more.
    stage.symbolon.run(&["client", "credential", "remove", "robot", "first"]);
    let third = add("third");
    let mut old = connections.into_iter();
    let mut ask_old = |key: &str| old.next().unwrap().exchange(&asking(key)).status;
    assert_eq!(ask_old(&first), 401, "removed through the new process");
    assert_eq!(ask_old(&second), 200);
    assert_eq!(ask_old(&third), 200, "added through the new process");
    stage.symbolon.run(&["client", "disable", "robot"]);
    assert_eq!(ask_old(&second), 401, "disabled through the new process");
    for key in [&first, &second, &third] {
        stage.exchange(&asking(key)).expect(401);
    }
    stage.symbolon.run(&["client", "enable", "robot"]);
    stage.exchange(&asking(&first)).expect(401);
    stage.exchange(&asking(&third)).expect(200);
}
