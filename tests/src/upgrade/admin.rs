//! Health, readiness, commands and the service manager while the binary is replaced.

use std::io::Write as _;
use std::os::unix::net::{UnixDatagram, UnixStream};

use super::scene::{Socket, stage};
use crate::harness::http::{Connection, Request};
use crate::harness::patience::PATIENCE;
use crate::harness::stage::Stage;

fn ask(stage: &Stage, target: &str) -> String {
    let request = Request::get(target).with("Host", "localhost");
    let answer = Connection::to(stage.symbolon.admin).exchange(&request);
    format!("{} {}", answer.status, answer.text())
}

#[test]
fn the_admin_listener_and_commands_reach_the_process_that_serves() {
    let stage = stage("1m");
    let alice = stage.alice();
    let held = Socket::open(&stage, &alice);
    assert!(ask(&stage, "/metrics").contains("symbolon_log_ins_total{outcome=\"succeeded\"} 1"));
    stage.symbolon.upgrade();
    for _ in 0..20 {
        assert_eq!(ask(&stage, "/readyz"), "200 ready\n");
    }
    // Its counts begin anew.
    assert!(ask(&stage, "/metrics").contains("symbolon_log_ins_total{outcome=\"succeeded\"} 0"));
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
    drop(held);
    stage.symbolon.wait_until_alone();
    // The replaced process has not taken the socket's file along.
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
    stage.symbolon.run(&["session", "end", "--subject", "alice"]);
    stage.exchange(&alice.dress(Request::get("/api/x"))).expect(401);
}

#[test]
fn a_command_under_way_does_not_take_the_socket_along() {
    let stage = stage("1m");
    stage.alice();
    let path = stage.symbolon.folder().join("data/symbolon.db.sock");
    let mut command = UnixStream::connect(&path).unwrap();
    // The replaced process waits for the rest, and has nothing else to wait for.
    command.write_all(b"\0").unwrap();
    stage.symbolon.upgrade();
    stage.symbolon.wait_until_alone();
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
    // A file that somebody has removed is made anew by the next process.
    std::fs::remove_file(&path).unwrap();
    stage.symbolon.upgrade();
    stage.symbolon.wait_until_alone();
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
}

#[test]
fn the_service_manager_is_told_which_process_is_the_service() {
    let stage = stage("1m");
    let path = stage.symbolon.folder().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let said = || {
        let mut said = [0; 256];
        let length = manager.recv(&mut said).unwrap();
        String::from_utf8_lossy(&said[..length]).into_owned()
    };
    let variable = format!("NOTIFY_SOCKET={}", path.display());
    stage.symbolon.put_script(&format!("{variable} exec BINARY \"$@\""));
    stage.symbolon.upgrade();
    assert_eq!(said(), "READY=1");
    stage.symbolon.upgrade();
    let main = format!("MAINPID={}\nREADY=1", stage.symbolon.serving());
    let mut both = [said(), said()];
    both.sort();
    assert_eq!(both, [main, "READY=1".to_owned()]);
    stage.symbolon.stop_all();
    assert_eq!(said(), "STOPPING=1");
}
