//! Symbolon in one binary: gateway, authentication service and session store.

// The layout of what runs beside the workers nests deeper than the compiler expects.
#![recursion_limit = "256"]

mod admin;
mod cli;
mod config;
mod control;
mod demo;
mod error_chain;
mod exit_code;
mod serve;
mod services;
mod telemetry;
#[cfg(test)]
mod testing;
mod upgrade;

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
