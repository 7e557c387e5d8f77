//! `symbolon serve`: the running system.

use clap::ValueEnum;

use super::{ConfigFile, Failure};
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::serve::{self, ServeError};
use crate::upgrade::{Inheritance, MeetError, Program};
use crate::{config, telemetry};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// Run one half only (not supported by this version yet)
    #[arg(long)]
    only: Option<Half>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Half {
    Gateway,
    Auth,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if options.only.is_some() {
        let message = "`--only` is not supported by this version yet";
        return Err(Failure::new(Exit::Usage, message));
    }
    let program = Program::of_this_process();
    let inheritance = Inheritance::of_this_process()?;
    let loaded = config::load(&options.config.path)?;
    telemetry::start("info");
    Ok(serve::run(&options.config.path, loaded, program, inheritance)?)
}

impl From<MeetError> for Failure {
    fn from(error: MeetError) -> Self {
        Self::new(Exit::Failed, chain(&error))
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Open(error) => error.into(),
            ServeError::Meet(error) => error.into(),
            ServeError::Bind(_) | ServeError::Admin { .. } => {
                Self::new(Exit::Address, chain(&error))
            }
            ServeError::Process(_) => Self::new(Exit::Failed, chain(&error)),
        }
    }
}
