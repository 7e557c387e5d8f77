//! A new TLS connection for each request.

use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::{ClientConfig, HandshakeKind, client::Resumption};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Order, client::Client, connection::Connection, requests::Requests, tls};

/// Sessions that a visitor keeps: it uses one at a time.
const SESSIONS: usize = 8;

/// Comes, asks, goes, comes again.
pub(super) struct Visitor {
    port: u16,
    config: Arc<ClientConfig>,
    expected: HandshakeKind,
    requests: Requests,
}

impl Visitor {
    /// One that is a stranger each time.
    pub(super) fn stranger(order: &Order, requests: &Requests) -> Result<Self> {
        Ok(Self {
            port: order.port,
            config: Arc::new(tls::config(&order.authority, &order.client)?),
            expected: HandshakeKind::Full,
            requests: requests.clone(),
        })
    }

    /// One that has been there and goes on with its session.
    pub(super) async fn known(order: &Order, requests: &Requests) -> Result<Self> {
        let mut config = tls::config(&order.authority, &order.client)?;
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        let mut visitor = Self { config: Arc::new(config), ..Self::stranger(order, requests)? };
        visitor.ask(0).await?;
        visitor.expected = HandshakeKind::Resumed;
        Ok(visitor)
    }
}

impl Client for Visitor {
    async fn ask(&mut self, turn: usize) -> Result<()> {
        let stream = tls::connect(self.port, &self.config, self.expected).await?;
        let mut connection = Connection::on(stream, self.requests.clone());
        connection.ask(turn).await?;
        let mut stream = connection.into_stream();
        stream.shutdown().await.context("cannot end the connection")?;
        // How the other side ends it does not matter, but that it has done so belongs to the visit.
        let _ = stream.read(&mut [0; 16]).await;
        Ok(())
    }
}
