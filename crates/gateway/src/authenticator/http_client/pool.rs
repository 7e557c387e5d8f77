//! The connections to one endpoint.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};

use super::{AskError, SETTLING};
use crate::authenticator::turns::Turns;
use crate::config::authenticators::Endpoint;
use crate::look_up;

/// How long a connection is kept that nobody uses.
const MAX_IDLE: Duration = Duration::from_secs(30);
/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// The most fields of it.
const MAX_FIELDS: usize = 100;

pub(super) struct Pool {
    endpoint: Arc<Endpoint>,
    pub(super) turns: Turns,
    idle: Mutex<Vec<Connection>>,
}

/// An open connection; closed when it is dropped.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Full<Bytes>>,
    idle_since: Instant,
}

impl Pool {
    pub(super) fn new(endpoint: Arc<Endpoint>) -> Self {
        let turns = Turns::new(endpoint.connections, endpoint.queue);
        Self { endpoint, turns, idle: Mutex::default() }
    }

    /// A connection that was used before.
    pub(super) fn kept(&self) -> Option<Connection> {
        let mut idle = self.idle.lock();
        idle.retain(|one| one.sender.is_ready() && one.idle_since.elapsed() < MAX_IDLE);
        idle.pop()
    }

    /// A new connection.
    pub(super) async fn fresh(&self) -> Result<Connection, AskError> {
        let opened = timeout(self.endpoint.connect_timeout, self.open()).await;
        let sender = opened.map_err(|_| AskError::ConnectTimeout)??;
        Ok(Connection { sender, idle_since: Instant::now() })
    }

    /// Keeps a connection whose answer was read to its end, once it is ready for another question.
    pub(super) async fn give_back(&self, mut connection: Connection) {
        if !matches!(timeout(SETTLING, connection.sender.ready()).await, Ok(Ok(()))) {
            return;
        }
        connection.idle_since = Instant::now();
        let mut idle = self.idle.lock();
        if idle.len() < self.endpoint.connections {
            idle.push(connection);
        }
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, AskError> {
        let Endpoint { address, port, tls, .. } = &*self.endpoint;
        let tcp = look_up::connect_to(address, *port).await.map_err(AskError::Connect)?;
        tcp.set_nodelay(true).map_err(AskError::Connect)?;
        let Some(tls) = tls else { return shake_hands(tcp).await };
        let name = tls.name_of(address).ok_or(AskError::Name)?;
        let connector = tokio_rustls::TlsConnector::from(tls.client_config());
        let tls = connector.connect(name, tcp).await.map_err(AskError::Handshake)?;
        shake_hands(tls).await
    }
}

async fn shake_hands<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, AskError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD).max_headers(MAX_FIELDS);
    let (sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(AskError::Http)?;
    // It ends with the sender; its error is the question's as well.
    tokio::spawn(connection);
    Ok(sender)
}
