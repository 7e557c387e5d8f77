//! The command line: one room for each family of commands.
//!
//! Data go to standard output, everything else to standard error.

mod config;
mod output;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit_code::Exit;

/// API gateway, authentication service and session store in one binary.
#[derive(Debug, Parser)]
#[command(name = "symbolon", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::Command),
}

/// The option that every command with a configuration has.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// The configuration file
    #[arg(
        short = 'c',
        long = "config",
        value_name = "FILE",
        default_value = "symbolon.yaml"
    )]
    path: PathBuf,
}

/// Runs the command of this process's arguments. Wrong usage ends the process with code 2.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Config(command) => config::run(command),
    };
    match done {
        Ok(()) => Exit::Ok.into(),
        Err(failure) => {
            output::failure(&failure.message);
            failure.exit.into()
        }
    }
}

/// Why a command failed, ready to be told.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl From<crate::config::Report> for Failure {
    fn from(report: crate::config::Report) -> Self {
        Self {
            exit: Exit::Configuration,
            message: report.to_string(),
        }
    }
}
