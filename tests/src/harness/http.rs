//! HTTP/1.1 as bytes (RFC 9112), written for the tests: strict when it reads, and able to send
//! whatever a test wants to be wrong.

mod connection;
mod fields;
mod request;
mod response;
pub(crate) mod wire;

pub(crate) use connection::{Connection, exchange};
pub(crate) use fields::Fields;
pub(crate) use request::{Request, percent};
pub(crate) use response::Response;
pub(crate) use wire::Message;
