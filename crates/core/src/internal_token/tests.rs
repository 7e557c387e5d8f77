//! Internal tokens, tried against the verifier that services use.

mod history;
mod minting;
mod ring;
mod signing_key;

use std::sync::Arc;

use super::*;
use crate::time::Timestamp;

const ISSUER: &str = "https://shop.example/auth/internal";

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn key(created_at: i64, active_from: i64) -> RingKey {
    RingKey {
        key: Arc::new(SigningKey::generate().unwrap()),
        created_at: at(created_at),
        active_from: at(active_from),
        pulled_at: None,
    }
}

fn secs(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap()
}
