//! Gets one small JSON document from the issuer over HTTP/1.1.
//!
//! 1. The address comes from the service's own settings or from the issuer's metadata, never from
//!    a token.
//! 2. Five seconds for everything, 64 KiB at most, no redirects, no proxies, one connection each.
//! 3. Plain `http` only: issuer and service are expected on one machine or one trusted network.
//!    Where they are not, put the keys behind a local proxy that speaks TLS.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, HOST};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::key_set::{KeySetError, MAX_KEY_SET_BYTES};

/// How long one fetch may take, from the connection to the last byte.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest document read, in bytes: the same for metadata and key sets.
pub const MAX_METADATA_BYTES: usize = MAX_KEY_SET_BYTES;

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an absolute `http` URL without credentials.
    #[error("`{address}` is not an http:// address")]
    Address {
        /// The address as it was given.
        address: String,
    },
    /// No connection to the issuer.
    #[error("cannot connect to the issuer")]
    Connect(#[source] std::io::Error),
    /// The connection broke, or what came over it was not HTTP.
    #[error("the issuer did not answer in HTTP")]
    Http(#[source] hyper::Error),
    /// Not finished within [`FETCH_TIMEOUT`].
    #[error("the issuer did not answer within {} s", FETCH_TIMEOUT.as_secs())]
    Timeout,
    /// Any answer but 200, redirects included.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// More than [`MAX_METADATA_BYTES`].
    #[error("the issuer's answer is larger than {MAX_METADATA_BYTES} bytes")]
    TooLarge,
    /// The body broke off.
    #[error("the issuer's answer broke off")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The metadata is not that of the issuer, or names keys elsewhere.
    #[error("the issuer's metadata is not usable: {0}")]
    Metadata(&'static str),
    /// The keys were fetched but are not a key set.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

/// Reads an address to fetch from.
pub(super) fn address(text: &str) -> Result<Uri, FetchError> {
    let refused = || FetchError::Address { address: text.to_owned() };
    let uri: Uri = text.parse().map_err(|_| refused())?;
    let has_credentials = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if uri.scheme_str() != Some("http") || has_credentials {
        return Err(refused());
    }
    Ok(uri)
}

/// Gets the document at `uri`.
pub(super) async fn get(uri: &Uri) -> Result<Bytes, FetchError> {
    tokio::time::timeout(FETCH_TIMEOUT, get_at_leisure(uri))
        .await
        .map_err(|_| FetchError::Timeout)?
}

async fn get_at_leisure(uri: &Uri) -> Result<Bytes, FetchError> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80)))
        .await
        .map_err(FetchError::Connect)?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(FetchError::Http)?;
    // Aborted when this future ends or is dropped, so no connection outlives its fetch.
    let mut driver = JoinSet::new();
    driver.spawn(connection);

    let response = sender.send_request(request(uri)).await.map_err(FetchError::Http)?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    match Limited::new(response.into_body(), MAX_METADATA_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge),
        Err(error) => Err(FetchError::Body(error)),
    }
}

fn request(uri: &Uri) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    let path = uri.path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
    let headers = request.headers_mut();
    headers.insert(ACCEPT, http::HeaderValue::from_static("application/json"));
    let host = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    if let Ok(host) = http::HeaderValue::from_str(host) {
        headers.insert(HOST, host);
    }
    request
}
