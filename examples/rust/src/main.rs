//! A microservice in Rust behind Symbolon: tells the caller who they are and keeps a cart in the
//! session.
//!
//! Everything about tokens is the layer in [`app`]; a handler takes [`Verified`] and has nothing
//! left to check but its own rules.

mod session_change;

use std::io::Write as _;
use std::net::SocketAddr;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_verifier::{Algorithm, Claims, RemoteVerifier, Verified, VerifyLayer};
use tokio::net::TcpListener;

use session_change::SessionPatch;

/// The largest request body read, in bytes.
const MAX_BODY_BYTES: usize = 4096;
/// The longest article number taken, in bytes.
const MAX_SKU_BYTES: usize = 64;

/// A microservice behind Symbolon.
#[derive(Parser)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Issuer of the internal tokens, e.g. `http://127.0.0.1:8080/auth/internal`.
    #[arg(long)]
    issuer: String,
    /// This service's audience, as the gateway's configuration names it.
    #[arg(long)]
    audience: String,
}

#[derive(Deserialize)]
struct NewItem {
    sku: String,
}

#[derive(Serialize)]
struct Added {
    id: String,
    sku: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let verifier = RemoteVerifier::discover(arguments.issuer, arguments.audience)
        .algorithms(&[Algorithm::Es256])
        .build()?;
    let listener = TcpListener::bind(arguments.listen).await?;
    writeln!(std::io::stdout(), "listening on {}", listener.local_addr()?)?;
    axum::serve(listener, app(verifier)).await?;
    Ok(())
}

fn app(verifier: RemoteVerifier) -> Router {
    Router::new()
        .route("/whoami", get(whoami))
        .route("/cart", post(add_to_cart))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(VerifyLayer::new(verifier))
}

/// `GET /whoami`: the claims this service received, the session data included.
async fn whoami(Verified(claims): Verified) -> Json<Claims> {
    Json(claims)
}

/// `POST /cart` `{"sku": "…"}`: adds an item to the cart that all services of this session share.
///
/// Every item has a key of its own, so two requests at a time change different members of the cart
/// and neither is lost.
async fn add_to_cart(
    _: Verified,
    Json(item): Json<NewItem>,
) -> axum::response::Result<impl IntoResponse> {
    if item.sku.is_empty() || item.sku.len() > MAX_SKU_BYTES {
        return Err((StatusCode::BAD_REQUEST, "sku has to be 1 to 64 bytes").into());
    }
    let id = random_id().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    let patch = SessionPatch(json!({ "cart": { &id: { "sku": &item.sku } } }));
    Ok((patch, Json(Added { id, sku: item.sku })))
}

/// 64 random bits as hexadecimal.
fn random_id() -> Option<String> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(format!("{:016x}", u64::from_be_bytes(bytes)))
}
