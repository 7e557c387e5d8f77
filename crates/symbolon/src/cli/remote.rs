//! Carries out a command where the store is: here, or in the server that holds it.

use std::path::Path;

use tokio::runtime::Builder;

use super::{Failure, output};
use crate::control::{self, Command, Reply, SendError};
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::services::Services;
use crate::{config, telemetry};

/// Carries out the command and writes what came of it.
pub(super) fn run(config: &Path, command: Command, as_json: bool) -> Result<(), Failure> {
    telemetry::start("warn");
    let settings = config::load(config)?.settings;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
    let reply = runtime.block_on(carry_out(&settings, command))?;
    output::reply(&reply, as_json);
    Ok(())
}

async fn carry_out(settings: &config::Settings, command: Command) -> Result<Reply, Failure> {
    match Services::open(settings).await {
        Ok(services) => {
            let done = control::execute(&services, command).await;
            services.store.close().await;
            done.map_err(|error| Failure::new(Exit::Failed, chain(&error)))
        }
        Err(error) if error.is_in_use() => {
            let socket = settings.store.control_socket();
            Ok(control::send(&socket, &command).await?)
        }
        Err(error) => Err(error.into()),
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        let exit = match error {
            SendError::NoServer { .. } => Exit::StoreInUse,
            SendError::Broken(_) | SendError::Refused(_) => Exit::Failed,
        };
        Self::new(exit, chain(&error))
    }
}
