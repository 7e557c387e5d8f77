//! `symbolon demo` and, for its example services, `symbolon demo-service`.

use super::Failure;
use crate::demo::{self, AccountsError, DemoError, FolderError, ServiceError};
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::telemetry;

pub(super) use crate::demo::{Options, ServiceOptions};

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    telemetry::start("warn");
    Ok(demo::run(options)?)
}

pub(super) fn run_service(options: ServiceOptions) -> Result<(), Failure> {
    telemetry::start("warn");
    Ok(demo::run_service(options)?)
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        let hint = error.hint().map(|hint| format!("\nhint: {hint}"));
        match error {
            DemoError::Configuration(report) => report.into(),
            DemoError::Accounts(AccountsError::Open(error)) => error.into(),
            DemoError::Serve(error) => error.into(),
            DemoError::Address(_) => {
                Self::new(Exit::Address, chain(&error) + &hint.unwrap_or_default())
            }
            DemoError::Folder(FolderError::InUse(_)) => Self::new(Exit::StoreInUse, chain(&error)),
            _ => Self::new(Exit::Failed, chain(&error)),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::new(Exit::Failed, chain(&error))
    }
}
