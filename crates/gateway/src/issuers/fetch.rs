//! Gets one JSON document over HTTP/1.1: bounded in size, without redirects, each on a connection
//! of its own. The time for it is the caller's to bound.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, HOST, HeaderMap, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use symbolon_core::jwt::{KeySetError, MAX_KEY_SET_BYTES};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::address::{Address, AddressError};
use crate::look_up;
use crate::tls::TargetTls;

/// A document, and for how long the server says that it is good.
pub(super) struct Document {
    pub(super) body: Bytes,
    pub(super) max_age: Option<Duration>,
}

/// Why keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("cannot connect to the issuer")]
    Connect(#[source] std::io::Error),
    #[error("the TLS handshake with the issuer failed")]
    Handshake(#[source] std::io::Error),
    #[error("no certificate could be for `{0}`")]
    Name(String),
    #[error("the issuer did not answer in HTTP")]
    Http(#[source] hyper::Error),
    #[error("the request to the issuer cannot be made")]
    Request(#[from] http::Error),
    #[error("the issuer did not answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    #[error("the issuer answered with status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("the answer of the issuer is larger than {MAX_KEY_SET_BYTES} bytes")]
    TooLarge,
    #[error("the answer of the issuer broke off")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the metadata of the issuer are not usable: {0}")]
    Metadata(&'static str),
    #[error("`jwks_uri` in the metadata of the issuer is not usable")]
    JwksUri(#[source] AddressError),
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

/// Gets the document at `address`.
pub(super) async fn get(
    address: &Address,
    tls: Option<&TargetTls>,
) -> Result<Document, FetchError> {
    let endpoint = address.endpoint();
    let tcp = look_up::connect(&endpoint).await.map_err(FetchError::Connect)?;
    if !address.is_secure() {
        return over(tcp, address).await;
    }
    let target = tls.and_then(|tls| tls.target(&endpoint)).ok_or(FetchError::Name(endpoint))?;
    let connect = target.connector.connect(target.name.clone(), tcp);
    over(connect.await.map_err(FetchError::Handshake)?, address).await
}

async fn over<S>(stream: S, address: &Address) -> Result<Document, FetchError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(FetchError::Http)?;
    // Aborted when this future ends or is dropped, so no connection outlives its fetch.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = Request::get(address.path())
        .header(HOST, address.authority())
        .header(ACCEPT, "application/json, application/jwk-set+json")
        .header(USER_AGENT, "symbolon")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await.map_err(FetchError::Http)?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let max_age = max_age(response.headers());
    match Limited::new(response.into_body(), MAX_KEY_SET_BYTES).collect().await {
        Ok(body) => Ok(Document { body: body.to_bytes(), max_age }),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge),
        Err(error) => Err(FetchError::Body(error)),
    }
}

/// RFC 9111 5.2.2.1; `no-store` and `no-cache` count as none.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(',')).map(str::trim);
    directives.find_map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match &*name.to_ascii_lowercase() {
            "no-store" | "no-cache" => Some(Duration::ZERO),
            "max-age" => value.trim_matches('"').parse().ok().map(Duration::from_secs),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_read() {
        let read = |value: &'static str| {
            let value = http::HeaderValue::from_static(value);
            max_age(&HeaderMap::from_iter([(CACHE_CONTROL, value)]))
        };
        assert_eq!(read("public, Max-Age=300, must-revalidate"), Some(Duration::from_mins(5)));
        assert_eq!(read("no-store"), Some(Duration::ZERO));
        for other in ["", "public", "max-age", "max-age=-1", "max-age=x", "s-maxage=5"] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(max_age(&HeaderMap::new()), None);
    }
}
