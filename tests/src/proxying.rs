//! A gateway that is in nobody's way: bodies stream, connections are kept, and each failure has
//! its own answer.

mod bodies;
mod connections;
mod downstream;
mod failures;
mod interim;
mod memory;
mod streaming;
mod targets;
mod upgrade;
mod websocket;
