//! A request as the service received it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::http::{Fields, Message};

/// What came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) message: Message,
    pub(super) number: usize,
}

impl Received {
    pub(crate) fn method(&self) -> &str {
        self.message.start.split(' ').next().unwrap()
    }

    pub(crate) fn target(&self) -> &str {
        self.message.start.split(' ').nth(1).unwrap()
    }

    pub(crate) fn headers(&self) -> &Fields {
        &self.message.headers
    }

    /// The internal token, if there is one.
    pub(crate) fn token(&self) -> Option<&str> {
        self.headers().get("authorization").map(|value| value.strip_prefix("Bearer ").unwrap())
    }

    /// What the internal token says.
    #[track_caller]
    pub(crate) fn claims(&self) -> Value {
        claims_of(self.token().expect("an internal token"))
    }
}

/// The claims of a token, unverified.
pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
