//! TLS on both sides, and what else a listener does before there is a request.

mod clients;
mod handshake;
mod hsts;
mod http2;
mod independent;
mod misdirected;
mod proxy_protocol;
mod reload;
pub(crate) mod scene;
mod streams;
mod targets;
mod websocket;
