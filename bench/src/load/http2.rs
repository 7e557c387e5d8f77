//! Requests in streams of a few HTTP/2 connections.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use h2::client::{self, SendRequest};
use http::{Request, StatusCode};
use rustls::HandshakeKind;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Load, Order, client::Client, connection, tls};
use crate::workload::{ANSWER, CONNECTIONS, HTTP2_CONNECTIONS, PATH, SERVER_NAME};

/// One stream after another on a connection that it shares.
pub(super) struct Streams {
    connection: SendRequest<Bytes>,
    request: Request<()>,
}

/// Opens the connections and spreads the streams over them.
pub(super) async fn open(order: &Order) -> Result<Vec<Streams>> {
    let scheme = if order.load.is_tls() { "https" } else { "http" };
    let request = Request::get(format!("{scheme}://{SERVER_NAME}:{}{PATH}", order.port))
        .body(())
        .context("the request cannot be made")?;
    let mut streams = Vec::new();
    for _ in 0..HTTP2_CONNECTIONS {
        let connection = connect(order).await?;
        let of_one = (0..CONNECTIONS / HTTP2_CONNECTIONS)
            .map(|_| Streams { connection: connection.clone(), request: request.clone() });
        streams.extend(of_one);
    }
    Ok(streams)
}

async fn connect(order: &Order) -> Result<SendRequest<Bytes>> {
    if order.load == Load::Http2 {
        return speak(connection::connect(order.port).await?).await;
    }
    let mut config = tls::config(&order.authority, &order.client)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = tls::connect(order.port, &Arc::new(config), HandshakeKind::Full).await?;
    ensure!(stream.get_ref().1.alpn_protocol() == Some(b"h2"), "HTTP/2 was not agreed on");
    speak(stream).await
}

async fn speak<S>(stream: S) -> Result<SendRequest<Bytes>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = client::handshake(stream).await.context("no HTTP/2")?;
    // An error of the connection is one of its streams as well, and those are waited for.
    tokio::spawn(connection);
    sender.ready().await.context("no stream can be opened")
}

impl Client for Streams {
    async fn ask(&mut self, _turn: usize) -> Result<()> {
        let ready = self.connection.clone().ready().await.context("no stream can be opened")?;
        self.connection = ready;
        let sent = self.connection.send_request(self.request.clone(), true);
        let (response, _) = sent.context("cannot send")?;
        let response = response.await.context("no answer")?;
        ensure!(response.status() == StatusCode::OK, "the answer was {response:?}");
        let mut body = response.into_body();
        let mut rest = ANSWER.as_bytes();
        while let Some(piece) = body.data().await {
            let piece = piece.context("the body was cut off")?;
            body.flow_control().release_capacity(piece.len()).context("no window")?;
            rest = rest.strip_prefix(&*piece).context("the body is another one")?;
        }
        ensure!(rest.is_empty(), "the body is too short");
        Ok(())
    }
}
