//! Names that hang, and those beside them.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// Lets go of what hangs, and counts the look-ups.
struct Name {
    release: Mutex<(Sender<()>, Option<Receiver<()>>)>,
    asked: Mutex<usize>,
}

static HANGS: LazyLock<Name> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    Name { release: Mutex::new((sender, Some(receiver))), asked: Mutex::default() }
});

fn resolve(authority: &str) -> io::Result<Vec<SocketAddr>> {
    if authority == "hangs:1" {
        *HANGS.asked.lock() += 1;
        let receiver = HANGS.release.lock().1.take();
        // Whoever comes a second time would not be released.
        receiver.unwrap().recv().unwrap();
    }
    if authority == "nobody:1" {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no such name"));
    }
    Ok(vec!["192.0.2.1:1".parse().unwrap()])
}

#[tokio::test]
async fn a_name_that_hangs_keeps_one_thread_and_nobody_else_waits() {
    let look_ups = LookUps::new(resolve);
    let asked: Vec<_> = (0..100).map(|_| look_ups.outcome("hangs:1").unwrap()).collect();
    for number in 0..(2 * MAX_THREADS) {
        look_ups.addresses(&format!("other{number}:1")).await.unwrap();
    }
    let error = look_ups.addresses("nobody:1").await.unwrap_err();
    assert_eq!((error.kind(), &*error.to_string()), (io::ErrorKind::NotFound, "no such name"));
    HANGS.release.lock().0.send(()).unwrap();
    for outcome in asked {
        assert!(outcome.await.unwrap().is_ok());
    }
    // And what was found is fresh.
    assert!(look_ups.addresses("hangs:1").await.is_ok());
    assert_eq!(*HANGS.asked.lock(), 1);
}

#[tokio::test]
async fn what_is_not_fresh_is_looked_up_again_and_does_not_stay() {
    let look_ups = LookUps::new(resolve);
    look_ups.addresses("a:1").await.unwrap();
    for look_up in look_ups.state.lock().known.values_mut() {
        look_up.until = Some(Instant::now());
    }
    look_ups.addresses("b:1").await.unwrap();
    let known: Vec<_> = look_ups.state.lock().known.keys().cloned().collect();
    assert_eq!(known, ["b:1".into()]);
}

#[tokio::test]
async fn an_address_is_no_name() {
    let listener = tokio::net::TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(connect_to("::1", port).await.is_ok());
    assert!(connect(&format!("[::1]:{port}")).await.is_ok());
}
