//! `{mount}/style.css`: the one style sheet. Its address changes with its content, so browsers
//! keep it for good.

use aws_lc_rs::digest;
use axum::http::header;
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const STYLE: &str = include_str!("../../templates/style.css");

/// Characters of the hash in the address.
const HASH_CHARS: usize = 12;

/// The address as pages write it.
pub(crate) fn address(mount: &str) -> String {
    let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    let hash = hash.get(..HASH_CHARS).unwrap_or_default();
    format!("{mount}/style.css?v={hash}")
}

/// GET: the style sheet.
pub(crate) async fn show() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        STYLE,
    )
}
