//! A request that nobody sent.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};

use crate::config::{Config, Listener};
use crate::downstream::Downstream;
use crate::extended_connect::ExtendedConnect;
use crate::fields::Fields;
use crate::head::{Head, Target};

/// What is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    /// The method.
    pub method: String,
    /// A whole URL, or a path where the public URL's host is meant.
    pub url: String,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// From where it comes; from this machine where nothing is said.
    pub source: Option<IpAddr>,
}

/// Why that is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The method is none.
    #[error("`{0}` is not a method")]
    Method(String),
    /// The URL is none; its query is not repeated.
    #[error("`{0}` is neither a URL nor a path")]
    Url(String),
    /// A header is none; its value is not repeated.
    #[error("the header `{0}` cannot be sent")]
    Header(String),
}

impl Question {
    /// The request, as it would come over a plain connection to the first listener that answers.
    pub(super) fn pose(
        self,
        config: &Config,
        own: &str,
    ) -> Result<(Head, Downstream), QuestionError> {
        let method = Method::from_bytes(self.method.as_bytes());
        let method = method.map_err(|_| QuestionError::Method(self.method.clone()))?;
        let uri: Uri = self.url.parse().map_err(|_| no_url(&self.url))?;
        if !uri.path().starts_with('/') {
            return Err(no_url(&self.url));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let parsed = HeaderName::try_from(name.as_str()).ok();
            let parsed = parsed.zip(HeaderValue::try_from(value.as_str()).ok());
            let (name, value) = parsed.ok_or_else(|| QuestionError::Header(name.clone()))?;
            headers.append(name, value);
        }
        if !headers.contains_key(HOST) {
            let host = uri.authority().map_or(own, http::uri::Authority::as_str);
            let value = HeaderValue::try_from(host).ok();
            headers.insert(HOST, value.ok_or_else(|| no_url(&self.url))?);
        }
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let target = path.parse().map_err(|_| no_url(&self.url))?;
        let head = Head {
            method,
            version: Version::HTTP_11,
            target: Target::Absolute(Box::new(target)),
            fields: Fields::from(&headers),
            extended_connect: ExtendedConnect::No,
        };
        let source = self.source.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        Ok((head, Downstream::new(SocketAddr::new(source, 0), &listener(config), None, None)))
    }
}

fn no_url(url: &str) -> QuestionError {
    QuestionError::Url(url.split('?').next().unwrap_or_default().to_owned())
}

/// Where requests are answered and not only sent away.
fn listener(config: &Config) -> Arc<Listener> {
    let answers = config.listeners.iter().find(|listener| listener.redirect_to.is_none());
    let nowhere = || Listener::plain(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    Arc::new(answers.cloned().unwrap_or_else(nowhere))
}
