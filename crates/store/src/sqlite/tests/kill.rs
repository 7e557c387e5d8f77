//! What was acknowledged survives SIGKILL: a process writes, says what was acknowledged, and is
//! killed in the middle of it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use symbolon_core::SessionId;

use super::*;
use crate::conformance::{NOW, sample};
use crate::core_store::{Revocation, Revoked};

/// Where the process that is killed finds the store.
const FOLDER: &str = "SYMBOLON_TEST_FOLDER";

/// Acknowledged writes to wait for.
const ENOUGH: usize = 300;

/// Writers in that process, so that commits are shared.
const WRITERS: usize = 8;

#[tokio::test]
async fn what_was_acknowledged_survives_sigkill() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ENOUGH {
        acknowledged.extend(parse(&lines.next().unwrap().unwrap()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    acknowledged.extend(rest.iter().filter_map(|line| parse(line)));

    let store = open(&folder).await.unwrap();
    let revocations = store.revocations(NOW).await.unwrap();
    for id in acknowledged {
        assert!(store.find_by_id(id).await.unwrap().is_some(), "{id}");
        let revoked = Revoked::Session(id);
        assert!(revocations.iter().any(|entry| entry.what == revoked), "{id}");
    }
}

fn start(folder: &TempDir) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::tests::kill::writes_until_killed"])
        .args(["--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The identifier in a whole line; libtest writes lines of its own.
fn parse(line: &[u8]) -> Option<SessionId> {
    std::str::from_utf8(line).ok()?.strip_prefix("stored ")?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the other test kills"]
#[expect(clippy::disallowed_methods, reason = "how the other test tells where")]
async fn writes_until_killed() {
    let path = std::path::PathBuf::from(std::env::var(FOLDER).unwrap()).join("data/symbolon.db");
    let url = format!("sqlite:{}", path.display());
    let store = SqliteStore::open(&url).await.unwrap();
    let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(write(store.clone()))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn write(store: SqliteStore) {
    loop {
        let session = sample::session("alice", NOW);
        let revocation = Revocation {
            what: Revoked::Session(session.id),
            at: NOW,
            forget_at: session.expires_at,
        };
        store.create(&session).await.unwrap();
        store.revoke(&revocation, sample::record()).await.unwrap();
        // A line that is cut off by the kill must not look whole.
        println!("stored {}", session.id);
    }
}
