//! Answers that come little by little: nothing is held back, and not much is kept.

use std::process::Command;
use std::sync::mpsc;

use parking_lot::Mutex;

use super::{accepting, curl, stage, text};
use crate::harness::http::Request;
use crate::harness::patience::PATIENCE;
use crate::harness::program::Program;
use crate::harness::settings::HOST;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What curl prints as it comes.
fn following(stage: &Stage, encoding: &str, version: &str) -> Program {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--no-buffer", "--max-time", "60", "--compressed", version])
        .args(["-H", &format!("Host: {HOST}"), "-H", &format!("Accept-Encoding: {encoding}")])
        .arg(format!("http://{}/zip/x", stage.symbolon.address));
    Program::start(&mut command)
}

#[test]
fn a_line_arrives_before_the_next_is_made() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let api = Upstream::scripted(move |peer| {
        while peer.request().is_some() {
            peer.write(HEAD);
            peer.write(b"6\r\nfirst\n\r\n");
            may_go_on.lock().recv_timeout(PATIENCE).unwrap();
            peer.write(b"5\r\nlast\n\r\n0\r\n\r\n");
        }
    });
    let stage = stage("", api);
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        for encoding in ["br", "gzip"] {
            let follower = following(&stage, encoding, version);
            let said = |wanted: &'static str| move |line: &str| (line == wanted).then_some(());
            follower.stdout.wait_for("the first line", said("first"));
            go_on.send(()).unwrap();
            follower.stdout.wait_for("the last line", said("last"));
            assert_eq!(follower.stdout.to_the_end(), ["first", "last"], "{version} {encoding}");
        }
    }
}

#[test]
fn trailers_follow_and_a_body_that_breaks_off_is_not_whole() {
    let api = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            peer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTrailer: X-Sum\r\n\
                  Transfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n",
            );
            if request.target().ends_with("/broken") {
                return;
            }
            peer.write(b"0\r\nX-Sum: 6\r\n\r\n");
        }
    });
    let stage = stage("", api);
    let request = accepting("/zip/x", "gzip").with("TE", "trailers");
    let answer = stage.exchange(&request).expect(200);
    assert_eq!(answer.message.trailers.get("x-sum"), Some("6"));
    let mut connection = stage.connect();
    connection.send(&accepting("/zip/broken", "gzip").to_bytes());
    assert!(connection.try_response("GET").is_err());
}

#[test]
fn a_large_answer_is_the_same_when_decoded() {
    let body = text().repeat(200);
    let length = body.len();
    let api = Upstream::answering(move |_| {
        crate::harness::upstream::answer::with("200 OK", &[("Content-Type", "text/plain")], &body)
    });
    let stage = stage("", api);
    for encoding in ["br", "gzip"] {
        let accept = format!("Accept-Encoding: {encoding}");
        let said = curl(&stage, "/zip/x", &["--header", &accept]);
        assert!(said.len() == length && said == text().repeat(200), "{encoding}");
    }
}

#[test]
fn a_stream_costs_a_bounded_amount_of_memory() {
    /// The most for one of them, in kB.
    const EACH: u64 = 3 * 1024;
    const STREAMS: u64 = 64;
    for encoding in ["br", "gzip"] {
        let api = Upstream::scripted(|peer| {
            if peer.request().is_some() {
                peer.write(HEAD);
                let piece = text().repeat(40);
                peer.write(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes());
                peer.wait_until_closed();
            }
        });
        let stage = stage("", api);
        let memory = || stage.symbolon.program().memory_kb("VmRSS");
        stage.exchange(&Request::get("/nowhere")).expect(404);
        let before = memory();
        let mut connections: Vec<_> = (0..STREAMS)
            .map(|_| {
                let mut connection = stage.connect();
                connection.send(&accepting("/zip/x", encoding).to_bytes());
                connection
            })
            .collect();
        for connection in &mut connections {
            assert_eq!(connection.head().unwrap().status, 200);
            // Something has been compressed.
            assert!(!connection.line().is_empty());
        }
        let each = (memory() - before) / STREAMS;
        println!("{encoding}: {each} kB for each stream");
        assert!(each < EACH, "{encoding}: {each} kB for each stream");
    }
}
