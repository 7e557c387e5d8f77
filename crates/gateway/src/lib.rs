//! Symbolon's data plane: the request on its way from a listener to a service and back.
//!
//! ```text
//! listener -> clean -> match -> limit -> authenticate -> authorize -> mint -> upstream -> settle
//! ```
//!
//! Each stage is a type that only the stage before it can make; `handle` reads as that line.

mod access_log;
pub mod action;
mod arrival;
mod authenticator;
mod balance;
mod body;
mod bound_route;
pub mod canonical;
mod chunked;
pub mod compress;
pub mod config;
mod decide;
mod descriptors;
mod downstream;
mod downstream_stream;
mod drain;
mod event;
mod explain;
mod extended_connect;
pub mod fields;
mod forwarded;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gateway;
mod grpc;
mod handle;
mod head;
mod hidden;
mod hop_by_hop;
pub mod identity_headers;
mod issuers;
mod keepalive;
pub mod limit;
mod look_up;
mod metrics;
mod near;
mod patience;
pub mod pattern;
mod progress;
mod proxy_protocol;
mod query;
mod redirect;
mod rejection;
mod replay;
mod request_body;
mod rewound;
mod route_guard;
pub mod route_table;
mod seldom;
mod server_timing;
mod serving;
mod session_guard;
mod settle;
mod signed_body;
mod snapshot;
mod source_address;
mod stage;
pub mod tls;
mod trace;
mod trailers;
pub mod trusted;
mod upgrade;
mod upstream;
mod vary;
mod worker;
mod write_watch;

pub use access_log::LineSink;
pub use config::Config;
pub use explain::{Question, QuestionError};
pub use gateway::{BindError, Gateway, Handle, Inherited, Parts, Running};
pub use issuers::IssuerKeeper;
pub use trace::SpanExporter;
