//! `symbolon key`: the keys that sign internal tokens.

use symbolon_core::KeyId;

use super::{ConfigFile, Failure, remote};
use crate::control::Command as Control;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the signing keys
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Publish the next key ahead of its time
    Rotate {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Take a key out of use at once, in an emergency
    Pull {
        /// Its `kid`; behind `--` where it begins with `-`
        kid: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json, config } => remote::run(&config.path, Control::KeyList, json),
        Command::Rotate { config } => remote::run(&config.path, Control::KeyRotate, false),
        Command::Pull { kid, config } => {
            let id = KeyId::new(&kid);
            remote::run(&config.path, Control::KeyPull { id }, false)
        }
    }
}
