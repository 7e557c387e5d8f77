//! The tour: the one public page, which explains the demo and greets whoever is logged in.
//!
//! It needs no script and nothing from anywhere else, and its policy says so.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use symbolon_verifier::{Claims, RemoteVerifier};

use super::super::accounts::{ACCOUNTS, PASSWORD};

const PAGE: &str = include_str!("tour.html");
const STYLE: &str = include_str!("tour.css");

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; \
                      form-action 'none'; base-uri 'none'";

/// What the page is made from.
struct Tour {
    verifier: RemoteVerifier,
    site: String,
}

/// What the template is given.
#[derive(Serialize)]
struct Values<'a> {
    site: &'a str,
    caller: Option<&'a Claims>,
    /// Names and roles.
    accounts: [(&'static str, &'static str); 2],
    password: &'static str,
}

/// The page at `/` and its style sheet.
pub(super) fn router(verifier: RemoteVerifier, site: &str) -> Router {
    let tour = Tour { verifier, site: site.to_owned() };
    Router::new().route("/", get(show)).route("/tour.css", get(style)).with_state(Arc::new(tour))
}

/// `GET /`.
async fn show(State(tour): State<Arc<Tour>>, headers: HeaderMap) -> Response {
    let caller = tour.caller(&headers).await;
    let Ok(page) = render(&tour.site, caller.as_ref()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        // It shows who is logged in.
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(page)).into_response()
}

/// `GET /tour.css`.
async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, STYLE)
}

impl Tour {
    /// Who came with a good token. Everybody else is greeted as a stranger.
    async fn caller(&self, headers: &HeaderMap) -> Option<Claims> {
        let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        self.verifier.verify(authorization.strip_prefix("Bearer ")?).await.ok()
    }
}

/// The page. A name that ends in `.html` makes the template escape what it is given; only the site,
/// which the demo itself chose, stands there as it is.
pub(super) fn render(site: &str, caller: Option<&Claims>) -> Result<String, minijinja::Error> {
    let values = Values { site, caller, accounts: ACCOUNTS, password: PASSWORD };
    Environment::new().render_named_str("tour.html", PAGE, Serde(values))
}
