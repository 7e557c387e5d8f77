//! A server of keys that does what the test tells it, and somebody who signs.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use tokio::sync::Notify;

#[derive(Clone, Default)]
pub(super) struct Server {
    origin: String,
    pages: Arc<Mutex<HashMap<String, Page>>>,
    hit: Arc<Notify>,
}

#[derive(Clone)]
struct Page {
    status: u16,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
    hangs: bool,
    hits: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Vec::new(), hangs: false, hits: 0 }
    }
}

impl Server {
    /// Runs until the test's runtime ends.
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { origin, ..Self::default() };
        let app = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(super) fn put(&self, path: &str, body: &str) {
        self.change(path, |page| {
            *page = Page { body: body.into(), hits: page.hits, ..Page::default() }
        });
    }

    pub(super) fn fail(&self, path: &str, status: u16) {
        self.change(path, |page| page.status = status);
    }

    pub(super) fn redirect(&self, path: &str, to: &str) {
        self.change(path, |page| {
            page.status = 302;
            page.headers.push((header::LOCATION, to.to_owned()));
        });
    }

    pub(super) fn cache(&self, path: &str, control: &str) {
        self.change(path, |page| page.headers.push((header::CACHE_CONTROL, control.to_owned())));
    }

    pub(super) fn hang(&self, path: &str) {
        self.change(path, |page| page.hangs = true);
    }

    pub(super) fn hits(&self, path: &str) -> usize {
        self.pages.lock().get(path).map_or(0, |page| page.hits)
    }

    pub(super) async fn wait_for_hits(&self, path: &str, hits: usize) {
        loop {
            let hit = self.hit.notified();
            if self.hits(path) >= hits {
                return;
            }
            hit.await;
        }
    }

    fn change(&self, path: &str, change: impl FnOnce(&mut Page)) {
        change(self.pages.lock().entry(path.to_owned()).or_default());
    }
}

async fn answer(State(server): State<Server>, uri: Uri) -> (StatusCode, HeaderMap, Vec<u8>) {
    let page = server.pages.lock().get_mut(uri.path()).map(|page| {
        page.hits += 1;
        page.clone()
    });
    server.hit.notify_waiters();
    let Some(page) = page else {
        return (StatusCode::NOT_FOUND, HeaderMap::new(), Vec::new());
    };
    if page.hangs {
        std::future::pending::<()>().await;
    }
    let headers = page.headers.into_iter();
    let headers = headers.map(|(name, value)| (name, HeaderValue::try_from(value).unwrap()));
    (StatusCode::from_u16(page.status).unwrap(), headers.collect(), page.body)
}

/// An issuer's key.
pub(super) struct Signer {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    pub(super) fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { kid: kid.to_owned(), pair }
    }

    pub(super) fn jwks(&self) -> String {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y, kid) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y), &self.kid);
        format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"{kid}","x":"{x}","y":"{y}"}}]}}"#)
    }

    pub(super) fn token(&self) -> String {
        let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, self.kid);
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
