//! One `GET` on a connection of its own, of which only the status counts: a health check.

use std::future::poll_fn;
use std::time::Duration;

use http::{Method, StatusCode};
use tokio::time::timeout;

use super::connection::Connection;
use super::response_head;
use super::{UpstreamError, multiplexed};
use crate::balance::Member;
use crate::config::Protocol;

/// The status of the final answer, within `limit` from the first attempt to connect.
pub(crate) async fn probe(
    member: &Member,
    protocol: Protocol,
    path: &str,
    limit: Duration,
) -> Result<StatusCode, UpstreamError> {
    let asked = async {
        match protocol {
            Protocol::H1 => ask(member, path, limit).await,
            Protocol::H2 => multiplexed::ask(member, path, limit).await,
        }
    };
    timeout(limit, asked).await.unwrap_or(Err(UpstreamError::ResponseTimeout))
}

async fn ask(member: &Member, path: &str, limit: Duration) -> Result<StatusCode, UpstreamError> {
    let host = &member.host;
    let mut connection = Connection::open(member, &member.target.authority, None, limit).await?;
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: symbolon\r\nconnection: close\r\n\r\n"
    );
    let mut rest = head.as_bytes();
    while !rest.is_empty() {
        let written = poll_fn(|cx| connection.poll_write(cx, rest)).await;
        let written = written.map_err(UpstreamError::Io)?;
        rest = rest.get(written..).filter(|_| written > 0).ok_or(UpstreamError::Closed)?;
    }
    loop {
        while let Some(head) = response_head::parse(&mut connection.read, &Method::GET)? {
            if !head.is_interim() {
                return Ok(head.status());
            }
        }
        let read = poll_fn(|cx| connection.poll_fill(cx)).await.map_err(UpstreamError::Io)?;
        if read == 0 {
            return Err(UpstreamError::Closed);
        }
    }
}
