//! Somebody who is not slow, and how fast it goes for them.

use std::fmt;

use crate::harness::http::{Connection, Request};
use crate::harness::patience::now;

/// How often is measured.
const ROUNDS: usize = 5;

/// How long answers took, in microseconds: medians of several rounds.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    half: u128,
    most: u128,
    /// The second in the round that was disturbed least.
    least: u128,
}

impl Pace {
    /// Asks one after the other, every tenth time on a new connection; everything is answered.
    pub(crate) fn measure(
        connect: impl Fn() -> Connection,
        kept: &mut Connection,
        requests: usize,
    ) -> Self {
        let round = |_| Self::of_a_round(&connect, kept, requests);
        let mut rounds: Vec<Self> = (0..ROUNDS).map(round).collect();
        rounds.sort_unstable_by_key(|pace| pace.half);
        let half = rounds[ROUNDS / 2].half;
        rounds.sort_unstable_by_key(|pace| pace.most);
        Self { half, most: rounds[ROUNDS / 2].most, least: rounds[0].most }
    }

    fn of_a_round(
        connect: impl Fn() -> Connection,
        kept: &mut Connection,
        requests: usize,
    ) -> Self {
        let request = Request::get("/public/x");
        let mut took: Vec<u128> = (0..requests)
            .map(|number| {
                let began = now();
                if number % 10 == 9 {
                    connect().exchange(&request.clone().with("Connection", "close")).expect(200);
                } else {
                    kept.exchange(&request).expect(200);
                }
                (now() - began).as_micros()
            })
            .collect();
        took.sort_unstable();
        let most = took[requests * 99 / 100];
        Self { half: took[requests / 2], most, least: most }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { half, most, least } = self;
        write!(f, "p50 {half} µs, p99 {most} µs ({least} at best)")
    }
}
