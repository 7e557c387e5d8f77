//! One run: clients that ask one thing at a time, in a closed or an open loop.
//!
//! Closed loop: each client sends its next request as soon as it has the answer.
//! Open loop: requests are due at fixed times; one that is sent late because its client still
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

use super::{Load, Order, Outcome, client::Client, clients, clients::Held};

/// How much longer than ordered a run may take before it is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries out an order; an answer other than the right one is an error. Connections that are to
/// be held outlive the order.
pub(super) async fn carry_out(order: &Order, held: &mut Held) -> Result<Outcome> {
    match order.load {
        Load::Requests => run(order, clients::requests(order).await?).await,
        Load::SignedKong | Load::SignedMessage => run(order, clients::signed(order).await?).await,
        Load::TlsRequests => run(order, clients::tls_requests(order).await?).await,
        Load::FullHandshakes | Load::ResumedHandshakes => {
            run(order, clients::handshakes(order).await?).await
        }
        Load::Http2 | Load::Http2Tls => run(order, super::http2::open(order).await?).await,
        Load::Messages => run(order, clients::messages(order).await?).await,
        Load::Download | Load::Upload => run(order, clients::bodies(order).await?).await,
        Load::Hold => clients::hold(order, held).await,
    }
}

async fn run<C: Client>(order: &Order, clients: Vec<C>) -> Result<Outcome> {
    let count = u32::try_from(clients.len()).context("too many clients")?;
    let started = Instant::now();
    let plan = Arc::new(Plan {
        started,
        until: started + Duration::from_secs_f64(order.seconds),
        clients: count,
        interval: (order.rate > 0.0)
            .then(|| Duration::from_secs_f64(f64::from(count) / order.rate)),
        left: AtomicU64::new(order.requests),
    });
    let awake = tokio::spawn(stay_awake());
    let mut talks = JoinSet::new();
    for (number, client) in (0..).zip(clients) {
        talks.spawn(converse(number, client, Arc::clone(&plan)));
    }
    let mut microseconds = Vec::new();
    let all = async {
        while let Some(talk) = talks.join_next().await {
            microseconds.extend(talk.context("a client panicked")??);
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
    clients: u32,
    /// Between two requests of one client; none in the closed loop.
    interval: Option<Duration>,
    left: AtomicU64,
}

/// Keeps the event loop from sleeping in the kernel: it looks for events and never waits for them.
async fn stay_awake() {
    loop {
        yield_now().await;
    }
}

/// Asks until the plan is over; returns the microseconds of each answer.
async fn converse<C: Client>(number: u32, mut client: C, plan: Arc<Plan>) -> Result<Vec<u32>> {
    let mut taken = Vec::new();
    // The clients begin with different requests and at different times.
    let mut turn = number as usize;
    let mut due = plan.started + plan.interval.unwrap_or_default() * number / plan.clients;
    loop {
        let from = match plan.interval {
            None => Instant::now(),
            Some(interval) => {
                let from = wait_until(due).await;
                due += interval;
                from
            }
        };
        if from >= plan.until || !plan.take_one() {
            return Ok(taken);
        }
        client.ask(turn).await?;
        taken.push(u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX));
        turn += plan.clients as usize;
    }
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
