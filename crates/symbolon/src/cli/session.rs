//! `symbolon session`: who is logged in.

mod seed;

use symbolon_core::{SessionId, SubjectId};

use super::{ConfigFile, Failure, remote};
use crate::control::Command as Control;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the live sessions, newest first
    List {
        /// Of this account only
        #[arg(long)]
        subject: Option<SubjectId>,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// End one session, or all of an account
    End {
        /// Its id
        #[arg(required_unless_present = "subject", conflicts_with = "subject")]
        id: Option<SessionId>,
        /// All sessions of this account
        #[arg(long)]
        subject: Option<SubjectId>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Import live sessions and print their tokens, for measurements
    #[command(hide = true)]
    Seed(seed::Options),
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { subject, json, config } => {
            remote::run(&config.path, Control::SessionList { subject }, json)
        }
        Command::End { id, subject, config } => match (id, subject) {
            (Some(id), _) => remote::run(&config.path, Control::SessionEnd { id }, false),
            (None, Some(subject)) => {
                remote::run(&config.path, Control::SessionEndAll { subject }, false)
            }
            // Refused by the argument parser.
            (None, None) => Ok(()),
        },
        Command::Seed(options) => seed::run(&options),
    }
}
