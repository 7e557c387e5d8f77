//! As many clients of each kind as the method says.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use rustls::HandshakeKind;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::client::TlsStream;

use super::{
    Load, Order, Outcome,
    bodies::Bodies,
    client::Client,
    connection::{self, Connection},
    handshakes::Visitor,
    messages::Socket,
    requests::Requests,
    signed::Signed,
    tls,
};
use crate::workload::{CONNECTIONS, LARGE_CONNECTIONS};

/// A connection that is to be idle must be open and have carried its request by then.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that are open and idle.
pub(super) type Held = Vec<Connection<TcpStream>>;

/// Kept connections.
pub(super) async fn requests(order: &Order) -> Result<Vec<Connection<TcpStream>>> {
    let requests = Requests::of(order)?;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Connection::on(connection::connect(order.port).await?, requests.clone()));
    }
    Ok(clients)
}

/// The same with a signature over each request.
pub(super) async fn signed(order: &Order) -> Result<Vec<Signed>> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Signed::open(order).await?);
    }
    Ok(clients)
}

/// The same with TLS.
pub(super) async fn tls_requests(order: &Order) -> Result<Vec<Connection<TlsStream<TcpStream>>>> {
    let requests = Requests::of(order)?;
    let config = Arc::new(tls::config(&order.authority, &order.client)?);
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = tls::connect(order.port, &config, HandshakeKind::Full).await?;
        clients.push(Connection::on(stream, requests.clone()));
    }
    Ok(clients)
}

/// A new connection for each request.
pub(super) async fn handshakes(order: &Order) -> Result<Vec<Visitor>> {
    let requests = Requests::of(order)?;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(match order.load {
            Load::ResumedHandshakes => Visitor::known(order, &requests).await?,
            _ => Visitor::stranger(order, &requests)?,
        });
    }
    Ok(clients)
}

/// Open sockets for messages.
pub(super) async fn messages(order: &Order) -> Result<Vec<Socket>> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Socket::open(order.port).await?);
    }
    Ok(clients)
}

/// Kept connections for large bodies.
pub(super) async fn bodies(order: &Order) -> Result<Vec<Bodies>> {
    let mut clients = Vec::new();
    for _ in 0..LARGE_CONNECTIONS {
        clients.push(Bodies::open(order.load, order.port).await?);
    }
    Ok(clients)
}

/// Lets go of what is held and opens as many connections as there are requests; each carries one,
/// so that whatever a program sets aside for a connection in use has been set aside.
pub(super) async fn hold(order: &Order, held: &mut Held) -> Result<Outcome> {
    held.clear();
    let started = Instant::now();
    let requests = Requests::of(order)?;
    for _ in 0..order.requests {
        let opened = async {
            let stream = connection::connect(order.port).await?;
            let mut idle = Connection::on(stream, requests.clone());
            idle.ask(0).await.map(|()| idle)
        };
        let idle = timeout(PATIENCE, opened).await;
        held.push(idle.with_context(|| format!("no answer beside {} idle", held.len()))??);
    }
    Ok(Outcome::of(Vec::new(), started.elapsed().max(Duration::from_nanos(1))))
}
