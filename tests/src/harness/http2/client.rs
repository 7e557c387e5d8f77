//! A client that sends over HTTP/2 what the test says, malformed or not.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::python;
use super::super::settings::HOST;

/// One connection.
pub(crate) struct Client {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What came of a stream.
#[derive(Debug)]
pub(crate) struct Answer(Value);

impl Client {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let mut command = python::script("h2_client.py");
        let piped = command.arg(address.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, commands, answers: BufReader::new(answers) }
    }

    /// Begins a request with exactly these fields; the stream's number.
    #[track_caller]
    pub(crate) fn begin(&mut self, fields: &[(&str, &str)], body: &str, is_open: bool) -> u64 {
        let request: Vec<_> = fields.iter().map(|(name, value)| [name, value]).collect();
        let answer = self.ask(&json!({ "request": request, "body": body, "open": is_open }));
        answer["stream"].as_u64().unwrap()
    }

    /// Sends exactly these fields and waits for the answer.
    #[track_caller]
    pub(crate) fn send(&mut self, fields: &[(&str, &str)], body: &str) -> Answer {
        let stream = self.begin(fields, body, false);
        self.answer(stream)
    }

    /// An ordinary GET with further fields.
    #[track_caller]
    pub(crate) fn get(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(&[&request("GET", path), fields].concat(), "")
    }

    /// An ordinary POST with further fields.
    #[track_caller]
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        self.send(&[&request("POST", path), fields].concat(), body)
    }

    /// Sends more on a stream.
    #[track_caller]
    pub(crate) fn data(&mut self, stream: u64, data: &[u8], is_end: bool) {
        let data = STANDARD.encode(data);
        self.ask(&json!({ "data": data, "stream": stream, "end": is_end }));
    }

    /// Ends a stream with trailers.
    #[track_caller]
    pub(crate) fn trailers(&mut self, stream: u64, fields: &[(&str, &str)]) {
        let trailers: Vec<_> = fields.iter().map(|(name, value)| [name, value]).collect();
        self.ask(&json!({ "trailers": trailers, "stream": stream }));
    }

    /// Waits for the end of a stream.
    #[track_caller]
    pub(crate) fn answer(&mut self, stream: u64) -> Answer {
        Answer(self.ask(&json!({ "response": stream })))
    }

    /// Waits for the next piece of a body.
    #[track_caller]
    pub(crate) fn some(&mut self, stream: u64) -> Vec<u8> {
        let answer = self.ask(&json!({ "some": stream }));
        STANDARD.decode(answer["piece"].as_str().unwrap()).unwrap()
    }

    /// Cancels a stream.
    #[track_caller]
    pub(crate) fn reset(&mut self, stream: u64) {
        self.ask(&json!({ "reset": stream }));
    }

    #[track_caller]
    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.commands, "{command}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The pseudo-headers of an ordinary request.
pub(crate) fn request<'a>(method: &'a str, path: &'a str) -> [(&'a str, &'a str); 4] {
    [(":method", method), (":scheme", "http"), (":authority", HOST), (":path", path)]
}

impl Answer {
    pub(crate) fn status(&self) -> Option<u64> {
        self.0["status"].as_u64()
    }

    /// The code with which the stream was reset.
    pub(crate) fn reset(&self) -> Option<u64> {
        self.0["reset"].as_u64()
    }

    pub(crate) fn body(&self) -> &str {
        self.0["body"].as_str().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        field(&self.0["headers"], name)
    }

    pub(crate) fn trailer(&self, name: &str) -> Option<&str> {
        field(&self.0["trailers"], name)
    }

    /// What the gateway has said in SETTINGS, by its number.
    pub(crate) fn setting(&self, number: u16) -> Option<u64> {
        self.0["settings"][number.to_string()].as_u64()
    }

    /// Fails the test with the whole answer unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u64) -> Self {
        assert_eq!(self.status(), Some(status), "{self:?}");
        self
    }
}

fn field<'a>(fields: &'a Value, name: &str) -> Option<&'a str> {
    let pair = fields.as_array().unwrap().iter().find(|pair| pair[0] == name)?;
    pair[1].as_str()
}
