//! Every refusal of this service: one table from reason to answer.
//!
//! The client learns status, a short text and the request's identifier; the cause goes to the
//! log, once, from here. Browsers get a page, programs a problem document (RFC 9457).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use symbolon_core::downstream::Downstream;
use symbolon_store::StoreError;
use symbolon_store::passwords::{CredentialsError, HashingError};

use crate::caller::Caller;
use crate::pages::{Bar, ErrorPage, PageError};
use crate::representation::Representation;
use crate::service::App;

/// How soon it is worth trying again when something is overloaded.
const RETRY_SOON: Duration = Duration::from_secs(2);

/// Why a request is not answered as it wished.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("no such page")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed,
    #[error("form too large")]
    TooLarge,
    #[error("not a form")]
    NotAForm,
    #[error("form not understood")]
    BadForm,
    #[error("form not filled in on our own page")]
    StaleForm,
    #[error("not logged in")]
    NotLoggedIn,
    #[error("several session cookies")]
    TwoLogIns,
    #[error("no client showed a credential of its own")]
    NoClient,
    #[error("too many attempts")]
    Throttled(Duration),
    #[error("overloaded")]
    Overloaded,
    #[error("store failed")]
    Store(#[source] Arc<StoreError>),
    #[error("password cannot be hashed")]
    Hashing(#[source] HashingError),
    #[error("page cannot be rendered")]
    Page(#[source] Arc<PageError>),
}

impl Rejection {
    /// Status, title and what to do about it.
    fn answer(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "Nothing here", "There is no page at this address.")
            }
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Not possible here",
                "This address does not take that kind of request.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "Too much at once",
                "The form is larger than any that this service sends out.",
            ),
            Self::NotAForm => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not a form", "This address takes forms only.")
            }
            Self::BadForm => (
                StatusCode::BAD_REQUEST,
                "Form not understood",
                "A field is missing or there twice. Please go back and try again.",
            ),
            Self::StaleForm => (
                StatusCode::FORBIDDEN,
                "Please try again",
                "This form is out of date or was not sent from our own page. Open a fresh one \
                 and try again.",
            ),
            Self::NotLoggedIn => {
                (StatusCode::UNAUTHORIZED, "Please log in", "You need to be logged in for this.")
            }
            Self::TwoLogIns => (
                StatusCode::BAD_REQUEST,
                "Two log-ins at once",
                "This browser sends two of this site's session cookies. Delete the cookies of this \
                 site, or end the sessions from another browser.",
            ),
            Self::NoClient => (
                StatusCode::FORBIDDEN,
                "For clients only",
                "A client gets a token here for one of its own credentials.",
            ),
            Self::Throttled(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts",
                "Please wait a few seconds and try again.",
            ),
            Self::Overloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Very busy",
                "Many people are logging in right now. Please try again in a moment.",
            ),
            Self::Store(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not available",
                "Something that this page needs cannot be reached. Please try again in a moment.",
            ),
            Self::Hashing(_) | Self::Page(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong",
                "That is our fault. Please try again later.",
            ),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled(wait) => Some(*wait),
            Self::Overloaded | Self::Store(_) => Some(RETRY_SOON),
            _ => None,
        }
    }
}

impl From<StoreError> for Rejection {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => Self::Overloaded,
            other => Self::Store(Arc::new(other)),
        }
    }
}

impl From<HashingError> for Rejection {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Overloaded | HashingError::Interrupted => Self::Overloaded,
            other @ HashingError::Hash(_) => Self::Hashing(other),
        }
    }
}

impl From<PageError> for Rejection {
    fn from(error: PageError) -> Self {
        Self::Page(Arc::new(error))
    }
}

impl From<CredentialsError> for Rejection {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::Wrong { .. } => Self::NotLoggedIn,
            CredentialsError::Throttled(throttled) => Self::Throttled(throttled.retry_after),
            CredentialsError::Hashing(error) => error.into(),
            CredentialsError::Store(error) => error.into(),
        }
    }
}

/// Leaves the rejection for [`present`], which knows what the client wants to see.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (status, ..) = self.answer();
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A problem document (RFC 9457 section 3).
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// The layer that turns rejections into pages and problem documents.
pub(crate) async fn present(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let request_id = request
        .extensions()
        .get::<Downstream>()
        .map(|downstream| Arc::clone(&downstream.request_id));
    let mut response = next.run(request).await;
    let Some(rejection) = response.extensions_mut().remove::<Rejection>() else {
        return response;
    };
    log(&rejection, request_id.as_deref());
    let (status, title, detail) = rejection.answer();
    let mut presented = match Representation::wanted(&headers) {
        Representation::Page => {
            let page = ErrorPage {
                status: status.as_u16(),
                title,
                text: detail,
                request_id: request_id.as_deref(),
            };
            let bar = bar(&app, &headers).await;
            app.pages.render(&page, bar.as_ref()).unwrap_or_else(|_| title.into_response())
        }
        Representation::Document => problem(&Problem {
            title,
            status: status.as_u16(),
            detail,
            request_id: request_id.as_deref(),
        }),
    };
    *presented.status_mut() = status;
    for (name, value) in response.headers() {
        // `Allow` of 405, and cookies that were to be set.
        if name == header::ALLOW || name == header::SET_COOKIE {
            presented.headers_mut().append(name, value.clone());
        }
    }
    if let Some(wait) = rejection.retry_after() {
        presented.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
    }
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 section 11.6.1: a 401 names a way to authenticate.
        presented.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"symbolon\""),
        );
    }
    presented
}

/// Whole seconds, at least one (RFC 9110 section 10.2.3).
pub(crate) fn retry_after(wait: Duration) -> HeaderValue {
    HeaderValue::from((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
}

/// Log-out is on every page, this one too. Whoever cannot be recognised now sees none.
async fn bar(app: &App, headers: &HeaderMap) -> Option<Bar> {
    let caller = Caller::identify(app, headers).await.ok()??;
    Some(caller.bar(app))
}

fn problem(problem: &Problem<'_>) -> Response {
    // A structure of texts and numbers always serialises.
    let json = serde_json::to_string(problem).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/problem+json")], json).into_response()
}

fn log(rejection: &Rejection, request_id: Option<&str>) {
    match rejection {
        Rejection::Store(error) => {
            tracing::error!(request.id = request_id, error = %Chain(error), "store failed");
        }
        Rejection::Hashing(error) => {
            tracing::error!(request.id = request_id, error = %Chain(error), "password not hashed");
        }
        Rejection::Page(error) => {
            tracing::error!(request.id = request_id, error = %Chain(error), "page not rendered");
        }
        other => tracing::debug!(request.id = request_id, rejection = %other, "refused"),
    }
}

/// An error with its causes, in one line.
struct Chain<'a, E>(&'a E);

impl<E: std::error::Error> std::fmt::Display for Chain<'_, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
