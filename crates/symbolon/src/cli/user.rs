//! `symbolon user`: accounts.

use std::io::{self, Read as _};

use symbolon_core::id::IdError;
use symbolon_core::{Role, SubjectId};
use zeroize::Zeroizing;

use super::{ConfigFile, Failure, remote};
use crate::control::{Command as Control, Password};
use crate::error_chain::chain;
use crate::exit_code::Exit;

/// The longest password that is read, in bytes; the rules allow far less.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add an account
    Add {
        /// Its name: letters, digits, `.`, `_`, `@`, `+`, `-`
        name: SubjectId,
        /// Read the password from standard input; one line break at its end is left out
        #[arg(long, required = true)]
        password_stdin: bool,
        /// A role; may be given several times
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// A group; may be given several times
        #[arg(long = "group", value_name = "GROUP", value_parser = parse_group)]
        groups: Vec<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Give an account another password and end its sessions
    Passwd {
        name: SubjectId,
        /// Read the password from standard input; one line break at its end is left out
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// List all accounts
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Disable an account and end its sessions
    Disable {
        name: SubjectId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Enable an account again
    Enable {
        name: SubjectId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace the roles of an account, in its live sessions too
    Roles {
        name: SubjectId,
        /// All its roles from now on
        #[arg(required_unless_present = "none")]
        roles: Vec<Role>,
        /// No roles from now on
        #[arg(long, conflicts_with = "roles")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Replace the groups of an account, in its live sessions too
    Groups {
        name: SubjectId,
        /// All its groups from now on
        #[arg(required_unless_present = "none", value_parser = parse_group)]
        groups: Vec<String>,
        /// No groups from now on
        #[arg(long, conflicts_with = "groups")]
        none: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add { name, roles, groups, config, .. } => {
            let password = read_password()?;
            let command = Control::UserAdd { name, password, roles, groups };
            remote::run(&config.path, command, false)
        }
        Command::Passwd { name, config, .. } => {
            let password = read_password()?;
            let command = Control::UserPassword { name, password };
            remote::run(&config.path, command, false)
        }
        Command::List { json, config } => remote::run(&config.path, Control::UserList, json),
        Command::Disable { name, config } => {
            remote::run(&config.path, Control::UserDisable { name }, false)
        }
        Command::Enable { name, config } => {
            remote::run(&config.path, Control::UserEnable { name }, false)
        }
        Command::Roles { name, roles, config, .. } => {
            remote::run(&config.path, Control::UserRoles { name, roles }, false)
        }
        Command::Groups { name, groups, config, .. } => {
            remote::run(&config.path, Control::UserGroups { name, groups }, false)
        }
    }
}

/// A group has the form of a role, so that a list of groups can stand in a header.
fn parse_group(text: &str) -> Result<String, IdError> {
    text.parse::<Role>().map(|name| name.to_string())
}

/// Reads a secret from standard input; one line break at its end is left out.
pub(super) fn read_password() -> Result<Password, Failure> {
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .take(MAX_PASSWORD_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
    // `echo` and `printf` then give the same password; spaces are part of it.
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Password::new(Zeroizing::new(line.to_owned())))
}
