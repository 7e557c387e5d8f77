//! A tower layer that lets a request through only with a good internal token.
//!
//! 1. A good token: its [`Claims`] are put among the request's extensions.
//! 2. None, or a bad one: 401 with `WWW-Authenticate: Bearer` (RFC 6750 3).
//! 3. No keys to judge with: 503. Nobody is let in unjudged.
//!
//! A refusal has an empty body. The [`RemoteError`] behind it is among the answer's extensions, for
//! a layer outside this one to log.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use crate::bearer::{self, NoToken};
use crate::claims::Claims;
use crate::error::VerifyError;
use crate::remote::{RemoteError, RemoteVerifier};

/// Puts [`VerifyService`] around a service.
#[derive(Clone, Debug)]
pub struct VerifyLayer {
    verifier: RemoteVerifier,
}

/// Verifies the token of every request before the service inside sees it.
#[derive(Clone, Debug)]
pub struct VerifyService<S> {
    inner: S,
    verifier: RemoteVerifier,
}

impl VerifyLayer {
    /// A layer that accepts what `verifier` accepts.
    pub fn new(verifier: RemoteVerifier) -> Self {
        Self { verifier }
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = VerifyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        VerifyService { inner, verifier: self.verifier.clone() }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for VerifyService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    S::Future: Send,
    RequestBody: Send + 'static,
    ResponseBody: Default,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        // The one that was asked whether it is ready is called; the clone takes its place.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let verifier = self.verifier.clone();
        Box::pin(async move {
            match judge(&verifier, request.headers()).await {
                Ok(claims) => {
                    request.extensions_mut().insert(claims);
                    inner.call(request).await
                }
                Err(refusal) => Ok(refusal.map(|()| ResponseBody::default())),
            }
        })
    }
}

async fn judge(verifier: &RemoteVerifier, headers: &HeaderMap) -> Result<Claims, Response<()>> {
    let token = match bearer::token(headers) {
        Ok(token) => token,
        Err(NoToken::Missing) => return Err(unauthorized(None)),
        Err(NoToken::Malformed) => return Err(unauthorized(Some(VerifyError::NotCompactJws))),
    };
    verifier.verify(token).await.map_err(|error| {
        let mut refusal = match &error {
            RemoteError::Token(error) => unauthorized(Some(*error)),
            RemoteError::KeysUnavailable(_) => answer(StatusCode::SERVICE_UNAVAILABLE),
        };
        refusal.extensions_mut().insert(error);
        refusal
    })
}

fn unauthorized(error: Option<VerifyError>) -> Response<()> {
    let mut response = answer(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, bearer::challenge(error));
    response
}

fn answer(status: StatusCode) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    response
}
