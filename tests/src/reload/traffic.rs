//! Those who go on while the configuration changes under them.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::version::{Seen, Version};
use crate::harness::http::{Connection, Request, Response};
use crate::harness::http2::{Client, request};
use crate::harness::stage::Stage;
use crate::harness::visitor::{COOKIE, Visitor};

/// What everybody knows of the changes.
#[derive(Default)]
pub(super) struct Times {
    /// The newest version that is known to be in force.
    applied: AtomicUsize,
    /// The newest version that was written.
    written: AtomicUsize,
    is_over: AtomicBool,
    served: AtomicUsize,
}

/// One who asks and judges the answers.
pub(super) struct Caller<'a> {
    pub(super) stage: &'a Stage,
    pub(super) times: &'a Times,
    pub(super) alice: Visitor,
}

/// Ends the traffic.
pub(super) struct End<'a>(&'a Times);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
    }
}

impl Times {
    pub(super) fn write(&self, version: Version) {
        self.written.store(version.0, Ordering::SeqCst);
    }

    pub(super) fn apply(&self, version: Version) {
        self.applied.store(version.0, Ordering::SeqCst);
    }

    /// Everybody may go when this is dropped, also where the test has failed.
    pub(super) fn until_dropped(&self) -> End<'_> {
        End(self)
    }

    pub(super) fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    /// Asks until the end; each answer is of a version that was in force meanwhile.
    fn repeat(&self, mut ask: impl FnMut(usize) -> Version) {
        for turn in 0.. {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let first = self.applied.load(Ordering::SeqCst);
            let version = ask(turn);
            let current: RangeInclusive<usize> = first..=self.written.load(Ordering::SeqCst);
            assert!(current.contains(&version.0), "{version:?} while {current:?} were in force");
            self.served.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Caller<'_> {
    fn request(&self, is_logged_in: bool) -> Request {
        let request = Request::get("/flip/x");
        if is_logged_in { self.alice.dress(request) } else { request }
    }

    /// On one connection from the first request to the last.
    pub(super) fn keep_alive(&self, is_logged_in: bool) {
        let mut connection = self.stage.connect();
        let request = self.request(is_logged_in);
        self.times.repeat(|_| version(&connection.exchange(&request), is_logged_in));
    }

    /// On a new connection each time, logged in every other time.
    pub(super) fn anew(&self) {
        self.times.repeat(|turn| {
            let is_logged_in = turn % 2 == 1;
            // The gateway closes, so that ports for the next ones do not run out.
            let request = self.request(is_logged_in).with("Connection", "close");
            let mut connection = self.stage.connect();
            let answer = connection.exchange(&request);
            assert_eq!(connection.rest(), b"");
            version(&answer, is_logged_in)
        });
    }

    /// Streams of one HTTP/2 connection, logged in every other time.
    pub(super) fn http2(&self) {
        let mut client = Client::to(self.stage.symbolon.address);
        let cookie = format!("{COOKIE}={}", self.alice.token());
        self.times.repeat(|turn| {
            let is_logged_in = turn % 2 == 1;
            let mut fields = request("GET", "/flip/x").to_vec();
            if is_logged_in {
                fields.push(("cookie", &cookie));
            }
            let answer = client.send(&fields, "");
            let seen = Seen {
                status: answer.status().unwrap_or_else(|| panic!("{answer:?}")),
                version: answer.header("x-version"),
                policy: answer.header("ratelimit-policy"),
                body: answer.body(),
            };
            seen.version(is_logged_in)
        });
    }
}

/// The version that an answer is of.
#[track_caller]
pub(super) fn version(answer: &Response, is_logged_in: bool) -> Version {
    let seen = Seen {
        status: answer.status.into(),
        version: answer.header("x-version"),
        policy: answer.header("ratelimit-policy"),
        body: answer.text(),
    };
    seen.version(is_logged_in)
}

/// Asks once, and says which version is in force.
pub(super) fn current(connection: &mut Connection, alice: &Visitor) -> Version {
    version(&connection.exchange(&alice.dress(Request::get("/flip/x"))), true)
}
