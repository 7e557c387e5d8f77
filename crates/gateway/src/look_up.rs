//! Connections to other systems by their names, which this machine turns into addresses
//! (`getaddrinfo`).
//!
//! That blocks for as long as the name servers like, and cannot be given up. So it is done beside
//! everything else that blocks:
//! 1. on threads of its own, so that a name that hangs keeps no password from being hashed and no
//!    file from being read;
//! 2. once at a time for each name, however many ask, so that one name keeps one thread;
//! 3. for a second, so that a burst of connections asks once.
//!
//! Who asks waits no longer than for a connection; the look-up goes on.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The most look-ups at once; others wait for one of them to end.
const MAX_THREADS: usize = 32;
/// How long what was found counts, or that nothing was.
const FRESH: Duration = Duration::from_secs(1);

/// Those of this process.
static LOOK_UPS: LazyLock<Arc<LookUps>> =
    LazyLock::new(|| LookUps::new(|authority| Ok(authority.to_socket_addrs()?.collect())));

/// Connects to `HOST:PORT`, with brackets around an IPv6 address.
pub(crate) async fn connect(authority: &str) -> io::Result<TcpStream> {
    if let Ok(address) = authority.parse::<SocketAddr>() {
        return TcpStream::connect(address).await;
    }
    let addresses = LOOK_UPS.addresses(authority).await?;
    TcpStream::connect(&*addresses).await
}

/// Connects to a port of a host, an address without brackets or a name.
pub(crate) async fn connect_to(host: &str, port: u16) -> io::Result<TcpStream> {
    let brackets = if host.contains(':') { ("[", "]") } else { ("", "") };
    connect(&format!("{}{host}{}:{port}", brackets.0, brackets.1)).await
}

type Resolve = fn(&str) -> io::Result<Vec<SocketAddr>>;
type Outcome = Result<Arc<[SocketAddr]>, Failed>;

/// Why there are no addresses; for all who asked.
#[derive(Clone, Debug)]
struct Failed(io::ErrorKind, Arc<str>);

struct LookUps {
    resolve: Resolve,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By authority: those under way, and those that are over and fresh.
    known: HashMap<Arc<str>, LookUp>,
    waiting: VecDeque<Job>,
    threads: usize,
}

struct LookUp {
    outcome: Shared<oneshot::Receiver<Outcome>>,
    /// Until when it counts, once it is over.
    until: Option<Instant>,
}

struct Job {
    authority: Arc<str>,
    done: oneshot::Sender<Outcome>,
}

impl LookUps {
    fn new(resolve: Resolve) -> Arc<Self> {
        Arc::new(Self { resolve, state: Mutex::default() })
    }

    /// The addresses behind a name.
    async fn addresses(self: &Arc<Self>, authority: &str) -> io::Result<Arc<[SocketAddr]>> {
        match self.outcome(authority)?.await {
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(Failed(kind, text))) => Err(io::Error::new(kind, &*text)),
            Err(_) => Err(io::Error::other("the look-up was abandoned")),
        }
    }

    /// The look-up of a name that is under way or fresh, or a new one.
    fn outcome(
        self: &Arc<Self>,
        authority: &str,
    ) -> io::Result<Shared<oneshot::Receiver<Outcome>>> {
        let now = Instant::now();
        let mut state = self.state.lock();
        state.known.retain(|_, look_up| look_up.until.is_none_or(|until| now < until));
        if let Some(look_up) = state.known.get(authority) {
            return Ok(look_up.outcome.clone());
        }
        let (done, outcome) = oneshot::channel();
        let (authority, outcome) = (Arc::<str>::from(authority), outcome.shared());
        if state.threads < MAX_THREADS {
            let this = Arc::clone(self);
            let job = Job { authority: Arc::clone(&authority), done };
            thread::Builder::new().name("look-up".to_owned()).spawn(move || this.work(job))?;
            state.threads += 1;
        } else {
            state.waiting.push_back(Job { authority: Arc::clone(&authority), done });
        }
        state.known.insert(authority, LookUp { outcome: outcome.clone(), until: None });
        Ok(outcome)
    }

    /// Looks one name up after the other, as long as some are waiting.
    fn work(&self, first: Job) {
        let mut next = Some(first);
        while let Some(Job { authority, done }) = next {
            let found = (self.resolve)(&authority).map(Arc::from);
            let found = found.map_err(|error| Failed(error.kind(), Arc::from(error.to_string())));
            let mut state = self.state.lock();
            if let Some(look_up) = state.known.get_mut(&authority) {
                look_up.until = Some(Instant::now() + FRESH);
            }
            // Whoever asked may have given up.
            let _ = done.send(found);
            next = state.waiting.pop_front();
            if next.is_none() {
                state.threads -= 1;
            }
        }
    }
}
