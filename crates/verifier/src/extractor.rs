//! The axum extractor for handlers behind [`VerifyLayer`](crate::VerifyLayer).

use std::convert::Infallible;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::claims::Claims;

/// The claims of the request's internal token, verified by the layer.
///
/// `Option<Verified>` is for handlers that also stand outside the layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified(pub Claims);

/// The handler stands outside the layer, so nobody has verified anything: answered with 500.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no layer has verified this request")]
pub struct NotVerified;

impl<S: Sync> FromRequestParts<S> for Verified {
    type Rejection = NotVerified;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotVerified> {
        parts.extensions.get::<Claims>().cloned().map(Self).ok_or(NotVerified)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Verified {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Claims>().cloned().map(Self))
    }
}

impl IntoResponse for NotVerified {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
