//! One request and its answer, to see whether a proxy does what it is measured for.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use crate::{pinned::loopback, workload::SERVER_NAME};

/// An answer that takes longer is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer, read to the end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// The body, without chunk framing.
    pub(crate) body: String,
}

impl Answer {
    /// The values of all header lines with this name.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// `GET path`, with further header lines.
pub(crate) fn get(port: u16, path: &str, header_lines: &[&str]) -> Result<Answer> {
    ask(port, &format!("GET {path}"), header_lines, "")
}

/// `GET path` over TLS.
pub(crate) fn get_tls(
    port: u16,
    path: &str,
    header_lines: &[&str],
    config: ClientConfig,
) -> Result<Answer> {
    let name = ServerName::try_from(SERVER_NAME).context("the name in the certificates")?;
    let tls = ClientConnection::new(Arc::new(config), name).context("cannot begin TLS")?;
    let stream = StreamOwned::new(tls, connect(port)?);
    converse(stream, &request(port, &format!("GET {path}"), header_lines))
}

/// `POST path` of a form that is already encoded.
pub(crate) fn post_form(
    port: u16,
    path: &str,
    header_lines: &[&str],
    form: &str,
) -> Result<Answer> {
    let length = format!("content-length: {}", form.len());
    let mut lines = vec!["content-type: application/x-www-form-urlencoded", &length];
    lines.extend(header_lines);
    ask(port, &format!("POST {path}"), &lines, form)
}

fn ask(port: u16, method_and_path: &str, header_lines: &[&str], body: &str) -> Result<Answer> {
    let text = request(port, method_and_path, header_lines) + body;
    converse(connect(port)?, &text)
}

fn connect(port: u16) -> Result<TcpStream> {
    let stream = TcpStream::connect(loopback(port)).context("cannot connect")?;
    stream.set_read_timeout(Some(PATIENCE)).context("cannot set a timeout")?;
    Ok(stream)
}

/// The head.
fn request(port: u16, method_and_path: &str, header_lines: &[&str]) -> String {
    let mut request =
        format!("{method_and_path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n");
    for line in header_lines {
        request.push_str(line);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    request
}

fn converse(mut stream: impl Read + Write, request: &str) -> Result<Answer> {
    stream.write_all(request.as_bytes()).context("cannot send")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).context("no answer")?;
    parse(&answer)
}

fn parse(octets: &[u8]) -> Result<Answer> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(octets).context("no HTTP answer")? else {
        bail!("the answer ended in its head");
    };
    let headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let status = response.code.context("an answer without a status")?;
    let body = octets.get(head..).unwrap_or_default();
    let chunked = headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("transfer-encoding") && value == "chunked");
    let body = if chunked { without_chunks(body)? } else { body.to_vec() };
    Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn without_chunks(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(rest)
        else {
            bail!("the body's chunks are broken");
        };
        if length == 0 {
            return Ok(body);
        }
        let end = start + usize::try_from(length)?;
        body.extend_from_slice(rest.get(start..end).context("the body ended in a chunk")?);
        rest = rest.get(end + 2..).context("the body ended in a chunk")?;
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn chunks_are_put_together() {
        let octets = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(octets).unwrap().body, "abcde");
    }
}
