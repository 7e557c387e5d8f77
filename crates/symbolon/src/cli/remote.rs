//! Carries out a command where the store is: here, or in the server that holds it.

use std::path::{Path, PathBuf};

use tokio::runtime::Builder;

use super::{Failure, output};
use crate::control::{self, Command, Reply, SendError};
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::services::Services;
use crate::{config, telemetry};

/// Carries out the command and writes what came of it.
pub(super) fn run(config: &Path, command: Command, as_json: bool) -> Result<(), Failure> {
    let reply = converse(config, async |way| way.send(command).await)?;
    output::reply(&reply, as_json);
    Ok(())
}

/// Opens a way to the store for any number of commands.
pub(super) fn converse<T>(
    config: &Path,
    talk: impl AsyncFnOnce(&Way) -> Result<T, Failure>,
) -> Result<T, Failure> {
    telemetry::start("warn");
    let settings = config::load(config)?.settings;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
    runtime.block_on(async {
        let way = Way::open(&settings).await?;
        let said = talk(&way).await;
        if let Way::Here(services) = &way {
            services.store.close().await;
        }
        said
    })
}

/// Where commands are carried out.
pub(super) enum Way {
    /// In this process, which holds the store.
    Here(Box<Services>),
    /// In the server that answers on this socket.
    There(PathBuf),
}

impl Way {
    async fn open(settings: &config::Settings) -> Result<Self, Failure> {
        match Services::open(settings).await {
            Ok(services) => Ok(Self::Here(Box::new(services))),
            Err(error) if error.is_in_use() => Ok(Self::There(settings.store.control_socket())),
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out one command.
    pub(super) async fn send(&self, command: Command) -> Result<Reply, Failure> {
        match self {
            Self::Here(services) => control::execute(services, command)
                .await
                .map_err(|error| Failure::new(Exit::Failed, chain(&error))),
            Self::There(socket) => Ok(control::send(socket, &command).await?),
        }
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
