//! One run: keep-alive connections, no pipelining, in a closed or an open loop.
//!
//! Closed loop: each connection sends its next request as soon as it has the answer.
//! Open loop: requests are due at fixed times; one that is sent late because its connection still
//! waited for an answer is counted from when it was due, so a stall is not hidden.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    task::{JoinSet, yield_now},
    time::{Instant, timeout},
};

use super::{Order, Outcome, connection::Connection};
use crate::workload::CONNECTIONS;

/// How much longer than ordered a run may take before it is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries out an order; an answer other than 200 is an error.
pub(super) async fn carry_out(order: &Order) -> Result<Outcome> {
    let headers = if order.headers.as_os_str().is_empty() {
        String::new()
    } else {
        std::fs::read_to_string(&order.headers).context("cannot read the header lines")?
    };
    let requests: Arc<[Vec<u8>]> = Connection::requests(order.port, &headers).into();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(order.port).await?);
    }

    let started = Instant::now();
    let plan = Arc::new(Plan {
        started,
        until: started + Duration::from_secs_f64(order.seconds),
        interval: (order.rate > 0.0)
            .then(|| Duration::from_secs_f64(f64::from(CONNECTIONS) / order.rate)),
        left: AtomicU64::new(order.requests),
    });
    let awake = tokio::spawn(stay_awake());
    let mut talks = JoinSet::new();
    for (number, connection) in (0..).zip(connections) {
        talks.spawn(converse(number, connection, Arc::clone(&requests), Arc::clone(&plan)));
    }
    let mut microseconds = Vec::new();
    let all = async {
        while let Some(talk) = talks.join_next().await {
            microseconds.extend(talk.context("a connection panicked")??);
        }
        anyhow::Ok(())
    };
    let finished = timeout(Duration::from_secs_f64(order.seconds) + PATIENCE, all).await;
    awake.abort();
    finished.context("an answer did not come")??;
    Ok(Outcome::of(microseconds, started.elapsed()))
}

struct Plan {
    started: Instant,
    until: Instant,
    /// Between two requests of one connection; none in the closed loop.
    interval: Option<Duration>,
    left: AtomicU64,
}

/// Keeps the event loop from sleeping in the kernel: it looks for events and never waits for them.
async fn stay_awake() {
    loop {
        yield_now().await;
    }
}

/// Talks on one connection until the plan is over; returns the microseconds of each answer.
async fn converse(
    number: u32,
    mut connection: Connection,
    requests: Arc<[Vec<u8>]>,
    plan: Arc<Plan>,
) -> Result<Vec<u32>> {
    let mut taken = Vec::new();
    // The connections begin with different header lines and at different times.
    let mut turn = number as usize;
    let mut due = plan.started + plan.interval.unwrap_or_default() * number / CONNECTIONS;
    while let Some(request) = requests.get(turn % requests.len()) {
        let from = match plan.interval {
            None => Instant::now(),
            Some(interval) => {
                let from = wait_until(due).await;
                due += interval;
                from
            }
        };
        if from >= plan.until || !plan.take_one() {
            break;
        }
        connection.ask(request).await?;
        taken.push(u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX));
        turn += CONNECTIONS as usize;
    }
    Ok(taken)
}

/// When the request counts as sent: now if it was waited for, else when it was due.
async fn wait_until(due: Instant) -> Instant {
    if Instant::now() > due {
        return due;
    }
    loop {
        let now = Instant::now();
        if now >= due {
            return now;
        }
        yield_now().await;
    }
}

impl Plan {
    fn take_one(&self) -> bool {
        let one_less = |left: u64| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}
