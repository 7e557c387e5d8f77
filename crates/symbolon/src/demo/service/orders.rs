//! The `orders` service: what the caller ordered, and the cart ([`cart`]).

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Serialize;
use symbolon_verifier::Verified;

use super::{answer, cart};

/// Something that somebody ordered.
#[derive(Serialize)]
struct Order {
    id: u32,
    #[serde(skip)]
    subject: &'static str,
    sku: &'static str,
    quantity: u32,
    state: &'static str,
}

/// A shop that never sells anything new.
const ORDERS: [Order; 4] = [
    Order { id: 1001, subject: "alice", sku: "oil-lamp", quantity: 2, state: "delivered" },
    Order { id: 1002, subject: "bob", sku: "amphora", quantity: 1, state: "delivered" },
    Order { id: 1003, subject: "alice", sku: "bronze-mirror", quantity: 1, state: "delivered" },
    Order { id: 1004, subject: "alice", sku: "wax-tablet", quantity: 5, state: "on its way" },
];

pub(super) fn router() -> Router {
    Router::new()
        .route("/orders", get(list))
        .route("/orders/cart", post(cart::add))
        .layer(DefaultBodyLimit::max(cart::MAX_BODY_BYTES))
        .fallback(answer::not_found)
}

/// `GET /orders`: those of the caller, and nobody else's.
async fn list(Verified(claims): Verified) -> Response {
    let is_own = |order: &&Order| order.subject == claims.sub;
    let own: Vec<_> = ORDERS.iter().filter(is_own).collect();
    answer::json(StatusCode::OK, &own)
}
