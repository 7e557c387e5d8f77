//! The thread beside the workers that looks after targets, however busy the workers are: health
//! checks and names. It is started by the first configuration that needs it.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use super::Balancer;
use super::health::Check;
use super::names::LookUp;

/// All services of a configuration.
type Balancers = Arc<[Arc<Balancer>]>;

/// Gives work to the thread; it ends when this is dropped.
#[derive(Default)]
pub(crate) struct Overseer(Mutex<Option<watch::Sender<Balancers>>>);

/// Something that is done again and again.
#[derive(Clone, PartialEq)]
enum Duty {
    Check(Check),
    LookUp(LookUp),
}

impl Overseer {
    /// Looks after these services from now on. What is looked after already goes on.
    pub(crate) fn watch(&self, balancers: Balancers) {
        let mut sender = self.0.lock();
        match &*sender {
            Some(sender) => {
                sender.send_replace(balancers);
            }
            None if duties(&balancers).is_empty() => {}
            None => *sender = start(balancers),
        }
    }
}

impl Duty {
    async fn run(self, changed: Arc<Notify>) {
        match self {
            Self::Check(check) => check.run().await,
            Self::LookUp(name) => name.run(changed).await,
        }
    }

    /// A target that nobody checks any more is not down. One that is checked by other rules from
    /// now on is what it was until they say otherwise.
    fn ended(&self, now: &[Self]) {
        let Self::Check(check) = self else { return };
        let is_same = |duty: &Self| matches!(duty, Self::Check(other) if other.is_of(check));
        if !now.iter().any(is_same) {
            check.forget();
        }
    }
}

fn duties(balancers: &[Arc<Balancer>]) -> Vec<Duty> {
    let mut duties = Vec::new();
    for balancer in balancers {
        duties.extend(balancer.look_ups().into_iter().map(Duty::LookUp));
        duties.extend(balancer.checks().into_iter().map(Duty::Check));
    }
    duties
}

fn start(balancers: Balancers) -> Option<watch::Sender<Balancers>> {
    let (sender, receiver) = watch::channel(balancers);
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new()
            .name("targets".to_owned())
            .spawn(move || runtime.block_on(oversee(receiver)))
    };
    match run() {
        Ok(_) => Some(sender),
        Err(error) => {
            tracing::error!(%error, "targets cannot be looked after");
            None
        }
    }
}

/// Keeps a task for each duty, until nobody wants any.
async fn oversee(mut wanted: watch::Receiver<Balancers>) {
    let mut running: Vec<(Duty, AbortHandle)> = Vec::new();
    let targets_changed = Arc::new(Notify::new());
    loop {
        let duties = duties(&wanted.borrow_and_update());
        running.retain(|(duty, task)| {
            let is_wanted = duties.contains(duty);
            if !is_wanted {
                task.abort();
                duty.ended(&duties);
            }
            is_wanted
        });
        for duty in duties {
            if !running.iter().any(|(other, _)| *other == duty) {
                let task = tokio::spawn(duty.clone().run(Arc::clone(&targets_changed)));
                running.push((duty, task.abort_handle()));
            }
        }
        tokio::select! {
            changed = wanted.changed() => if changed.is_err() { return },
            () = targets_changed.notified() => {}
        }
    }
}
