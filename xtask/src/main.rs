//! The project's own commands: `cargo xtask` lists them, `cargo xtask NAME` runs one.

#![expect(clippy::print_stdout, reason = "a command line talks on stdout")]

mod bench;
mod check;
mod fuzz;
mod install;
mod repository;
mod run;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;

/// One command: how it is called, what it does, and the function that does it.
struct Command {
    name: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "check",
        does: "formatting, clippy, cargo-deny, documentation, tidy",
        run: check::run,
    },
    Command {
        name: "tidy",
        does: "file sizes, arrows between crates, the form of a page, golden files [--bless]",
        run: tidy::run,
    },
    Command {
        name: "test",
        does: "every test, the fuzz targets included; installs what they need [--fuzz-seconds N]",
        run: test::run,
    },
    Command { name: "fuzz", does: "every fuzz target for a while [--seconds N]", run: fuzz::run },
    Command {
        name: "bench",
        does: "beside nginx, HAProxy and Envoy, into docs/benchmarks.md [peers|sessions|tls|http2|\
               websocket|bodies|routes|connections|policies]… [--rounds N --seconds N --only NAME]",
        run: bench::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        list_commands();
        return ExitCode::SUCCESS;
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        println!("unknown command `{name}`\n");
        list_commands();
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn list_commands() {
    println!("cargo xtask COMMAND\n");
    for command in COMMANDS {
        println!("  {:<6} {}", command.name, command.does);
    }
}
