//! A service behind the gateway, played by the test: it notes what it receives and answers as the
//! test says.

pub(crate) mod answer;
mod peer;
mod received;
mod websocket;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};

pub(crate) use peer::Peer;
pub(crate) use received::{Received, claims_of};

use super::patience::{Deadline, PATIENCE};
use super::socket::Socket;

/// A listening service; it goes on until the tests end.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    log: Arc<Log>,
}

/// What the service has seen.
#[derive(Default)]
struct Log {
    state: Mutex<Seen>,
    changed: Condvar,
    /// Whether requests are counted and not kept, since there are too many of them.
    is_forgetful: bool,
}

#[derive(Default)]
struct Seen {
    requests: Vec<Received>,
    hits: usize,
    connections: usize,
    open: usize,
}

impl Upstream {
    /// Answers every request with what `answer` makes of it, and keeps the connection.
    pub(crate) fn answering(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::scripted(move |peer| {
            while let Some(request) = peer.request() {
                peer.write(&answer(&request));
            }
        })
    }

    /// Answers every request with 200 and an empty JSON object.
    pub(crate) fn plain() -> Self {
        Self::answering(|_| answer::ok("{}"))
    }

    /// Hands every connection to `script`; the connection is closed when it returns.
    pub(crate) fn scripted(script: impl Fn(&mut Peer) + Send + Sync + 'static) -> Self {
        Self::listening(TcpListener::bind("127.0.0.1:0").unwrap(), script)
    }

    /// The same on an address that the test chose.
    pub(crate) fn listening(
        listener: TcpListener,
        script: impl Fn(&mut Peer) + Send + Sync + 'static,
    ) -> Self {
        Self::over(listener, Log::default(), Socket::Plain, script)
    }

    /// The same over TLS.
    pub(crate) fn secured(
        config: Arc<rustls::ServerConfig>,
        script: impl Fn(&mut Peer) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wrap = move |stream| Socket::server(stream, Arc::clone(&config));
        Self::over(listener, Log::default(), wrap, script)
    }

    /// The same for more requests than anybody wants to remember: they are counted.
    pub(crate) fn forgetful(script: impl Fn(&mut Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let log = Log { is_forgetful: true, ..Log::default() };
        Self::over(listener, log, Socket::Plain, script)
    }

    fn over(
        listener: TcpListener,
        log: Log,
        wrap: impl Fn(TcpStream) -> Socket + Send + Sync + 'static,
        script: impl Fn(&mut Peer) + Send + Sync + 'static,
    ) -> Self {
        let upstream = Self { address: listener.local_addr().unwrap(), log: Arc::new(log) };
        let log = Arc::clone(&upstream.log);
        let script = Arc::new((wrap, script));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, script) = (Arc::clone(&log), Arc::clone(&script));
                log.connected();
                thread::spawn(move || {
                    let (wrap, script) = &*script;
                    let mut peer = Peer::new(wrap(stream.unwrap()), Arc::clone(&log));
                    script(&mut peer);
                    drop(peer);
                    log.disconnected();
                });
            }
        });
        upstream
    }

    /// All requests so far, in the order of their heads.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.log.state.lock().requests.clone()
    }

    /// The one request so far.
    #[track_caller]
    pub(crate) fn only_request(&self) -> Received {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    /// The newest request.
    #[track_caller]
    pub(crate) fn last_request(&self) -> Received {
        self.requests().pop().expect("a request")
    }

    /// How many requests there were.
    pub(crate) fn hits(&self) -> usize {
        self.log.state.lock().hits
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.log.state.lock().connections
    }

    /// Waits until so many requests have begun.
    pub(crate) fn wait_for_hits(&self, count: usize) {
        self.wait("requests", |seen| seen.hits >= count);
    }

    /// Waits until every connection is closed again.
    pub(crate) fn wait_until_left_alone(&self) {
        self.wait("connections to close", |seen| seen.open == 0);
    }

    fn wait(&self, what: &str, is_met: impl Fn(&Seen) -> bool) {
        let deadline = Deadline::after(PATIENCE);
        let mut seen = self.log.state.lock();
        while !is_met(&seen) {
            let outcome = self.log.changed.wait_for(&mut seen, deadline.left());
            let is_over = outcome.timed_out() && !is_met(&seen);
            assert!(!is_over, "waited in vain for {what}: {:?}", seen.requests);
        }
    }
}

impl Log {
    fn connected(&self) {
        let mut seen = self.state.lock();
        seen.connections += 1;
        seen.open += 1;
    }

    fn disconnected(&self) {
        self.state.lock().open -= 1;
        self.changed.notify_all();
    }
}
