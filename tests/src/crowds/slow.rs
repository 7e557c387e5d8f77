//! One test for each kind: it is held, it costs what it may, it hinders nobody, and it is let go.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::ClientConfig;

use super::crowd::{
    LITTLE, MUCH, connections, dribbling, memory_now, service, size, system_memory,
};
use super::kind::{Kind, LARGE, MANY};
use super::many::Many;
use super::pace::Pace;
use crate::harness::http::{Connection, Request};
use crate::harness::patience::eventually;
use crate::harness::settings::{HOST, Settings};
use crate::harness::socket::Socket;
use crate::harness::stage::Stage;
use crate::tls::scene::{Files, listening};

/// One crowd at a time: what is measured is not somebody else's.
static TURN: Mutex<()> = Mutex::new(());
/// What the gateway may take besides, in kB.
const SLACK_KB: u64 = 12 * 1024;
/// How many are waited for until they are let go.
const FEW: usize = 20;
/// How many connect before it is seen to that they are in: fewer than wait to be accepted.
const BATCH: usize = 200;

/// What the service speaks that a client holds, where it holds one.
#[derive(Clone, Copy, Debug)]
enum Behind {
    /// Each has a connection to it.
    Http1,
    /// They share connections.
    Http2,
}

/// The gateway on one worker, which so has all of them.
struct Scene {
    stage: Stage,
    tls: Arc<ClientConfig>,
    kind: Kind,
    /// What clients ask for.
    path: &'static str,
    /// Certificates, where there are any.
    _files: Option<Files>,
}

impl Scene {
    fn of(kind: Kind, behind: Behind, limits: &str, written: usize) -> Self {
        let files = Files::new();
        let tls = Arc::new(files.authority.client(None));
        let plain = if kind.is_over_tls() { listening("") } else { Settings::default() };
        let many = Many::start(if kind.asks_for_much() { written } else { 0 });
        let settings = Settings {
            sections: format!("workers: 1\naccess_log: off\nlimits: {{ {limits} }}"),
            services: many.service(),
            routes: format!(
                "  - {{ name: m, paths: [{MANY}], service: many, authenticate: none }}"
            ),
            ..plain
        };
        let path = match behind {
            Behind::Http1 if kind.asks_for_much() => LARGE,
            Behind::Http1 => "/public/x",
            Behind::Http2 => MANY,
        };
        let service = service(written);
        if kind.is_over_tls() {
            let scene = files.start(settings, service);
            return Self { stage: scene.stage, tls, kind, path, _files: Some(scene.files) };
        }
        Self { stage: Stage::set(&settings, service), tls, kind, path, _files: None }
    }

    /// The way of somebody who is not slow.
    fn connect(&self) -> Connection {
        let connection = self.stage.connect();
        if !self.kind.is_over_tls() {
            return connection;
        }
        let stream = connection.stream().try_clone().unwrap();
        Connection::over(Socket::client(stream, HOST, Arc::clone(&self.tls)).unwrap())
    }

    /// Somebody slow.
    fn begin(&self) -> Socket {
        self.kind.begin(self.stage.symbolon.address, &self.tls, self.path).unwrap()
    }

    /// Opens connections until there are so many besides the one of somebody who is not slow, which are accepted before there are many more.
    fn gather(&self, size: usize) -> Vec<Socket> {
        let mut crowd = Vec::with_capacity(size);
        for number in 1..=size {
            crowd.push(self.begin());
            if number % BATCH == 0 || number == size {
                let is_in = || (connections(&self.stage) > number).then_some(());
                eventually("all to be accepted", is_in);
            }
        }
        crowd
    }
}

fn crowd(kind: Kind) {
    let _turn = TURN.lock();
    if kind.holds_a_service() {
        is_borne(kind, Behind::Http1, size(2));
        is_borne(kind, Behind::Http2, size(1));
    } else {
        is_borne(kind, Behind::Http1, size(1));
    }
    is_let_go(kind);
}

/// As many as there are, with all the time in the world.
fn is_borne(kind: Kind, behind: Behind, size: usize) {
    let limits = "connections: 20000, head_timeout: 1h, body_timeout: 1h";
    let scene = Scene::of(kind, behind, limits, LITTLE);
    let stage = &scene.stage;
    let requests = if size > 1_000 { 2_000 } else { 100 };
    let mut normal = scene.connect();
    for _ in 0..2 * requests {
        normal.exchange(&Request::get("/public/x")).expect(200);
    }
    let mut pace = || Pace::measure(|| scene.connect(), &mut normal, requests);
    let alone = pace();
    let (before, system) = (memory_now(stage), system_memory());
    let mut crowd = scene.gather(size);
    let beside = if kind.dribbles() { dribbling(&mut crowd, pace) } else { pace() };
    let grown = stage.symbolon.program().memory_kb("VmHWM").saturating_sub(before);
    let system = system_memory().saturating_sub(system);
    assert!(connections(stage) > size, "some are gone: {}", connections(stage));
    let each = |kb: u64| kb * 1024 / size as u64;
    println!(
        "{kind:?}, {behind:?}: {size} clients; alone {alone}; beside them {beside}; {} bytes each, and {} in \
         the system, both sides",
        each(grown),
        each(system)
    );
    let most = SLACK_KB + size as u64 * kind.most() / 1024;
    assert!(grown < most, "{size} of {kind:?} made {before} kB grow by {grown} kB");
}

/// A few, whose time is soon over.
fn is_let_go(kind: Kind) {
    let limits = "head_timeout: 1s, body_timeout: 1s";
    let scene = Scene::of(kind, Behind::Http1, limits, MUCH);
    let mut crowd: Vec<Socket> = (0..FEW).map(|_| scene.begin()).collect();
    let all_gone = || eventually("the end", || (connections(&scene.stage) == 0).then_some(()));
    if kind == Kind::Head {
        // The time is that for a head, and a byte now and then does not make it longer.
        dribbling(&mut crowd, all_gone);
    } else {
        all_gone();
    }
    drop(crowd);
}

#[test]
fn a_crowd_that_keeps_its_connections() {
    crowd(Kind::Idle);
}

#[test]
fn a_crowd_that_keeps_its_connections_over_tls() {
    crowd(Kind::IdleTls);
}

#[test]
fn a_crowd_that_keeps_its_connections_over_http2() {
    crowd(Kind::IdleHttp2);
}

#[test]
fn a_crowd_that_sends_its_heads_byte_by_byte() {
    crowd(Kind::Head);
}

#[test]
fn a_crowd_that_sends_its_bodies_byte_by_byte() {
    crowd(Kind::Body);
}

#[test]
fn a_crowd_that_does_not_read_its_answers() {
    crowd(Kind::Unread);
}

#[test]
fn a_crowd_that_does_not_read_its_answers_over_tls() {
    crowd(Kind::UnreadTls);
}

#[test]
fn a_crowd_that_never_opens_its_windows() {
    crowd(Kind::Window);
}
