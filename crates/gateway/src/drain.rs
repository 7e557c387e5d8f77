//! How far the end has come: for another process that has taken over, or for good.

use std::convert::Infallible;

use tokio::sync::{mpsc, watch};

/// The steps, each after the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    #[default]
    Serving,
    /// Another process accepts. Nobody is hung up on who may have a request under way.
    Leaving,
    /// Nobody accepts, and idle connections are closed.
    Ending,
}

/// Held by every worker that accepts.
pub(crate) type Accepting = mpsc::Sender<Infallible>;

/// Tells when none does any more.
pub(crate) type Accepted = mpsc::Receiver<Infallible>;

/// Tells everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drain(watch::Sender<Step>);

/// Hears of it.
#[derive(Clone, Debug)]
pub(crate) struct Draining(watch::Receiver<Step>);

impl Drain {
    pub(crate) fn leave(&self) {
        self.step(Step::Leaving);
    }

    pub(crate) fn end(&self) {
        self.step(Step::Ending);
    }

    pub(crate) fn subscribe(&self) -> Draining {
        Draining(self.0.subscribe())
    }

    fn step(&self, next: Step) {
        self.0.send_if_modified(|step| {
            let is_further = next > *step;
            *step = next.max(*step);
            is_further
        });
    }
}

impl Draining {
    /// Waits until nothing is accepted here any more.
    pub(crate) async fn began(&mut self) {
        self.reached(Step::Leaving).await;
    }

    /// Waits until idle connections are to be closed.
    pub(crate) async fn ended(&mut self) {
        self.reached(Step::Ending).await;
    }

    /// Whether nothing is accepted here any more.
    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow() >= Step::Leaving
    }

    async fn reached(&mut self, step: Step) {
        // An error means that the gateway itself is gone, which is the end as well.
        let _ = self.0.wait_for(|now| *now >= step).await;
    }
}
