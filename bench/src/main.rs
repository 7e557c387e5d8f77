//! Symbolon beside its peers: CPU time per request, measured in turn in one run.
//!
//! One program with several parts, because the parts must run as processes of their own, each
//! pinned to a core: `compare` and `sessions` are called by people, `upstream`, `auth-server` and
//! `load` by them.

#![expect(clippy::print_stdout, reason = "a command line talks on stdout")]

mod compare;
mod cpu_time;
mod credential;
mod folder;
mod load;
mod machine;
mod peers;
mod pinned;
mod probe;
mod report;
mod serve;
mod sessions;
mod workload;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Symbolon beside nginx, HAProxy and Envoy")]
struct Cli {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Measure every program and print the table.
    Compare(compare::Options),
    /// Measure with few and with many live sessions.
    Sessions(sessions::Options),
    /// The service behind every proxy.
    #[command(hide = true)]
    Upstream(serve::upstream::Options),
    /// The server that some proxies ask about each request.
    #[command(hide = true)]
    AuthServer(serve::auth_server::Options),
    /// The load generator.
    #[command(hide = true)]
    Load(load::Options),
}

fn main() -> Result<()> {
    match Cli::parse().part {
        Part::Compare(options) => compare::run(&options),
        Part::Sessions(options) => sessions::run(&options),
        Part::Upstream(options) => serve::upstream::run(&options),
        Part::AuthServer(options) => serve::auth_server::run(&options),
        Part::Load(options) => load::run(&options),
    }
}
