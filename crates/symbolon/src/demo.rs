//! `symbolon demo`: the whole system on loopback, with three example services, in one command.
//!
//! 1. It is the real thing: a configuration file that goes through the same parser, and the same
//!    server, as `symbolon serve`. Only what stands around it is made up.
//! 2. The passwords are known to everybody, so it never listens beyond this machine.
//! 3. Nothing is answered before the example services listen, and nothing outlives the demo.
//! 4. Its state is in a folder of its own: a temporary one, or one that is kept (`--data`).

mod accounts;
mod address;
mod configuration;
mod example_services;
mod folder;
mod service;
#[cfg(test)]
mod tests;
mod tour;

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use tokio::runtime::Builder;

use crate::config::{self, Report};
use crate::serve::{self, ServeError};
use address::{AddressError, Reserved};
use example_services::{ExampleServices, StartError};
use folder::Folder;
use tour::Tour;

pub(crate) use accounts::AccountsError;
pub(crate) use folder::FolderError;
pub(crate) use service::{Options as ServiceOptions, ServiceError};

/// Where the demo listens and keeps its state.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
    /// Folder to keep the state in; without it, the state goes away with the demo
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Loopback address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    address: IpAddr,
}

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    ExampleServices(#[from] StartError),
    #[error(transparent)]
    Configuration(#[from] Report),
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("the example service `{0}` ended, and so did the demo")]
    ServiceEnded(&'static str),
    #[error("cannot set up the process")]
    Process(#[from] io::Error),
}

/// Runs the demo until a signal, or the end of an example service, ends it.
pub(crate) fn run(options: &Options) -> Result<(), DemoError> {
    let public = Reserved::new(options.address, options.port)?;
    let admin = Reserved::new(options.address, 0)?;
    let folder = Folder::open(options.data.as_deref())?;
    let robot_key = folder.robot_key()?;
    let site = format!("http://{}", public.address());

    // From here on, everything that was started ends when this function does.
    let mut services = ExampleServices::start(&format!("{site}/auth/internal"))?;
    let text = configuration::text(public.address(), admin.address(), services.targets());
    let file = folder.write_configuration(&text)?;
    let loaded = config::load(&file)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(accounts::ensure(&loaded.settings))?;
    drop(runtime);

    let tour = Tour { site: &site, admin: admin.address(), folder: &folder, robot_key: &robot_key };
    let mut ended = None;
    let beside = async {
        drop((public, admin));
        tour.tell();
        ended = Some(services.first_to_end().await);
    };
    serve::run_beside(&file, loaded, beside)?;
    match ended {
        Some(service) => Err(DemoError::ServiceEnded(service)),
        None => Ok(()),
    }
}

/// Runs one example service until its standard input is closed.
pub(crate) fn run_service(options: ServiceOptions) -> Result<(), ServiceError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(ServiceError::Process)?.block_on(service::run(options))
}

impl DemoError {
    /// What to do about it, where that is known.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Address(error) => error.hint(),
            _ => None,
        }
    }
}
