//! The admin listener over a real socket.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::*;
use crate::testing::{System, system};

struct Admin {
    address: SocketAddr,
    readiness: Readiness,
    task: JoinHandle<()>,
    _left: watch::Sender<bool>,
    _system: System,
}

async fn admin() -> Admin {
    let system = system().await;
    let listener = AdminListener::bind(system.loaded.settings.admin).await.unwrap();
    let address = listener.address();
    let readiness = Readiness::default();
    let handle = system.gateway().handle();
    let state = State::new(system.services.clone(), handle, Arc::clone(&readiness));
    let left = watch::Sender::new(false);
    let task = tokio::spawn(listener.run(state, left.subscribe()));
    Admin { address, readiness, task, _left: left, _system: system }
}

impl Admin {
    async fn get(&self, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn readiness_follows_the_system_and_health_does_not() {
    let admin = admin().await;
    assert!(admin.get("/readyz", "localhost").await.starts_with("HTTP/1.1 503"));
    admin.readiness.set(true);
    assert!(admin.get("/readyz", "localhost").await.starts_with("HTTP/1.1 200"));
    admin.readiness.set(false);
    assert!(admin.get("/readyz", "localhost").await.starts_with("HTTP/1.1 503"));
    assert!(admin.get("/healthz", "localhost").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_foreign_name_gets_nothing() {
    let admin = admin().await;
    for path in ["/healthz", "/readyz", "/metrics", "/nothing"] {
        let answer = admin.get(path, "attacker.example").await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn every_refusal_is_documented() {
    let admin = admin().await;
    let page = include_str!("../../../../docs/errors.md");
    let (_, section) = page.split_once("## Refusals of the admin listener\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap_or((section, ""));
    for (path, host, status) in [
        ("/nothing", "localhost", "404"),
        ("/healthz", "attacker.example", "421"),
        ("/readyz", "localhost", "503"),
    ] {
        let answer = admin.get(path, host).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        assert!(section.contains(&format!("\n| {status}")), "{status}");
    }
}

#[tokio::test]
async fn the_meters_are_one_exposition() {
    let admin = admin().await;
    let answer = admin.get("/metrics", "127.0.0.1:9080").await;
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(metrics::CONTENT_TYPE), "{head}");
    assert_eq!(text.matches("# EOF").count(), 1);
    assert!(text.ends_with("# EOF\n"));
    for name in [
        "symbolon_connections ",
        "symbolon_log_ins_total{outcome=\"failed\"} ",
        "symbolon_log_outs_total ",
        "symbolon_password_hashes_total ",
        "symbolon_password_hashes_waiting ",
        "symbolon_session_cache_entries ",
        "symbolon_session_cache_hits_total ",
        "process_resident_memory_bytes ",
        "process_cpu_seconds_total ",
        "process_open_fds ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name}");
    }
    let mut described: Vec<_> = text.lines().filter(|line| line.starts_with("# TYPE ")).collect();
    let all = described.len();
    described.sort_unstable();
    described.dedup();
    assert_eq!(described.len(), all, "a meter is described twice");
}
