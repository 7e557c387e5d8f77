//! `hmac`: what a signature over the request has to be like.

use http::header::HeaderName;
use symbolon_core::http_signature::{Form, Policy};

use super::Places;

/// A signature over the request, with a shared secret or a private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hmac {
    /// What is asked of the signature itself.
    pub policy: Policy,
    /// Whether a body needs a signed digest. One that is signed is checked in any case.
    pub validate_body: bool,
    /// How many bytes of a body with a signed digest are read before the service is asked.
    pub buffer_body: u64,
    /// Whether a signature is good only once.
    pub refuse_replays: bool,
    /// Whether the service does not see `Signature` and `Signature-Input`.
    pub hide_credentials: bool,
}

/// How much of a body is read before the service is asked, unless set otherwise, in bytes.
const BUFFER_BODY: u64 = 64 * 1024;

impl Default for Hmac {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            validate_body: true,
            buffer_body: BUFFER_BODY,
            refuse_replays: true,
            hide_credentials: true,
        }
    }
}

impl Hmac {
    /// Whether a form is read.
    pub fn reads(&self, form: Form) -> bool {
        self.policy.forms.contains(&form)
    }

    pub(super) fn hidden_places(&self) -> Places {
        let mut places = Places::default();
        if self.hide_credentials && self.reads(Form::MessageSignature) {
            places.headers = vec![
                HeaderName::from_static("signature"),
                HeaderName::from_static("signature-input"),
            ];
        }
        places
    }
}
