//! `symbolon client`: machines. They and their credentials stand in the configuration file.

use std::time::Duration;

use symbolon_core::{ClientId, OsRandom, PlainToken, TokenKind};

use super::{ConfigFile, Failure, output, remote};
use crate::config;
use crate::control::Command as Control;
use crate::exit_code::Exit;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the clients of the configuration file
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print a token for a client, for the `jwt` authenticator
    Jwt {
        /// The client
        id: ClientId,
        /// For how many seconds it is good, 900 at most
        #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=900))]
        lifetime: u64,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print a new API key, to be kept in the file that `secret_file` names
    NewKey,
    /// Add a client (not supported by this version yet)
    #[command(hide = true)]
    Add(Later),
    /// Manage the credentials of a client (not supported by this version yet)
    #[command(hide = true)]
    Credential(Later),
}

/// Whatever a command of a later version takes.
#[derive(Debug, clap::Args)]
pub(super) struct Later {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _arguments: Vec<String>,
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json, config } => {
            output::clients(&config::load(&config.path)?.settings.clients, json);
        }
        Command::Jwt { id, lifetime, config } => {
            let lifetime = Duration::from_secs(lifetime);
            return remote::run(&config.path, Control::ClientJwt { id, lifetime }, false);
        }
        Command::NewKey => {
            let key = PlainToken::generate(TokenKind::ApiKey, &OsRandom);
            output::data(&format!("{}\n", key.reveal()));
        }
        Command::Add(_) => return Err(not_yet("client add")),
        Command::Credential(_) => return Err(not_yet("client credential")),
    }
    Ok(())
}

fn not_yet(command: &str) -> Failure {
    let message = format!(
        "`{command}` is not supported by this version yet\n\
         hint: clients and their credentials stand in the configuration file, under `clients`"
    );
    Failure::new(Exit::Usage, message)
}
