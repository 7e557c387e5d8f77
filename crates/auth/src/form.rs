//! Forms as browsers send them, bounded in size, each field at most once.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::rejection::Rejection;

/// The longest form, in bytes.
pub(crate) const MAX_FORM_BYTES: usize = 16 * 1024;

/// A parsed `application/x-www-form-urlencoded` body.
pub(crate) struct Fields<T>(pub(crate) T);

/// A field that holds a password: wiped after use, never printed.
#[derive(Default)]
pub(crate) struct SecretField(Zeroizing<String>);

impl SecretField {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SecretField {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Fields<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        Form::from_request(request, state).await.map(|Form(fields)| Self(fields)).map_err(rejection)
    }
}

fn rejection(rejection: FormRejection) -> Rejection {
    // The text of axum's rejection repeats fields of the form, so it goes nowhere.
    match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Rejection::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Rejection::NotAForm,
        _ => Rejection::BadForm,
    }
}
