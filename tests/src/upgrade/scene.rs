//! The gateway before a service of many talents, and clients that hold on to a connection.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::grpc::peers::Service;
use crate::harness::http::{Connection, Request, Response};
use crate::harness::python;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::answer::{changing_session, ok, patch};
use crate::harness::upstream::{Peer, Upstream};
use crate::harness::visitor::Visitor;

const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// A gateway whose replaced processes drain for so long.
pub(super) fn stage(drain: &str) -> Stage {
    Stage::replaceable(&settings(drain), service())
}

pub(super) fn settings(drain: &str) -> Settings {
    let sections = format!("workers: 2\nlimits: {{ drain: {drain} }}");
    Settings { sections, ..Settings::default() }
}

/// With the service `echo` for `/test.Echo` as well.
pub(super) fn stage_with_grpc(drain: &str, grpc: &Service) -> Stage {
    let routes = "  - { name: echo, paths: [/test.Echo], service: echo, \
                  authenticate: [session, bearer] }";
    let settings = Settings {
        services: format!("  echo: {{ targets: [http://{}], protocol: h2 }}", grpc.address),
        routes: routes.to_owned(),
        ..settings(drain)
    };
    Stage::replaceable(&settings, service())
}

/// Answers `served`, with the session's data, after changing them, or with everything that comes.
pub(super) fn service() -> Upstream {
    Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            match request.target() {
                "/api/socket" => return echo(peer),
                "/api/data" => peer.write(&ok(&request.claims()["session"].to_string())),
                "/api/put" => peer.write(&changing_session(&patch(&json!({ "cart": 1 })))),
                _ => peer.write(&ok("served")),
            }
        }
    })
}

fn echo(peer: &mut Peer) {
    peer.write(SWITCHING);
    peer.echo();
}

/// A connection that has changed its protocol; everything comes back.
pub(super) struct Socket(Connection);

impl Socket {
    pub(super) fn open(stage: &Stage, visitor: &Visitor) -> Self {
        let asking =
            Request::get("/api/socket").with("Connection", "Upgrade").with("Upgrade", "websocket");
        let mut connection = stage.connect();
        connection.send(&visitor.dress(asking).to_bytes());
        assert_eq!(connection.head().unwrap().status, 101);
        Self(connection)
    }

    /// Fails the test unless it comes back.
    #[track_caller]
    pub(super) fn say(&mut self, text: &str) {
        assert!(self.try_say(text), "the socket was cut");
    }

    pub(super) fn try_say(&mut self, text: &str) -> bool {
        if self.0.try_send(format!("{text}\n").as_bytes()).is_err() {
            return false;
        }
        let line = self.0.try_line();
        assert!(line.is_empty() || line == format!("{text}\n"), "{line}");
        !line.is_empty()
    }

    /// Waits until the gateway closes it.
    #[track_caller]
    pub(super) fn wait_until_closed(&mut self) {
        assert_eq!(self.0.rest(), b"");
    }
}

/// A connection on which a request was answered: it belongs to the process that serves now.
pub(super) fn kept(stage: &Stage) -> Connection {
    let mut connection = stage.connect();
    let answer = connection.exchange(&Request::get("/public/x")).expect(200);
    assert!(!is_last(&answer), "{answer:?}");
    connection
}

/// Whether nothing more is answered on this connection.
pub(super) fn is_last(answer: &Response) -> bool {
    answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// A gRPC channel with streams on it (`tests/python/grpc_talk.py`).
pub(super) struct Talk {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Talk {
    pub(super) fn start(stage: &Stage, visitor: &Visitor) -> Self {
        let mut command = python::script("grpc_talk.py");
        command.arg(stage.symbolon.address.to_string()).arg("/test.Echo/Bidi");
        command.arg(format!("authorization=Bearer {}", visitor.token()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, commands, answers: BufReader::new(answers) }
    }

    pub(super) fn open(&mut self, stream: u64) {
        assert_eq!(self.ask(&json!({ "open": stream })), "opened");
    }

    #[track_caller]
    pub(super) fn say(&mut self, stream: u64, text: &str) {
        let answer = self.ask(&json!({ "say": stream, "text": text }));
        assert_eq!(answer, text.to_uppercase(), "the stream was cut");
    }

    #[track_caller]
    pub(super) fn close(&mut self, stream: u64) {
        assert_eq!(self.ask(&json!({ "close": stream })), "OK");
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.commands, "{command}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"))
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
