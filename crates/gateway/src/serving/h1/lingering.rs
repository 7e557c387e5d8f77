//! A connection that is closed is still read from for a while: were it closed over something that was
//! sent and not read, the system would reset it, and the client might lose the answer (RFC 9112
//! section 9.6).
//!
//! 1. Whoever has announced a body and sends it is heard out while it comes, up to bounds: most
//!    clients look at an answer when they have sent everything.
//! 2. Everybody else has a moment. So has everybody once nothing is accepted here any more: no end
//!    waits for what is thrown away.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::AsyncWrite as _;
use tokio::time::{Instant, sleep};

use super::wire::Wire;
use crate::drain::Draining;
use crate::patience::Patience;

/// How long it takes at most while a body comes.
const WHOLE: Duration = Duration::from_secs(30);
/// How long nothing of it may come.
const SILENCE: Duration = Duration::from_secs(5);
/// How long it takes otherwise.
const BRIEF: Duration = Duration::from_secs(1);

/// Ends our side, and throws away what the client still sends.
pub(super) async fn linger(wire: &Mutex<Wire>, is_coming: bool, drain: &mut Draining) {
    let drained = async {
        drain.began().await;
        sleep(BRIEF).await;
    };
    // What is not thrown away by then is the client's loss.
    tokio::select! {
        () = discard(wire) => {}
        () = sleep(if is_coming { WHOLE } else { BRIEF }) => {}
        () = drained => {}
    }
}

/// Ends where the client does, or where nothing has come for too long.
async fn discard(wire: &Mutex<Wire>) {
    let mut is_shut = false;
    let mut silence = Patience::until(Instant::now() + SILENCE);
    poll_fn(|cx| {
        let mut wire = wire.lock();
        if !is_shut {
            let Ok(io) = wire.io() else { return Poll::Ready(()) };
            is_shut = io.poll_shutdown(cx).is_ready();
        }
        loop {
            match wire.poll_discard(cx) {
                Poll::Ready(0) => return Poll::Ready(()),
                Poll::Ready(_) => silence.move_to(Instant::now() + SILENCE),
                Poll::Pending => return Pin::new(&mut silence).poll(cx),
            }
        }
    })
    .await;
}
