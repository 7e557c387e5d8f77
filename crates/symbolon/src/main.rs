//! Symbolon in one binary: gateway, authentication service and session store.

mod cli;
mod config;
mod exit_code;

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
