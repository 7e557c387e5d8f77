//! What the log says of people, and what it must never say.

mod common;

use std::io;
use std::sync::Arc;

use common::{OTHER_PASSWORD, PASSWORD, World};
use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn log_ins_log_outs_and_changes_are_logged_and_secrets_never() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let world = World::new().await;
    world.browser().log_in("alice", OTHER_PASSWORD).await;
    // A password typed into the wrong field is not an account's name.
    let mistyped = "hunter2-hunter2-hunter2";
    world.browser().log_in(mistyped, "").await;
    let mut browser = world.logged_in("alice").await;
    let token = browser.token().unwrap().to_owned();
    let csrf = browser.get("/auth/account").await.hidden("csrf");
    let fields = [("current", PASSWORD), ("new", "something else entirely")];
    browser.submit("/auth/account/password", &fields).await;
    let rotated = browser.token().unwrap().to_owned();
    browser.submit("/auth/logout", &[("everywhere", "yes")]).await;

    let text = log.text();
    for event in [
        "log-in failed subject=alice",
        "log-in failed\n",
        "logged in subject=alice session.id=",
        "password changed subject=alice",
        "logged out everywhere subject=alice",
    ] {
        assert!(text.contains(event), "{event} in {text}");
    }
    for secret in
        [PASSWORD, OTHER_PASSWORD, mistyped, "something else entirely", &token, &rotated, &csrf]
    {
        assert!(!text.contains(secret), "{secret} in the log");
    }
}
