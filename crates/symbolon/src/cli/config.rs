//! `symbolon config`: check a file, show what it amounts to, print its schema.

use std::path::PathBuf;

use super::{ConfigFile, Failure, output};
use crate::config;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Report all mistakes of the file; exit code 64 if there are any
    Check {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print the file with all defaults
    Show {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of the file
    Schema {
        /// Taken as by the other commands; the schema is the same for every file
        #[arg(short = 'c', long = "config", value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { config } => {
            config::load(&config.path)?;
            output::data(&format!("{} is valid\n", config.path.display()));
        }
        Command::Show { config, json } => {
            let effective = config::load(&config.path)?.effective;
            output::data(&if json {
                config::to_json(&effective)
            } else {
                config::to_yaml(&effective)
            });
        }
        Command::Schema { config: _ } => output::data(&config::schema()),
    }
    Ok(())
}
