//! gRPC through the gateway, between a client and a service of the official package.

mod calls;
mod peers;
mod refusals;
mod volume;
