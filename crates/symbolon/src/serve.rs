//! The running system: opened, bound, served, reloaded, drained.
//!
//! 1. Nothing is bound before the configuration is understood and the store is open.
//! 2. The gateway and the database have threads of their own. What runs here, on one thread, is
//!    everything else, and none of it computes: the queue of writes, the upkeep, the admin
//!    listener, the control socket, signals and reloads.
//! 3. At the end: not ready any more, what is under way finishes, what is queued is written.

mod audit_export;
mod background;
mod end;
mod files;
mod journal;
mod notify;
mod opened;
mod reload;
mod signals;
mod succession;
mod watch;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use symbolon_gateway::{BindError, Running};
use symbolon_store::SqliteStore;
use tokio::runtime::Builder;

use crate::admin::{self, Readiness};
use crate::config::Loaded;
use crate::control::ControlSocket;
use crate::services::OpenError;
use crate::upgrade::{Inheritance, MeetError, Parcel, Program};
use background::Background;
use end::End;
use journal::Journal;
use opened::Opened;
use reload::Reloader;
use signals::{Signal, Signals};
use succession::{Memories, Replaceable, Succession};

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
    #[error(transparent)]
    Meet(#[from] MeetError),
    #[error("cannot set up the process")]
    Process(#[from] io::Error),
}

/// Serves until a signal ends it or another process takes its place.
pub(crate) fn run(
    file: &Path,
    loaded: Loaded,
    program: Option<Program>,
    inheritance: Option<Inheritance>,
) -> Result<(), ServeError> {
    let place = Place { replaceable: Replaceable::By(program), inheritance };
    block_on(serve(file, loaded, place, std::future::pending()))
}

/// Serves with a companion that starts once requests are welcome; when it ends, so does the
/// system.
pub(crate) fn run_beside(
    file: &Path,
    loaded: Loaded,
    companion: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let place = Place { replaceable: Replaceable::Never, inheritance: None };
    block_on(serve(file, loaded, place, companion))
}

/// Whose place this process takes, and who may take its own.
struct Place {
    replaceable: Replaceable,
    inheritance: Option<Inheritance>,
}

fn block_on(serve: impl Future<Output = Result<(), ServeError>>) -> Result<(), ServeError> {
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve);
    // Whoever was told not to wait for the workers does not wait for the thread that does.
    runtime.shutdown_background();
    outcome
}

async fn serve(
    file: &Path,
    loaded: Loaded,
    place: Place,
    companion: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let signals = Signals::new()?;
    let (version, pid) = (env!("CARGO_PKG_VERSION"), std::process::id());
    tracing::info!(version, pid, file = %file.display(), "starting");
    let settings = &loaded.settings;
    let opened = match place.inheritance {
        Some(inheritance) => Opened::from(settings, inheritance).await?,
        None => Opened::anew(settings).await?,
    };
    opened.tell();
    let Opened { services, mut gateway, admin, control, mut predecessors } = opened;
    let readiness = Readiness::default();
    let handle = gateway.handle();
    // There is one only: nobody has set it before.
    let _ = services.gateway.set(handle.clone());
    let spans = gateway.span_exporter();
    if let Some(predecessor) = predecessors.last_mut() {
        predecessor.ready().await?;
    }
    let left = tokio::sync::watch::Sender::new(false);
    // Only now: until then the file is the running process's.
    let control = opened::control(settings, control, left.subscribe());
    let own = Own {
        admin: admin.share()?,
        control: control.as_ref().map(ControlSocket::share).transpose()?,
        store: services.store.clone(),
    };
    let gateway = gateway.run()?;
    let state = admin::State::new(services.clone(), handle.clone(), Arc::clone(&readiness));
    let audit = settings.audit.clone();
    let background = Background::start(services.clone(), admin, state, control, spans, left, audit);
    let journal = Journal::of(&services);
    journal.started().await;
    readiness.set(true);
    if let Some(predecessor) = predecessors.last_mut() {
        predecessor.serving().await;
    }
    notify::ready();

    let memories = Memories {
        sessions: Arc::clone(&services.sessions),
        clients: Arc::clone(&services.clients),
        passwords: Arc::clone(&services.passwords),
    };
    let store = services.store.clone();
    let succession = Succession::new(place.replaceable, predecessors, memories, store);
    let reloader = Reloader::start(file, loaded, handle, journal.clone()).await;
    let mut attention = Attention { signals, reloader, succession };
    let end = attention.pay(&gateway, &own, companion).await;
    readiness.set(false);
    // Kept to the last: its closing tells the new process that this one is gone.
    let successor = end.of(gateway, &mut attention, &background).await;
    journal.stopped(successor.is_some()).await;
    background.finish().await;
    services.store.close().await;
    drop(successor);
    tracing::info!("stopped");
    Ok(())
}

/// What is handed over besides the gateway's sockets.
struct Own {
    admin: (SocketAddr, TcpListener),
    control: Option<UnixListener>,
    store: SqliteStore,
}

/// What the main loop listens to.
struct Attention {
    signals: Signals,
    reloader: Reloader,
    succession: Succession,
}

impl Attention {
    /// Until the system ends in one way or the other.
    async fn pay(
        &mut self,
        gateway: &Running,
        own: &Own,
        companion: impl Future<Output = ()>,
    ) -> End {
        let mut companion = pin!(companion);
        loop {
            tokio::select! {
                signal = self.signals.next() => match signal {
                    Signal::Reload => self.reloader.reload().await,
                    Signal::Upgrade => {
                        let parcel = own.parcel(gateway, &self.succession);
                        self.succession.begin(parcel);
                    }
                    Signal::End => return End::Shutdown,
                },
                () = self.reloader.changed() => self.reloader.reload_if_changed().await,
                successor = self.succession.successor() => return End::Replaced(successor),
                () = &mut companion => return End::Shutdown,
            }
        }
    }
}

impl Own {
    fn parcel(&self, gateway: &Running, succession: &Succession) -> io::Result<Parcel> {
        let (address, admin) = &self.admin;
        Ok(Parcel {
            listeners: gateway.share_sockets()?,
            admin: (*address, admin.try_clone()?),
            control: self.control.as_ref().map(UnixListener::try_clone).transpose()?,
            lock: self.store.share_lock()?,
            predecessors: succession.predecessors()?,
        })
    }
}
