//! The thread beside the workers on which other systems are asked.
//!
//! Connections to directories and other servers are few and shared by all workers, and a runtime
//! of one thread can only drive its own. So they live here; a worker sends a question over and
//! waits for the answer. The thread starts with the first question and ends with its owner.

use std::future::Future;
use std::io;
use std::thread;

use parking_lot::Mutex;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// Nothing that is asked there blocks: names are looked up elsewhere (`look_up`).
const MAX_BLOCKING_THREADS: usize = 1;

/// Gives work to the thread.
#[derive(Default)]
pub(crate) struct Outside(Mutex<Option<Running>>);

struct Running {
    handle: tokio::runtime::Handle,
    /// Dropped at the end.
    _end: oneshot::Sender<()>,
}

/// A question that got no answer at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutsideError {
    #[error("the thread for questions cannot be started")]
    Thread(#[source] io::Error),
    #[error("the question was abandoned")]
    Abandoned,
}

impl Outside {
    /// Runs a question over there, to its end even where nobody waits any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        question: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, OutsideError> {
        let handle = self.handle().map_err(OutsideError::Thread)?;
        handle.spawn(question).await.map_err(|_| OutsideError::Abandoned)
    }

    fn handle(&self) -> io::Result<tokio::runtime::Handle> {
        let mut running = self.0.lock();
        if let Some(running) = &*running {
            return Ok(running.handle.clone());
        }
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(MAX_BLOCKING_THREADS)
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        thread::Builder::new().name("outside".to_owned()).spawn(move || {
            // It is never sent: the end is that its owner is dropped.
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        })?;
        *running = Some(Running { handle: handle.clone(), _end: end });
        Ok(handle)
    }
}

/// Nothing in it is worth reading.
impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn questions_of_two_runtimes_are_answered_on_one_thread_and_a_panic_is_no_answer() {
        let outside = Arc::<Outside>::default();
        let ask = |outside: &Arc<Outside>| {
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(outside.run(async { thread::current().id() })).unwrap()
        };
        assert_eq!(ask(&outside), ask(&outside));
        let runtime = Builder::new_current_thread().build().unwrap();
        let died: Result<(), _> = runtime.block_on(outside.run(async { panic!("it dies") }));
        assert!(matches!(died, Err(OutsideError::Abandoned)));
        ask(&outside);
    }
}
