//! Asks one HTTP endpoint of another system (RFC 9112), on the thread for that.
//!
//! 1. The address is the configuration's; nothing of a request chooses it. No redirects, no
//!    proxies, no decompression.
//! 2. Over TLS the endpoint is verified; there is no way around that but one with `danger` in its
//!    name.
//! 3. Everything is bounded: connections, who waits for one, the time of a question from the queue
//!    to the last byte, head and body of the answer.
//! 4. A question that fails on a connection that was used before is asked once more on a new one:
//!    the other end may have closed it meanwhile. So a question may come twice.

mod error;
mod pool;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use tokio::time::timeout;

use super::outside::Outside;
use crate::config::authenticators::Endpoint;
use pool::{Connection, Pool};

pub(crate) use error::AskError;

/// The longest answer that is read, in bytes.
pub(crate) const MAX_ANSWER: usize = 64 * 1024;

/// A client of one endpoint; copies share its connections.
#[derive(Clone)]
pub(crate) struct HttpClient {
    endpoint: Arc<Endpoint>,
    pool: Arc<Pool>,
    outside: Arc<Outside>,
}

/// What is asked. The target is the endpoint's.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What was answered.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl HttpClient {
    pub(crate) fn new(endpoint: Endpoint, outside: Arc<Outside>) -> Self {
        let endpoint = Arc::new(endpoint);
        Self { pool: Arc::new(Pool::new(Arc::clone(&endpoint))), endpoint, outside }
    }

    /// Asks. The question goes on to its end where nobody waits any more.
    pub(crate) async fn ask(&self, question: Question) -> Result<Reply, AskError> {
        let limit = self.endpoint.timeout;
        let (endpoint, pool) = (Arc::clone(&self.endpoint), Arc::clone(&self.pool));
        let asked = async move {
            let asked = timeout(limit, ask(&endpoint, &pool, question)).await;
            asked.unwrap_or(Err(AskError::Timeout))
        };
        self.outside.run(asked).await?
    }
}

async fn ask(endpoint: &Endpoint, pool: &Pool, question: Question) -> Result<Reply, AskError> {
    let _turn = pool.turns.next().await.ok_or(AskError::Crowded)?;
    if let Some(kept) = pool.kept() {
        match exchange(endpoint, pool, kept, question.clone()).await {
            Err(AskError::Http(_)) => {}
            done => return done,
        }
    }
    exchange(endpoint, pool, pool.fresh().await?, question).await
}

async fn exchange(
    endpoint: &Endpoint,
    pool: &Pool,
    mut connection: Connection,
    question: Question,
) -> Result<Reply, AskError> {
    let request = request(endpoint, question)?;
    let response = connection.sender.send_request(request).await.map_err(AskError::Http)?;
    let (head, body) = response.into_parts();
    let body = match Limited::new(body, MAX_ANSWER).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(AskError::TooLarge),
        Err(error) => return Err(AskError::Body(error)),
    };
    pool.give_back(connection).await;
    Ok(Reply { status: head.status, headers: head.headers, body })
}

fn request(endpoint: &Endpoint, question: Question) -> Result<Request<Full<Bytes>>, AskError> {
    let Question { method, headers, body } = question;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = Uri::try_from(&*endpoint.target).map_err(|_| AskError::Address)?;
    *request.headers_mut() = headers;
    let host = HeaderValue::from_str(&endpoint.host).map_err(|_| AskError::Address)?;
    request.headers_mut().insert(HOST, host);
    Ok(request)
}

/// How long the other end may take to be ready for the next question.
const SETTLING: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests;
