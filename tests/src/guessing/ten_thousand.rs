//! Ten thousand wrong guesses against one account, from 250 addresses, half of them over the
//! log-in page and half with every request. `SYMBOLON_GUESSES` says how many.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::{basic, hashes, stage};
use crate::harness::html;
use crate::harness::http::{Connection, Request, Response};
use crate::harness::patience::{Over, now};
use crate::harness::settings::ORIGIN;
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::symbolon::PASSWORD;
use crate::harness::visitor::Visitor;

const GUESSES: u64 = 10_000;
const SOURCES: u64 = 250;
/// The first of them.
const GUESSER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Guesses at the same time.
const AT_ONCE: u64 = 16;
/// The most that may be verified: 50 are free, then one in two seconds.
const FREE: u64 = 50;

#[test]
fn of_ten_thousand_guesses_from_everywhere_few_are_verified_and_the_owner_gets_in() {
    let stage = stage();
    let mut owner = stage.alice();
    let browser = Form::of(known_browser(&stage));
    let guesses = number("SYMBOLON_GUESSES", GUESSES);
    let quiet = p99(&stage, 300, &AtomicBool::new(false));
    let before = hashes(&stage);
    let (began, next, refused) = (now(), AtomicU64::new(0), AtomicU64::new(0));
    let is_over = AtomicBool::new(false);
    let (during, owner_waited, moved) = thread::scope(|scope| {
        let _over = Over(&is_over);
        let other_route = scope.spawn(|| p99(&stage, usize::MAX, &is_over));
        let strangers: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    let form = Form::open(&stage);
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= guesses {
                            return;
                        }
                        let status = guess(&stage, &form, number).status;
                        assert!([401, 422, 429, 503].contains(&status), "{status}");
                        refused.fetch_add(u64::from(status == 429), Ordering::Relaxed);
                    }
                })
            })
            .collect();
        // In the middle of it, the owner: with the session, with the password from where it was
        // right before, and in a browser in which it was right before from anywhere else, be it
        // one of the guessers' own addresses.
        while next.load(Ordering::Relaxed) < guesses / 2 {
            owner.get("/api/x").expect(200);
        }
        let began = now();
        stage.visitor().log_in("alice");
        let owner_waited = now() - began;
        let places = [Ipv4Addr::new(127, 0, 2, 1), GUESSER];
        let moved = places.map(|place| gets_in_at_once(&stage, &browser, place));
        assert!(next.load(Ordering::Relaxed) < guesses, "it was over too soon");
        for stranger in strangers {
            stranger.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        (other_route.join().unwrap(), owner_waited, moved)
    });
    let took = now() - began;
    let verified = hashes(&stage) - before;
    let fresh = stranger_gets_in(&stage);
    println!(
        "{guesses} guesses from {SOURCES} addresses in {took:.1?}: {verified} reached the hash, \
         {} were answered 429; the owner logged in after {owner_waited:.1?} in the middle of it, \
         in a known browser after {:.1?} from a new address and {:.1?} from a guesser's, and from a new address {fresh:.1?} after it; p99 of another route {quiet:.1?} before \
         and {during:.1?} meanwhile",
        refused.load(Ordering::Relaxed),
        moved[0],
        moved[1],
    );
    let allowed = FREE + took.as_secs() / 2 + 30;
    assert!(verified <= allowed, "{verified} of at most {allowed}");
    assert!(owner_waited < Duration::from_secs(5), "{owner_waited:?}");
    assert!(fresh < Duration::from_secs(30), "{fresh:?}");
    assert!(during < Duration::from_millis(500), "{during:?}");
    owner.get("/api/x").expect(200);
}

/// A guess, by the one way in or the other.
fn guess(stage: &Stage, form: &Form, number: u64) -> Response {
    let last = u8::try_from(number % SOURCES).unwrap();
    let source = Ipv4Addr::new(127, 0, 0, GUESSER.octets()[3] + last);
    let password = format!("a wrong guess, number {number}");
    let request = if (number / SOURCES).is_multiple_of(2) {
        basic("alice", &password)
    } else {
        form.filled_in("alice", &password)
    };
    let mut connection = Connection::from(source, stage.symbolon.address).unwrap();
    connection.try_exchange(&request).unwrap()
}

/// A log-in form that a program fills in again and again.
struct Form {
    visitor: Visitor,
    fields: Vec<(String, String)>,
}

impl Form {
    fn open(stage: &Stage) -> Self {
        Self::of(stage.visitor())
    }

    fn of(mut visitor: Visitor) -> Self {
        let page = visitor.open("/auth/login").expect(200);
        Self { fields: html::hidden_fields(page.text(), "/auth/login"), visitor }
    }

    fn filled_in(&self, name: &str, password: &str) -> Request {
        let mut fields = self.fields.clone();
        fields.push(("username".to_owned(), name.to_owned()));
        fields.push(("password".to_owned(), password.to_owned()));
        let request = Request::post("/auth/login").navigating().with("Origin", ORIGIN);
        self.visitor.dress(request.form(&fields))
    }
}

/// A browser in which the owner logged in and out again.
fn known_browser(stage: &Stage) -> Visitor {
    let mut visitor = stage.visitor();
    visitor.log_in("alice");
    visitor.log_out();
    visitor
}

/// How long the right password takes from there; the first answer has to be yes.
fn gets_in_at_once(stage: &Stage, form: &Form, source: Ipv4Addr) -> Duration {
    let began = now();
    let mut connection = Connection::from(source, stage.symbolon.address).unwrap();
    connection.exchange(&form.filled_in("alice", PASSWORD)).expect(303);
    now() - began
}

/// How long the right password takes from an address that nobody knows, with the patience that
/// is asked for.
fn stranger_gets_in(stage: &Stage) -> Duration {
    let (began, form) = (now(), Form::open(stage));
    loop {
        let source = Ipv4Addr::new(127, 0, 1, 1);
        let mut connection = Connection::from(source, stage.symbolon.address).unwrap();
        let answer = connection.try_exchange(&form.filled_in("alice", PASSWORD)).unwrap();
        if answer.status == 303 {
            return now() - began;
        }
        assert_eq!(answer.status, 429, "{answer:?}");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        // As long as the answer asks for.
        thread::sleep(Duration::from_secs(wait));
    }
}

/// The 99th percentile of another route, over a connection that is kept.
fn p99(stage: &Stage, most: usize, is_over: &AtomicBool) -> Duration {
    let (mut connection, mut took) = (stage.connect(), Vec::new());
    while took.len() < most && !is_over.load(Ordering::Relaxed) {
        let began = now();
        connection.exchange(&Request::get("/public/x")).expect(200);
        took.push(now() - began);
    }
    took.sort_unstable();
    took.get(took.len() * 99 / 100).or(took.last()).copied().unwrap_or_default()
}
