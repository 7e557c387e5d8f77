//! What `api_key` is set to.

use std::sync::Arc;

use http::header::HeaderName;

use super::Places;

/// Where a client's key is looked for. More than one key in a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// In this header.
    pub header: Option<HeaderName>,
    /// In this parameter of the query. It ends up in logs and histories of others.
    pub query: Option<Arc<str>>,
    /// In this cookie.
    pub cookie: Option<Arc<str>>,
    /// Whether the service does not see it.
    pub hide_credentials: bool,
}

impl Default for ApiKey {
    fn default() -> Self {
        Self {
            header: Some(HeaderName::from_static("apikey")),
            query: None,
            cookie: None,
            hide_credentials: true,
        }
    }
}

impl ApiKey {
    /// Where it is looked for.
    pub fn places(&self) -> Places {
        Places {
            headers: self.header.iter().cloned().collect(),
            query: self.query.iter().cloned().collect(),
            cookies: self.cookie.iter().cloned().collect(),
        }
    }
}
