//! The running system: opened, bound, served, reloaded, drained.
//!
//! 1. Nothing is bound before the configuration is understood and the store is open.
//! 2. The gateway and the database have threads of their own. What runs here, on one thread, is
//!    everything else, and none of it computes: the queue of writes, the upkeep, the admin
//!    listener, the control socket, signals and reloads.
//! 3. At the end: not ready any more, what is under way finishes, what is queued is written.

mod background;
mod files;
mod reload;
mod signals;
mod watch;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use symbolon_gateway::{BindError, Gateway};
use tokio::runtime::Builder;

use crate::admin::{self, AdminListener, Readiness};
use crate::config::{Loaded, Settings};
use crate::control::ControlSocket;
use crate::error_chain::chain;
use crate::services::{OpenError, Services};
use background::Background;
use reload::Reloader;
use signals::{Signal, Signals};

/// The most threads for what blocks: the file that is read again, the password that an operator
/// sets, the end of the gateway's workers.
const MAX_BLOCKING_THREADS: usize = 8;

/// Why the system does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("cannot listen on {address} for the admin listener")]
    Admin {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("cannot set up the process")]
    Process(#[from] io::Error),
}

/// Serves until a signal ends it.
pub(crate) fn run(file: &Path, loaded: Loaded) -> Result<(), ServeError> {
    run_beside(file, loaded, std::future::pending())
}

/// As [`run`], with a companion that starts once requests are welcome; when it ends, so does the
/// system.
pub(crate) fn run_beside(
    file: &Path,
    loaded: Loaded,
    companion: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .enable_all()
        .build()?;
    runtime.block_on(serve(file, loaded, companion))
}

async fn serve(
    file: &Path,
    loaded: Loaded,
    companion: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let mut signals = Signals::new()?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), file = %file.display(), "starting");
    let settings = &loaded.settings;
    let services = Services::open(settings).await?;
    let mut gateway = bind_gateway(settings, &services)?;
    let admin = AdminListener::bind(settings.admin)
        .await
        .map_err(|source| ServeError::Admin { address: settings.admin, source })?;
    let readiness = Readiness::default();
    let handle = gateway.handle();
    tell_listeners(&gateway, &admin);
    let spans = gateway.span_exporter();
    let gateway = gateway.run()?;
    let state = admin::State::new(services.clone(), handle.clone(), Arc::clone(&readiness));
    let background =
        Background::start(services.clone(), admin, state, control_socket(settings), spans);
    readiness.set(true);

    let mut reloader = Reloader::start(file, loaded, handle).await;
    let mut companion = pin!(companion);
    loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::Reload => reloader.reload().await,
                Signal::End => break,
            },
            () = reloader.changed() => reloader.reload_if_changed().await,
            () = &mut companion => break,
        }
    }

    tracing::info!("shutting down");
    readiness.set(false);
    tokio::select! {
        () = gateway.shutdown() => {}
        () = signals.end() => tracing::warn!("asked again: not waiting for requests under way"),
    }
    background.finish().await;
    services.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn bind_gateway(settings: &Settings, services: &Services) -> Result<Gateway, BindError> {
    let parts = symbolon_gateway::Parts {
        sessions: Arc::clone(&services.sessions),
        keys: Arc::clone(&services.keys),
        clock: Arc::clone(&services.clock),
        random: Arc::clone(&services.random),
        auth: Some(services.auth.router()),
        marks: services.marks.clone(),
    };
    Gateway::bind(settings.gateway.clone(), parts)
}

fn tell_listeners(gateway: &Gateway, admin: &AdminListener) {
    for address in gateway.addresses() {
        tracing::info!(listener = "public", %address, "listening");
    }
    tracing::info!(listener = "admin", address = %admin.address(), "listening");
}

/// Without it the system serves all the same, and only commands have to wait.
fn control_socket(settings: &Settings) -> Option<ControlSocket> {
    let path = settings.store.control_socket();
    ControlSocket::bind(&path)
        .inspect_err(|error| {
            let (path, error) = (path.display(), chain(error));
            tracing::warn!(%path, %error, "no control socket: commands cannot reach this server");
        })
        .ok()
}
