//! The command line: one room for each family of commands.
//!
//! Data go to standard output, everything else to standard error.

mod audit;
mod client;
mod config;
mod demo;
mod explain;
mod explained;
mod key;
mod output;
mod remote;
mod serve;
mod session;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Report;
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::services::OpenError;

/// API gateway, authentication service and session store in one binary.
#[derive(Debug, Parser)]
#[command(name = "symbolon", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole system on this machine, with example services
    Demo(demo::Options),
    /// Run one of the demo's example services
    #[command(hide = true)]
    DemoService(demo::ServiceOptions),
    /// Run the gateway and the authentication service
    Serve(serve::Options),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Manage accounts
    #[command(subcommand)]
    User(user::Command),
    /// Manage machines and applications, and what proves who they are
    #[command(subcommand)]
    Client(client::Command),
    /// See and end sessions
    #[command(subcommand)]
    Session(session::Command),
    /// Manage the keys that sign internal tokens
    #[command(subcommand)]
    Key(key::Command),
    /// Read and verify the audit log
    #[command(subcommand)]
    Audit(audit::Command),
    /// Explain which route, authenticator and rule a request meets
    Explain(explain::Options),
}

/// The option that every command with a configuration has.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// The configuration file
    #[arg(short = 'c', long = "config", value_name = "FILE", default_value = "symbolon.yaml")]
    path: PathBuf,
}

/// Runs the command of this process's arguments. Wrong usage ends the process with code 2.
pub(crate) fn run() -> ExitCode {
    match run_command(Cli::parse().command) {
        Ok(()) => Exit::Ok.into(),
        Err(failure) => {
            output::failure(&failure.message);
            failure.exit.into()
        }
    }
}

fn run_command(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(options) => demo::run(&options),
        Command::DemoService(options) => demo::run_service(options),
        Command::Serve(options) => serve::run(&options),
        Command::Config(command) => config::run(command),
        Command::User(command) => user::run(command),
        Command::Client(command) => client::run(command),
        Command::Session(command) => session::run(command),
        Command::Key(command) => key::run(command),
        Command::Audit(command) => audit::run(command),
        Command::Explain(options) => explain::run(options),
    }
}

/// Why a command failed, ready to be told.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::new(Exit::Configuration, report.to_string())
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let exit = if error.is_in_use() { Exit::StoreInUse } else { Exit::Failed };
        let hint = error.hint().map(|hint| format!("\nhint: {hint}"));
        Self::new(exit, chain(&error) + &hint.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_about_the_configuration_takes_a_file() {
        for command in ["check", "show", "schema"] {
            let line = format!("symbolon config {command} -c shop.yaml");
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_credential_says_what_it_is_made_of() {
        let parse = |line: &str| {
            let line = format!("symbolon client credential add shop {line}");
            Cli::try_parse_from(line.split(' ')).is_ok()
        };
        for good in [
            "api-key",
            "api-key --foreign-stdin --id k --expires-in 90d -c x.yaml",
            "basic --username u --password-stdin --expires-at 2027-01-31T00:00:00Z",
            "hmac --key-id k",
            "hmac --key-id k --secret-stdin",
            "jwt --key k --algorithm ES256 --public-key-file k.pem",
            "jwt --key k --algorithm HS256 --secret-stdin",
            "mtls --san a.example",
            "mtls --fingerprint aa",
        ] {
            assert!(parse(good), "{good}");
        }
        for bad in [
            "",
            "basic --username u",
            "jwt --key k --algorithm ES256",
            "mtls",
            "mtls --san a --subject CN=b",
            "api-key --expires-in soon",
            "api-key --expires-in 1d --expires-at 2027-01-31T00:00:00Z",
            "api-key --id no/name",
        ] {
            assert!(!parse(bad), "{bad}");
        }
    }

    #[test]
    fn roles_are_not_taken_away_by_leaving_them_out() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(!parse("symbolon user roles alice"));
        assert!(parse("symbolon user roles alice --none"));
        assert!(parse("symbolon user roles alice customer admin -c x.yaml"));
        assert!(!parse("symbolon user groups alice"));
        assert!(parse("symbolon user groups alice --none"));
        assert!(parse("symbolon user groups alice staff -c x.yaml"));
    }

    #[test]
    fn a_group_has_the_form_of_a_role() {
        let parse = |group: &str| {
            let line = ["symbolon", "user", "add", "alice", "--password-stdin", "--group", group];
            Cli::try_parse_from(line).is_ok()
        };
        assert!(parse("emea-sales"));
        for bad in ["", "a,b", "a b", "a\n"] {
            assert!(!parse(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_session_is_ended_by_its_id_or_its_subject() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        let id = "00112233445566778899aabbccddeeff";
        assert!(parse(&format!("symbolon session end {id}")));
        assert!(parse("symbolon session end --subject alice"));
        assert!(!parse(&format!("symbolon session end {id} --subject alice")));
        assert!(!parse("symbolon session end"));
        assert!(!parse("symbolon session end not-an-id"));
    }
}
