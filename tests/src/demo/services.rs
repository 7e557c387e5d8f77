//! The example services are reachable only through the gateway, by what they demand.

use super::running::Demo;
use crate::harness::http::{Request, exchange};
use crate::harness::patience::eventually;

#[test]
fn nobody_gets_in_past_the_gateway() {
    let demo = Demo::start();
    let alice = demo.person("alice");
    for (name, target) in [("orders", "/orders"), ("profile", "/profile"), ("echo", "/echo/x")] {
        let service = demo.service(name);
        let bearer = format!("Bearer {}", alice.token());
        let forged = "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJyb290In0.";
        for request in [
            Request::get(target),
            Request::get(target).with("X-User", "root"),
            Request::get(target).with("Authorization", &bearer),
            Request::get(target).with("Authorization", forged),
            alice.dress(Request::get(target)),
        ] {
            let answer = exchange(service, &request);
            assert_eq!(answer.status, 401, "{name}: {request:?}");
        }
    }
}

#[test]
fn nothing_is_left_when_the_demo_ends() {
    let mut demo = Demo::start();
    demo.person("alice");
    let services = ["orders", "profile", "echo"].map(|name| demo.service(name));
    demo.program.signal("TERM");
    assert!(demo.program.wait().success());
    for service in services {
        assert!(std::net::TcpStream::connect(service).is_err(), "{service} still listens");
    }
}

#[test]
fn the_services_end_with_a_demo_that_is_killed() {
    let mut demo = Demo::start();
    let services = ["orders", "profile", "echo"].map(|name| demo.service(name));
    demo.program.kill();
    for service in services {
        eventually("the end of a service", || {
            std::net::TcpStream::connect(service).is_err().then_some(())
        });
    }
}
