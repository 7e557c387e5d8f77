//! Symbolon beside its peers: CPU time per request, measured in turn in one run.
//!
//! One program with several parts, because the parts must run as processes of their own, each
//! pinned to a core: `measure` is called by people, `auth-server` and `load` by it.

#![expect(clippy::print_stdout, reason = "a command line talks on stdout")]

mod certificate;
mod compare;
mod core_distance;
mod cpu_time;
mod credential;
mod folder;
mod load;
mod machine;
mod measure;
mod peers;
mod pinned;
mod probe;
mod report;
mod sections;
mod serve;
mod signature;
mod task;
mod token;
mod websocket;
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
    /// Measure sections of the report, all by default, and print their tables.
    Measure(measure::Options),
    /// The time of a round trip between the two cores.
    #[command(hide = true)]
    CoreDistance,
    /// The server that some proxies ask about each request.
    #[command(hide = true)]
    AuthServer(serve::auth_server::Options),
    /// The load generator, with the service behind every proxy.
    #[command(hide = true)]
    Load(load::Options),
}

fn main() -> Result<()> {
    match Cli::parse().part {
        Part::Measure(options) => measure::run(&options),
        Part::CoreDistance => {
            println!("{:?}", core_distance::round_trip()?);
            Ok(())
        }
        Part::AuthServer(options) => serve::auth_server::run(&options),
        Part::Load(options) => load::run(&options),
    }
}
