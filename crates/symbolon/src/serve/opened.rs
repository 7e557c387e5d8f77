//! Everything opened and bound, or taken over from the process that this one replaces; nothing is
//! accepted yet.

use std::io;
use std::os::unix::net::UnixListener;

use symbolon_gateway::{BindError, Gateway, Inherited};
use tokio::sync::watch;

use super::ServeError;
use crate::admin::AdminListener;
use crate::config::Settings;
use crate::control::ControlSocket;
use crate::error_chain::chain;
use crate::services::Services;
use crate::upgrade::{Inheritance, Parcel, Predecessor};

pub(super) struct Opened {
    pub(super) services: Services,
    pub(super) gateway: Gateway,
    pub(super) admin: AdminListener,
    /// The control socket that was handed over.
    pub(super) control: Option<UnixListener>,
    /// Those that drain, the one that hands over last.
    pub(super) predecessors: Vec<Predecessor>,
}

impl Opened {
    /// Opens everything for the first time.
    pub(super) async fn anew(settings: &Settings) -> Result<Self, ServeError> {
        let services = Services::open(settings).await?;
        let gateway = gateway(settings, &services, Vec::new())?;
        let admin = told(settings, AdminListener::bind(settings.admin).await)?;
        Ok(Self { services, gateway, admin, control: None, predecessors: Vec::new() })
    }

    /// Takes over, and opens what is new in the configuration.
    pub(super) async fn from(
        settings: &Settings,
        inheritance: Inheritance,
    ) -> Result<Self, ServeError> {
        let (parcel, stream) = inheritance.into_parts();
        let Parcel { listeners, admin, control, lock, predecessors } = parcel;
        let streams = predecessors.into_iter().chain([stream]);
        let predecessors = streams.map(Predecessor::new).collect::<io::Result<_>>()?;
        let services = Services::open_with(settings, Some(lock)).await?;
        let gateway = gateway(settings, &services, listeners)?;
        let admin = told(settings, AdminListener::inherit(settings.admin, admin).await)?;
        Ok(Self { services, gateway, admin, control, predecessors })
    }

    /// Says where it listens.
    pub(super) fn tell(&self) {
        for address in self.gateway.addresses() {
            tracing::info!(listener = "public", %address, "listening");
        }
        tracing::info!(listener = "admin", address = %self.admin.address(), "listening");
    }
}

fn gateway(
    settings: &Settings,
    services: &Services,
    inherited: Vec<Inherited>,
) -> Result<Gateway, BindError> {
    Gateway::bind(settings.gateway.clone(), services.gateway_parts(inherited))
}

fn told(
    settings: &Settings,
    admin: io::Result<AdminListener>,
) -> Result<AdminListener, ServeError> {
    admin.map_err(|source| ServeError::Admin { address: settings.admin, source })
}

/// The control socket, made or taken over. Without it the system serves all the same, and only
/// commands have to wait.
pub(super) fn control(
    settings: &Settings,
    handed: Option<UnixListener>,
    left: watch::Receiver<bool>,
) -> Option<ControlSocket> {
    let path = settings.store.control_socket();
    let socket = match handed {
        Some(socket) => ControlSocket::inherit(&path, socket, left),
        None => ControlSocket::bind(&path, left),
    };
    socket
        .inspect_err(|error| {
            let (path, error) = (path.display(), chain(error));
            tracing::warn!(%path, %error, "no control socket: commands cannot reach this server");
        })
        .ok()
}
