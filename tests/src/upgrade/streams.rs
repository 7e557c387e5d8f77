//! What is under way when the binary is replaced, and for how long it may go on.

use std::time::Duration;

use super::scene::{Socket, stage};
use crate::harness::patience::now;
use crate::harness::program::lives;

#[test]
fn a_tunnel_goes_on_until_the_grace_is_over() {
    let stage = stage("3s");
    let mut socket = Socket::open(&stage, &stage.alice());
    let asked = now();
    let replaced = stage.symbolon.upgrade();
    while socket.try_say("x") {
        std::thread::sleep(Duration::from_millis(20));
    }
    let lived = asked.elapsed();
    assert!(lived >= Duration::from_secs(3), "cut after {lived:?}");
    stage.symbolon.wait_until_alone();
    assert!(!lives(replaced));
    stage.symbolon.wait_to_say(1, "connections were still open at the end of the drain time");
    // The one that serves has been alone since.
    stage.symbolon.wait_to_say(1, "alone with the store");
    Socket::open(&stage, &stage.again("alice")).say("x");
}
