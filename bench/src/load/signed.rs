//! Requests on a kept connection, each with a signature of its own.

use anyhow::{Context, Result};
use tokio::net::TcpStream;

use super::{
    Order,
    client::Client,
    connection::{self, Connection},
    requests::{Requests, head},
};
use crate::{signature::Signer, workload::PATH};

/// A connection and who signs what goes through it.
pub(super) struct Signed {
    port: u16,
    connection: Connection<TcpStream>,
    signer: Signer,
}

impl Signed {
    /// Connects.
    pub(super) async fn open(order: &Order) -> Result<Self> {
        Ok(Self {
            port: order.port,
            connection: Connection::on(connection::connect(order.port).await?, Requests::none()),
            signer: Signer::of(order.load).context("the load is not signed")?,
        })
    }
}

impl Client for Signed {
    async fn ask(&mut self, turn: usize) -> Result<()> {
        let request = head(self.port, PATH, &self.signer.lines(turn, PATH));
        self.connection.send(&request).await
    }
}
