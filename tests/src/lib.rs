//! Tests through the real binary over real sockets: what it promises, and what it refuses.
//!
//! One folder for each promise; what they are made of is in `harness`. They run against
//! `target/debug/symbolon` unless `SYMBOLON_BIN` names another binary.

#![cfg(test)]

mod audit;
mod authenticators;
mod authorization;
mod balance;
mod browser;
mod compression;
mod crowds;
mod demo;
mod docs_snippets;
mod durability;
mod examples;
mod explain;
mod framing;
mod grpc;
mod guessing;
mod harness;
mod headers;
mod http2;
mod limits;
mod login;
mod logout;
mod observed;
mod paths;
mod proxying;
mod reload;
mod routing;
mod settle;
mod tls;
mod upgrade;
