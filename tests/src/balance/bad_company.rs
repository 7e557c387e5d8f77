//! Services that hang, reset, lie or dawdle under load, on the one worker that another service has
//! as well: that one is served as if they were not there, and has bounds of its own.
//!
//! `SYMBOLON_STUCK` says how many requests hang all the while (4,000 for the record). Times are
//! told, not judged.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::crowds::pace::Pace;
use crate::harness::http::{Connection, Request};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::upstream::{Peer, Upstream};

/// How many hang unless somebody wants to know more.
const STUCK: u64 = 100;
/// How long each of those pauses who ask bad services.
const PAUSE: Duration = Duration::from_millis(20);
/// How many at most may be under way at the service that is full.
const PLACES: usize = 2;

/// How a service behaves, and which statuses its callers may see; 0 is an answer that breaks off.
struct Manner {
    name: &'static str,
    behave: fn(&mut Peer),
    statuses: &'static [u16],
}

const MANNERS: [Manner; 6] = [
    Manner { name: "resets", behave: Peer::reset_all, statuses: &[502] },
    Manner { name: "shortens", behave: |peer| peer.say(SHORT), statuses: &[0] },
    Manner { name: "contradicts", behave: |peer| peer.say(TWO_LENGTHS), statuses: &[502] },
    Manner {
        name: "babbles",
        behave: |peer| peer.say("\u{1}\u{2} nothing sensible"),
        statuses: &[502],
    },
    Manner { name: "has no end", behave: endless_head, statuses: &[502] },
    Manner { name: "dawdles", behave: dawdle, statuses: &[0, 504] },
];

const SHORT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort";
const TWO_LENGTHS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello";

impl Peer {
    fn reset_all(&mut self) {
        self.reset();
    }

    fn say(&mut self, text: &str) {
        self.write(text.as_bytes());
    }
}

fn endless_head(peer: &mut Peer) {
    peer.say("HTTP/1.1 200 OK\r\n");
    for _ in 0..10_000 {
        peer.say("X-More: 0123456789012345678901234567890123456789\r\n");
    }
}

/// Begins, and has no more to say than that within any time that is given.
fn dawdle(peer: &mut Peer) {
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nwell,");
    peer.wait_until_closed();
}

fn misbehaving(manner: &'static Manner) -> Upstream {
    Upstream::forgetful(|peer| {
        if peer.request().is_some() {
            (manner.behave)(peer);
        }
    })
}

fn hanging() -> Upstream {
    Upstream::forgetful(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    })
}

#[test]
fn nobody_is_worse_off_for_the_company_of_bad_services() {
    let stuck = usize::try_from(number("SYMBOLON_STUCK", STUCK)).unwrap();
    let (hanging, full) = (hanging(), hanging());
    let bad: Vec<Upstream> = MANNERS.iter().map(misbehaving).collect();
    let mut services = format!(
        "  hanging: {{ targets: [http://{}], timeouts: {{ response: 1h }}, \
         breaker: {{ max_requests: 20000, max_connections: 20000 }} }}\n  \
         full: {{ targets: [http://{}], breaker: {{ max_requests: {PLACES} }} }}\n",
        hanging.address, full.address
    );
    let mut routes = ["hanging", "full"].map(route).concat();
    for (number, service) in bad.iter().enumerate() {
        let (name, address) = (format!("bad-{number}"), service.address);
        services.extend([
            format!("  {name}: {{ targets: [http://{address}], "),
            "timeouts: { idle: 1s } }\n".to_owned(),
        ]);
        routes += &route(&name);
    }
    let sections = "workers: 1\naccess_log: off".to_owned();
    // The good one has no more places than the one that is full.
    let api = format!(", breaker: {{ max_requests: {PLACES} }}");
    let settings = Settings { sections, api, services, routes, ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    let requests = if stuck > 1_000 { 2_000 } else { 100 };
    let mut normal = stage.connect();
    let mut pace = || Pace::measure(|| stage.connect(), &mut normal, requests);
    let _warm = pace();
    let alone = pace();

    let hang = |path: &str| -> Connection {
        let mut connection = stage.connect();
        connection.send(&Request::get(path).to_bytes());
        connection
    };
    let mut crowd = Vec::with_capacity(stuck);
    for number in 1..=stuck {
        crowd.push(hang("/hanging"));
        // No more at once than wait to be accepted by the service.
        if number % 50 == 0 || number == stuck {
            hanging.wait_for_hits(number);
        }
    }
    let _full: Vec<Connection> = (0..PLACES).map(|_| hang("/full")).collect();
    full.wait_for_hits(PLACES);
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let beside = thread::scope(|scope| {
        for (number, manner) in MANNERS.iter().enumerate() {
            let (stage, is_over, asked) = (&stage, &is_over, &asked);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let request = Request::get(&format!("/bad-{number}"));
                    let answer = stage.connect().try_exchange(&request);
                    let status = answer.map_or(0, |answer| answer.status);
                    let Manner { name, statuses, .. } = manner;
                    assert!(statuses.contains(&status), "one that {name}: {status}");
                    let refused = stage.exchange(&Request::get("/full")).expect(503);
                    assert_eq!(refused.json()["code"], "overloaded");
                    asked.fetch_add(1, Ordering::Relaxed);
                    // Nothing is waited for: without a pause this would measure the machine.
                    thread::sleep(PAUSE);
                }
            });
        }
        let _over = Over(&is_over);
        pace()
    });
    println!("{stuck} stuck; alone {alone}; beside them {beside}; {asked:?} bad answers");
    assert!(asked.into_inner() > MANNERS.len());
}

fn route(name: &str) -> String {
    format!("  - {{ name: {name}, paths: [/{name}], service: {name}, authenticate: none }}\n")
}

/// Ends the load, also where the test has failed.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
