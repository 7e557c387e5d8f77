//! `symbolon client`: machines and applications, and what proves who they are.
//!
//! Those of the configuration file are listed; those that are added here live in the store, and
//! every change holds from the next request on.

mod credential;
mod texts;

use std::collections::BTreeMap;
use std::time::Duration;

use symbolon_core::{ClientId, OsRandom, PlainToken, Role, TokenKind};

use super::{ConfigFile, Failure, output, remote};
use crate::control::{Change, ClientCommand, Command as Control, Facts};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a client; it proves nothing until it has a credential
    Add {
        /// Its name: letters, digits, `.`, `_`, `@`, `+`, `-`
        id: ClientId,
        /// A group; may be given several times
        #[arg(long = "group", value_name = "GROUP", value_parser = texts::group)]
        groups: Vec<String>,
        /// A role; may be given several times
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// A scope; may be given several times
        #[arg(long = "scope", value_name = "SCOPE", value_parser = texts::scope)]
        scopes: Vec<String>,
        /// A label; may be given several times
        #[arg(long = "label", value_name = "NAME=VALUE", value_parser = texts::label)]
        labels: Vec<(String, String)>,
        /// What another system calls it
        #[arg(long, value_name = "TEXT", value_parser = texts::custom_id)]
        custom_id: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// List the clients of the configuration file and of the store
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
    /// Show a client and its credentials
    Show {
        id: ClientId,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Enable a client again
    Enable {
        id: ClientId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Disable a client: its credentials prove nothing, and sessions that it opened end
    Disable {
        id: ClientId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Remove a client with its credentials and the sessions that it opened
    Remove {
        id: ClientId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace the groups of a client
    Groups {
        id: ClientId,
        /// All its groups from now on
        #[arg(required_unless_present = "none", value_parser = texts::group)]
        groups: Vec<String>,
        /// No groups from now on
        #[arg(long, conflicts_with = "groups")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace the roles of a client
    Roles {
        id: ClientId,
        /// All its roles from now on
        #[arg(required_unless_present = "none")]
        roles: Vec<Role>,
        /// No roles from now on
        #[arg(long, conflicts_with = "roles")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace the scopes of a client
    Scopes {
        id: ClientId,
        /// All its scopes from now on
        #[arg(required_unless_present = "none", value_parser = texts::scope)]
        scopes: Vec<String>,
        /// No scopes from now on
        #[arg(long, conflicts_with = "scopes")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace the labels of a client
    Labels {
        id: ClientId,
        /// All its labels from now on
        #[arg(required_unless_present = "none", value_name = "NAME=VALUE", value_parser = texts::label)]
        labels: Vec<(String, String)>,
        /// No labels from now on
        #[arg(long, conflicts_with = "labels")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace what another system calls a client
    CustomId {
        id: ClientId,
        #[arg(required_unless_present = "none", value_parser = texts::custom_id)]
        custom_id: Option<String>,
        /// Nothing from now on
        #[arg(long, conflicts_with = "custom_id")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print a new API key, to be kept in the file that `secret_file` names
    NewKey,
    /// Manage the credentials of a client
    #[command(subcommand)]
    Credential(credential::Command),
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Jwt { id, lifetime, config } => {
            let lifetime = Duration::from_secs(lifetime);
            remote::run(&config.path, Control::ClientJwt { id, lifetime }, false)
        }
        Command::NewKey => {
            let key = PlainToken::generate(TokenKind::ApiKey, &OsRandom);
            output::data(&format!("{}\n", key.reveal()));
            Ok(())
        }
        Command::Credential(command) => credential::run(command),
        Command::Add { id, groups, roles, scopes, labels, custom_id, config } => {
            let labels: BTreeMap<String, String> = labels.into_iter().collect();
            let facts = Facts { custom_id, groups, roles, scopes, labels };
            ask(&config, ClientCommand::Add { id, facts }, false)
        }
        Command::List { json, config } => ask(&config, ClientCommand::List, json),
        Command::Show { id, json, config } => ask(&config, ClientCommand::Show { id }, json),
        Command::Remove { id, config } => ask(&config, ClientCommand::Remove { id }, false),
        Command::Enable { id, config } => change(&config, id, Change::Enabled(true)),
        Command::Disable { id, config } => change(&config, id, Change::Enabled(false)),
        Command::Groups { id, groups, config, .. } => change(&config, id, Change::Groups(groups)),
        Command::Roles { id, roles, config, .. } => change(&config, id, Change::Roles(roles)),
        Command::Scopes { id, scopes, config, .. } => change(&config, id, Change::Scopes(scopes)),
        Command::Labels { id, labels, config, .. } => {
            change(&config, id, Change::Labels(labels.into_iter().collect()))
        }
        Command::CustomId { id, custom_id, config, .. } => {
            change(&config, id, Change::CustomId(custom_id))
        }
    }
}

fn change(config: &ConfigFile, id: ClientId, change: Change) -> Result<(), Failure> {
    ask(config, ClientCommand::Change { id, change }, false)
}

fn ask(config: &ConfigFile, command: ClientCommand, json: bool) -> Result<(), Failure> {
    remote::run(&config.path, Control::Client(command), json)
}
