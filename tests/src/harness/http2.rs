//! HTTP/2 from outside: a client and a service of an independent implementation, and raw frames
//! for what no implementation would send.

mod client;
pub(crate) mod frames;
mod service;

pub(crate) use client::{Client, request};
pub(crate) use service::Service;
