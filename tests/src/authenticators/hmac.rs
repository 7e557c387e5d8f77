//! Signed requests, in three forms.

mod apisix;
mod as_sent;
mod bodies;
mod configuration;
mod kong;
mod message;
mod page;
mod peers;
mod replays;
mod scene;
mod streamed;
