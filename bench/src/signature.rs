//! Signatures over requests, each good once: Kong's form and RFC 9421's, with HMAC and SHA-256.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use crate::load::Load;

/// What both sides know.
pub(crate) const SECRET: &str = "a-secret-that-two-sides-share-to-sign";
/// How many keys take turns: what a gateway remembers of used signatures is bounded for each.
pub(crate) const KEYS: u32 = 128;

/// What is signed besides, so that no two requests are the same.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// How a key is called.
pub(crate) fn key_id(number: u32) -> String {
    format!("bench-{number:03}")
}

/// The form of a signature.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// `Authorization: hmac …`, as the clients of Kong send it.
    Kong,
    /// `Signature-Input` and `Signature`.
    Message,
}

/// Signs.
pub(crate) struct Signer {
    form: Form,
    key: hmac::Key,
    /// Between this process and another one that signs within the same second.
    begun: u128,
}

impl Signer {
    /// For a load that is signed.
    pub(crate) fn of(load: Load) -> Option<Self> {
        let form = match load {
            Load::SignedKong => Form::Kong,
            Load::SignedMessage => Form::Message,
            _ => return None,
        };
        let begun = SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_nanos();
        Some(Self { form, key: hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), begun })
    }

    /// The header lines that sign `GET path`, with the key whose turn it is.
    pub(crate) fn lines(&self, turn: usize, path: &str) -> String {
        let key = key_id(u32::try_from(turn).unwrap_or(0) % KEYS);
        let now = Timestamp::now();
        let nonce = format!("{:x}-{:x}", self.begun, COUNT.fetch_add(1, Ordering::Relaxed));
        match self.form {
            Form::Kong => {
                let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
                let signed = format!("date: {date}\nGET {path} HTTP/1.1\nx-nonce: {nonce}");
                format!(
                    "date: {date}\r\nx-nonce: {nonce}\r\nauthorization: hmac username=\"{key}\", \
                     algorithm=\"hmac-sha256\", headers=\"date request-line x-nonce\", \
                     signature=\"{}\"",
                    self.sign(&signed)
                )
            }
            Form::Message => {
                let params = format!(
                    "(\"@method\" \"@path\" \"@query\");created={};keyid=\"{key}\";nonce=\"{nonce}\"",
                    now.as_second()
                );
                // RFC 9421, 2.2.7: a query that is not there is one question mark.
                let signed = format!(
                    "\"@method\": GET\n\"@path\": {path}\n\"@query\": ?\n\"@signature-params\": {params}"
                );
                let signature = self.sign(&signed);
                format!("signature-input: sig={params}\r\nsignature: sig=:{signature}:")
            }
        }
    }

    fn sign(&self, text: &str) -> String {
        BASE64_STANDARD.encode(hmac::sign(&self.key, text.as_bytes()))
    }
}
