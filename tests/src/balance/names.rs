//! Targets that are found by their names and change while the gateway runs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::killable::Killable;
use super::name_server::{Mood, NameServer};
use super::scene::{ROUTE, named, wait_for_log};
use crate::harness::certificates::Authority;
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

const ONE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const TWO: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// The gateway with this target, asking this server.
fn stage(server: &NameServer, target: &str) -> Stage {
    stage_with(server, target, "")
}

/// The same with further keys of the service.
fn stage_with(server: &NameServer, target: &str, keys: &str) -> Stage {
    let settings = Settings {
        sections: format!(
            "resolver: {{ servers: [{}], timeout: 200ms, min_ttl: 100ms }}",
            server.address
        ),
        services: format!(
            "  many: {{ targets: [\"{target}\"], timeouts: {{ connect: 5s }}{keys} }}"
        ),
        routes: ROUTE.to_owned(),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

/// Two targets with the same port and different addresses.
fn twins() -> (Upstream, Upstream) {
    let listen = |listener, name: &'static str| {
        Upstream::listening(listener, move |peer| {
            while peer.request().is_some() {
                peer.write(&ok(name));
            }
        })
    };
    let (one, two) = eventually("a port", || {
        let one = TcpListener::bind((ONE, 0)).unwrap();
        let port = one.local_addr().unwrap().port();
        Some((one, TcpListener::bind((TWO, port)).ok()?))
    });
    (listen(one, "one"), listen(two, "two"))
}

fn ask(stage: &Stage) -> String {
    stage.exchange(&Request::get("/many/x")).expect(200).text().to_owned()
}

/// Waits until the service answers only as this target does.
fn wait_until_only(stage: &Stage, name: &str) {
    eventually(name, || (0..4).all(|_| ask(stage) == name).then_some(()));
}

#[test]
fn targets_follow_their_name_without_a_restart() {
    let (server, (one, two)) = (NameServer::start(), twins());
    server.set_host("many.test", &[ONE]);
    let stage = stage(&server, &format!("http://many.test:{}", one.address.port()));
    // The very first request waits for the first answer.
    assert_eq!(ask(&stage), "one");
    server.set_host("many.test", &[TWO]);
    wait_until_only(&stage, "two");
    server.set_host("many.test", &[ONE, TWO]);
    eventually("both", || {
        let before = (one.hits(), two.hits());
        for _ in 0..10 {
            ask(&stage);
        }
        ((one.hits(), two.hits()) == (before.0 + 5, before.1 + 5)).then_some(())
    });
}

#[test]
fn targets_that_are_found_are_checked() {
    let (server, (one, two)) = (NameServer::start(), twins());
    server.set_host("many.test", &[ONE, TWO]);
    let keys = ", health: { path: /healthz, interval: 100ms, expect_status: 204 }";
    let name = format!("http://many.test:{}", one.address.port());
    let stage = stage_with(&server, &name, keys);
    // Neither says 204.
    wait_for_log(&stage, "target is unhealthy", one.address);
    wait_for_log(&stage, "target is unhealthy", two.address);
    server.set_host("many.test", &[ONE]);
    // Nobody checks it any more, and so it is not down.
    wait_for_log(&stage, "target is healthy", two.address);
}

#[test]
fn the_last_known_targets_stay_when_the_name_server_fails() {
    let (server, (one, _)) = (NameServer::start(), twins());
    server.set_host("many.test", &[ONE]);
    let stage = stage(&server, &format!("http://many.test:{}", one.address.port()));
    assert_eq!(ask(&stage), "one");
    for (mood, why) in [
        (Mood::Silent, "no answer in time"),
        (Mood::Failing, "code 2"),
        (Mood::Forgetful, "no addresses"),
    ] {
        server.set_mood(mood);
        stage.symbolon.log().wait_for(why, |line| {
            (line.contains("the last known targets are kept") && line.contains(why)).then_some(())
        });
        assert_eq!(ask(&stage), "one", "{mood:?}");
    }
    server.set_mood(Mood::Honest);
    server.set_host("many.test", &[TWO]);
    wait_until_only(&stage, "two");
}

#[test]
fn a_forged_answer_is_passed_over_and_a_long_one_is_asked_for_over_tcp() {
    for mood in [Mood::Spoofed, Mood::Verbose] {
        let (server, (one, _)) = (NameServer::start(), twins());
        server.set_host("many.test", &[ONE]);
        server.set_mood(mood);
        let stage = stage(&server, &format!("http://many.test:{}", one.address.port()));
        assert_eq!(ask(&stage), "one", "{mood:?}");
        assert_eq!(server.over_tcp() > 0, mood == Mood::Verbose);
    }
}

#[test]
fn a_name_that_was_never_found_concerns_its_own_service_only() {
    let server = NameServer::start();
    server.set_mood(Mood::Silent);
    let stage = stage(&server, "http://many.test:80");
    let mut lost = stage.connect();
    lost.send(&Request::get("/many/x").to_bytes());
    for _ in 0..10 {
        stage.exchange(&Request::get("/public/x")).expect(200);
    }
    assert_eq!(lost.response().expect(502).json()["code"], "bad_gateway");
}

#[test]
fn srv_records_bring_ports_weights_and_priorities() {
    let server = NameServer::start();
    let (light, heavy, spare) = (named("light"), named("heavy"), named("spare"));
    let port = |target: SocketAddr| target.port();
    server.set_host("a.test", &[ONE]);
    let records = [
        (2, 9, port(spare.address), "a.test"),
        (1, 1, port(light.address), "a.test"),
        (1, 3, port(heavy.address), "a.test"),
    ];
    server.set_service("_http._tcp.many.test", &records);
    let stage = stage(&server, "srv://_http._tcp.many.test");
    for _ in 0..20 {
        ask(&stage);
    }
    assert_eq!((light.hits(), heavy.hits(), spare.hits()), (5, 15, 0));
}

#[test]
fn a_lower_priority_takes_over_when_the_higher_is_away() {
    let server = NameServer::start();
    let (mut main, spare) = (Killable::start(), named("spare"));
    server.set_host("a.test", &[ONE]);
    let records = [(1, 1, main.address.port(), "a.test"), (2, 1, spare.address.port(), "a.test")];
    server.set_service("_http._tcp.many.test", &records);
    let stage = stage(&server, "srv://_http._tcp.many.test");
    for _ in 0..5 {
        ask(&stage);
    }
    assert_eq!((main.hits(), spare.hits()), (5, 0));
    main.kill();
    for _ in 0..10 {
        assert_eq!(ask(&stage), "spare");
    }
}

#[test]
fn two_names_at_one_address_are_two_targets_each_verified_as_itself() {
    let (server, files) = (NameServer::start(), tempfile::TempDir::new().unwrap());
    let authority = Authority::new("authority");
    let ca = files.path().join("ca.pem");
    authority.write(&ca);
    let target = Upstream::secured(authority.issue(&["one.test"]).server(), |peer| {
        while peer.request().is_some() {
            peer.write(&ok("one"));
        }
    });
    let port = target.address.port();
    server.set_host("one.test", &[ONE]);
    server.set_host("two.test", &[ONE]);
    let settings = Settings {
        sections: format!("resolver: {{ servers: [{}] }}", server.address),
        services: format!(
            "  many: {{ targets: [\"https://one.test:{port}\", \"https://two.test:{port}\"], \
             tls: {{ ca_file: {} }}, retries: {{ attempts: 0 }}, \
             ejection: {{ consecutive_failures: 0 }}, timeouts: {{ connect: 5s }} }}",
            ca.display()
        ),
        routes: ROUTE.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    // Both names are known once both have been asked for.
    eventually("both names", || {
        let statuses = [0; 2].map(|_| stage.exchange(&Request::get("/many/x")).status);
        (statuses[0] != statuses[1]).then_some(())
    });
    let mut statuses = [0; 10].map(|_| stage.exchange(&Request::get("/many/x")).status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 502, 502, 502, 502, 502]);
}
