//! A session ends by itself: when nobody uses it, and in the end even when somebody does.

use std::time::Duration;

use crate::harness::patience::{eventually, now};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn limited(sessions: &str) -> Stage {
    let sections = format!("sessions: {{ {sessions} }}");
    Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain())
}

#[test]
fn a_session_that_is_not_used_ends() {
    let stage = limited("idle_timeout: 2s");
    let mut busy = stage.alice();
    let mut idle = stage.visitor();
    idle.log_in("alice");
    let idle_since = now();
    // The busy one outlives the idle timeout by being asked again and again.
    while now() - idle_since < Duration::from_millis(2_500) {
        busy.get("/api/x").expect(200);
        std::thread::sleep(Duration::from_millis(50));
    }
    idle.get("/api/x").expect(401);
    busy.get("/api/x").expect(200);
}

#[test]
fn a_session_that_is_used_ends_as_well() {
    let stage = limited("idle_timeout: 2s, absolute_timeout: 2s");
    let mut alice = stage.alice();
    let began = now();
    eventually("the end of the session", || (alice.get("/api/x").status == 401).then_some(()));
    let lived = now() - began;
    assert!(lived < Duration::from_secs(4), "it lived for {lived:?}");
    assert!(lived > Duration::from_millis(1_500), "it lived for {lived:?} only");
}
