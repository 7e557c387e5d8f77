//! An issuer's endpoints on a port of their own, answering what the test puts there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::issuer::{Issuer, claims, with};

/// What is at each path, and how often it was asked for.
#[derive(Clone, Default)]
pub(crate) struct Endpoint {
    pub(crate) address: String,
    pages: Arc<Mutex<HashMap<String, Page>>>,
}

#[derive(Default)]
struct Page {
    status: u16,
    location: Option<String>,
    body: Vec<u8>,
    hits: usize,
}

impl Endpoint {
    /// Runs until the test's runtime ends.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let endpoint = Self { address, ..Self::default() };
        let app = Router::new().fallback(answer).with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        endpoint
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub(crate) fn put(&self, path: &str, status: u16, body: impl Into<Vec<u8>>) {
        let mut pages = self.pages.lock();
        let page = pages.entry(path.to_owned()).or_default();
        (page.status, page.body) = (status, body.into());
    }

    pub(crate) fn redirect(&self, path: &str, to: &str) {
        self.put(path, 302, "");
        self.pages.lock().entry(path.to_owned()).or_default().location = Some(to.to_owned());
    }

    pub(crate) fn hits(&self, path: &str) -> usize {
        self.pages.lock().get(path).map_or(0, |page| page.hits)
    }
}

/// The time of day, for what is tested with the real clock, in seconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "tokens for a running service are minted now")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

/// Claims that are valid now.
pub(crate) fn fresh_claims() -> Value {
    let now = now();
    with(with(claims(), "iat", json!(now)), "exp", json!(now + 60))
}

impl Issuer {
    /// A good token that is valid now.
    pub(crate) fn fresh_token(&self) -> String {
        self.token(&fresh_claims())
    }
}

async fn answer(State(endpoint): State<Endpoint>, uri: Uri) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut pages = endpoint.pages.lock();
    let Some(page) = pages.get_mut(uri.path()) else {
        return (StatusCode::NOT_FOUND, HeaderMap::new(), Vec::new());
    };
    page.hits += 1;
    let location = page.location.iter().map(|to| (LOCATION, to.parse().unwrap())).collect();
    (StatusCode::from_u16(page.status).unwrap(), location, page.body.clone())
}
