//! gRPC through the gateway, between a client and a service of the official package.

mod calls;
pub(crate) mod peers;
mod refusals;
mod volume;
