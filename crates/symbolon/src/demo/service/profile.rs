//! The `profile` service: who the caller is, as the gateway says, and a page for administrators.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use symbolon_verifier::Verified;

use super::answer;

pub(super) fn router() -> Router {
    Router::new()
        .route("/profile", get(claims))
        .route("/admin", get(admin))
        .fallback(answer::not_found)
}

/// `GET /profile`: the claims that came with the request, the session data among them.
async fn claims(Verified(claims): Verified) -> Response {
    answer::json(StatusCode::OK, &claims)
}

/// `GET /admin`: the route asks for the role already. A service that has more to lose than this
/// one asks again, in case somebody changes the route.
async fn admin(Verified(claims): Verified) -> Response {
    if !claims.has_role("admin") {
        return answer::refusal(StatusCode::FORBIDDEN, "only for the role `admin`");
    }
    let body = json!({
        "message": "Only the role `admin` comes this far.",
        "subject": claims.sub,
        "roles": claims.roles,
    });
    answer::json(StatusCode::OK, &body)
}
