//! The thread beside the workers that looks after targets: health checks, however busy the
//! workers are. It is started by the first configuration that needs it.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::health::Check;

/// Gives work to the thread; it ends when this is dropped.
#[derive(Default)]
pub(crate) struct Overseer(Mutex<Option<watch::Sender<Arc<[Check]>>>>);

impl Overseer {
    /// Makes these the checks that are done from now on. Those that are done already go on.
    pub(crate) fn watch(&self, checks: Vec<Check>) {
        let mut sender = self.0.lock();
        match &*sender {
            Some(sender) => {
                sender.send_replace(checks.into());
            }
            None if checks.is_empty() => {}
            None => *sender = start(checks),
        }
    }
}

fn start(checks: Vec<Check>) -> Option<watch::Sender<Arc<[Check]>>> {
    let (sender, receiver) = watch::channel(checks.into());
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new()
            .name("targets".to_owned())
            .spawn(move || runtime.block_on(oversee(receiver)))
    };
    match run() {
        Ok(_) => Some(sender),
        Err(error) => {
            tracing::error!(%error, "targets cannot be checked");
            None
        }
    }
}

/// Keeps a task for each check that is wanted, until nobody wants any.
async fn oversee(mut wanted: watch::Receiver<Arc<[Check]>>) {
    let mut running: Vec<(Check, AbortHandle)> = Vec::new();
    loop {
        let checks = Arc::clone(&wanted.borrow_and_update());
        running.retain(|(check, task)| {
            let is_wanted = checks.contains(check);
            if !is_wanted {
                task.abort();
                check.forget();
            }
            is_wanted
        });
        for check in checks.iter() {
            if !running.iter().any(|(other, _)| other == check) {
                let task = tokio::spawn(check.clone().run()).abort_handle();
                running.push((check.clone(), task));
            }
        }
        if wanted.changed().await.is_err() {
            return;
        }
    }
}
