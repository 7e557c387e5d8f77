//! A target that can be killed, with everything that it was doing, and started again in the same
//! place.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;

use crate::harness::patience::eventually;
use crate::harness::upstream::answer::ok;

/// The target, alive or not.
pub(super) struct Killable {
    pub(super) address: SocketAddr,
    hits: Arc<AtomicUsize>,
    life: Option<Life>,
}

struct Life {
    is_over: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    accepting: JoinHandle<()>,
}

impl Killable {
    /// Answers every request with 200 and an empty JSON object.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::default();
        let life = Some(live(listener, address, &hits));
        Self { address, hits, life }
    }

    /// Requests so far, health checks left out.
    pub(super) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// Nobody listens any more, and every connection is cut.
    pub(super) fn kill(&mut self) {
        let life = self.life.take().expect("it lives");
        life.is_over.store(true, Ordering::SeqCst);
        // Whoever waits in `accept` has to be woken.
        drop(TcpStream::connect(self.address));
        life.accepting.join().unwrap();
        for stream in life.streams.lock().iter() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// It listens again.
    pub(super) fn revive(&mut self) {
        let listener = eventually("the port", || TcpListener::bind(self.address).ok());
        self.life = Some(live(listener, self.address, &self.hits));
    }
}

fn live(listener: TcpListener, address: SocketAddr, hits: &Arc<AtomicUsize>) -> Life {
    assert_eq!(listener.local_addr().unwrap(), address);
    let (is_over, streams) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<_>>>::default());
    let (over, open, hits) = (Arc::clone(&is_over), Arc::clone(&streams), Arc::clone(hits));
    let accepting = thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            if over.load(Ordering::SeqCst) {
                return;
            }
            open.lock().push(stream.try_clone().unwrap());
            let hits = Arc::clone(&hits);
            thread::spawn(move || serve(stream, &hits));
        }
    });
    Life { is_over, streams, accepting }
}

/// Answers requests without bodies, until the connection is cut.
fn serve(stream: TcpStream, hits: &AtomicUsize) {
    let mut writer = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(start) = lines.next() {
        if !start.contains("/healthz") {
            hits.fetch_add(1, Ordering::SeqCst);
        }
        if !lines.any(|line| line.is_empty()) || writer.write_all(&ok("{}")).is_err() {
            return;
        }
    }
}
