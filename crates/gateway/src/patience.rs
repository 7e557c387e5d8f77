//! A deadline that is moved with every request and hardly ever reached.
//!
//! Registering and cancelling a timer for each request costs more than all of its header parsing.
//! So the timer is left where it is, and only when it fires is it asked whether the deadline has
//! moved on meanwhile.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Sleep, Timer};
use tokio::time::Instant;

/// A movable deadline.
#[derive(Debug)]
pub(crate) struct Patience {
    timer: Pin<Box<tokio::time::Sleep>>,
    deadline: Instant,
}

/// Gives hyper such deadlines.
#[derive(Clone, Debug)]
pub(crate) struct PatientTimer;

impl Patience {
    /// Ends at `deadline`.
    pub(crate) fn until(deadline: Instant) -> Self {
        Self { timer: Box::pin(tokio::time::sleep_until(deadline)), deadline }
    }

    /// Ends at another time than before.
    pub(crate) fn move_to(&mut self, deadline: Instant) {
        self.deadline = deadline;
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
    }
}

impl Future for Patience {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let deadline = self.deadline;
            if self.timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(deadline);
        }
    }
}

impl Sleep for Patience {}

impl Timer for PatientTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Patience::until(Instant::now() + duration))
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Patience::until(deadline.into()))
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, new_deadline: std::time::Instant) {
        match sleep.as_mut().downcast_mut_pin::<Patience>() {
            Some(patience) => patience.get_mut().move_to(new_deadline.into()),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_moved_deadline_counts_and_not_the_first() {
        let start = Instant::now();
        let mut patience = Patience::until(start + SECOND);
        patience.move_to(start + 5 * SECOND);
        patience.move_to(start + 3 * SECOND);
        patience.await;
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_can_come_nearer() {
        let start = Instant::now();
        let mut patience = Patience::until(start + 5 * SECOND);
        patience.move_to(start + SECOND);
        patience.await;
        assert_eq!(start.elapsed().as_secs(), 1);
    }
}
