//! An outside issuer's server: it answers, refuses, lies, hangs or hangs up, as the test says.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;

use crate::harness::patience::eventually;
use crate::harness::upstream::answer;
use crate::harness::upstream::{Received, Upstream};

/// Where the metadata are, and where they say that the keys are.
pub(super) const METADATA: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/jwks";

pub(super) struct KeyServer {
    upstream: Upstream,
    says: Arc<Mutex<Says>>,
}

/// What it does when it is asked for the keys.
#[derive(Clone)]
pub(super) enum Says {
    /// These keys.
    Keys(String),
    /// This status.
    Status(&'static str),
    /// That they are elsewhere.
    Redirect(String),
    /// In its metadata, that it is this issuer.
    Issuer(String),
    /// Nothing, and waits.
    Nothing,
    /// Nothing, and closes the connection.
    Gone,
}

impl KeyServer {
    pub(super) fn start(says: Says) -> Self {
        let says = Arc::new(Mutex::new(says));
        let shared = Arc::clone(&says);
        let upstream = Upstream::scripted(move |peer| {
            while let Some(request) = peer.request() {
                let says = shared.lock().clone();
                match says {
                    Says::Nothing => return peer.wait_until_closed(),
                    Says::Gone => return,
                    says => peer.write(&answer(&request, &says)),
                }
            }
        });
        Self { upstream, says }
    }

    /// The issuer, and where its metadata are below.
    pub(super) fn issuer(&self) -> String {
        format!("http://{}", self.upstream.address)
    }

    pub(super) fn keys_at(&self) -> String {
        format!("{}{KEYS}", self.issuer())
    }

    pub(super) fn says(&self, says: Says) {
        *self.says.lock() = says;
    }

    /// How often the keys were asked for.
    pub(super) fn hits(&self) -> usize {
        self.upstream.requests().iter().filter(|request| request.target() == KEYS).count()
    }

    /// Waits until the keys, or the metadata, were asked for so often.
    pub(super) fn wait_for_questions(&self, count: usize) {
        eventually("questions for keys", || {
            (self.upstream.requests().len() >= count).then_some(())
        });
    }
}

fn answer(request: &Received, says: &Says) -> Vec<u8> {
    if request.target() == METADATA {
        let origin = format!("http://{}", request.headers().get("host").unwrap());
        let issuer = if let Says::Issuer(other) = says { other } else { &origin };
        let keys = format!("{origin}{KEYS}");
        let metadata = json!({ "issuer": issuer, "jwks_uri": keys }).to_string();
        return answer::ok(&metadata);
    }
    match says {
        Says::Keys(keys) => answer::ok(keys),
        Says::Status(status) => answer::with(status, &[], ""),
        Says::Redirect(to) => answer::with("302 Found", &[("Location", to)], ""),
        Says::Issuer(_) | Says::Nothing | Says::Gone => answer::with("404 Not Found", &[], ""),
    }
}
