//! The crate as its users meet it: tokens in, claims or refusals out.
//!
//! The rooms for `fetch` and `axum` are built with those features: `cargo test --all-features`.

#[cfg(test)]
#[cfg(feature = "fetch")]
mod endpoint;
#[cfg(test)]
mod forged_claims;
#[cfg(test)]
mod forged_headers;
#[cfg(test)]
mod forged_shapes;
#[cfg(test)]
mod issuer;
#[cfg(test)]
#[cfg(feature = "axum")]
mod layer;
#[cfg(test)]
mod refusal;
#[cfg(test)]
#[cfg(feature = "fetch")]
mod remote_keys;
#[cfg(test)]
mod round_trip;
