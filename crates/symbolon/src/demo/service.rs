//! `symbolon demo-service`: one of the demo's example services, a process of its own.
//!
//! 1. It believes nothing but the internal token: whoever reaches it without the gateway is told
//!    401. The one page that is public, the tour, says nothing about anybody then.
//! 2. The first line on standard output is the address it listens on.
//! 3. It lives as long as its standard input is open, so that it never outlives the demo, however
//!    that ends.

mod answer;
mod cart;
mod echo;
mod orders;
mod profile;
mod session_patch;
#[cfg(test)]
mod tests;
mod tour;

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;

use axum::Router;
use symbolon_verifier::{FetchError, RemoteVerifier, VerifyLayer};
use tokio::net::TcpListener;

/// Which service to be, and whose tokens to believe.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Which of them
    service: Kind,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Issuer of the internal tokens
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The audience that tokens must be made for
    #[arg(long, value_name = "NAME")]
    audience: String,
}

/// The example services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// Orders, and a cart in the session
    Orders,
    /// The tour, the caller's claims, and a page for administrators
    Profile,
    /// Whatever it received
    Echo,
}

/// Why a service cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    #[error("cannot set up the process")]
    Process(#[source] io::Error),
    #[error("cannot verify tokens")]
    Issuer(#[from] FetchError),
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the service ended")]
    Serve(#[source] io::Error),
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Orders, Self::Profile, Self::Echo];

    /// Its name in the configuration, as an audience and on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Profile => "profile",
            Self::Echo => "echo",
        }
    }
}

/// Serves until standard input is closed.
pub(crate) async fn run(options: Options) -> Result<(), ServiceError> {
    let verifier = RemoteVerifier::discover(&options.issuer, &options.audience).build()?;
    let listen = |source| ServiceError::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    // Whoever started this waits for the line; if nobody does, the service runs all the same.
    let _ = writeln!(io::stdout(), "{address}");
    let router = router(options.service, verifier, site(&options.issuer));
    tokio::select! {
        served = axum::serve(listener, router) => served.map_err(ServiceError::Serve),
        () = parent_gone() => Ok(()),
    }
}

/// Everything the service answers.
fn router(kind: Kind, verifier: RemoteVerifier, site: &str) -> Router {
    let protected = match kind {
        Kind::Orders => orders::router(),
        Kind::Profile => profile::router(),
        Kind::Echo => echo::router(),
    };
    let protected = protected.layer(VerifyLayer::new(verifier.clone()));
    match kind {
        Kind::Profile => tour::router(verifier, site).fallback_service(protected),
        Kind::Orders | Kind::Echo => protected,
    }
}

/// Where people reach the site, told from the issuer below it.
fn site(issuer: &str) -> &str {
    issuer.strip_suffix("/auth/internal").unwrap_or(issuer)
}

/// Returns when the other end of standard input is closed.
async fn parent_gone() {
    let watch = || {
        let mut ignored = [0; 64];
        while matches!(io::stdin().lock().read(&mut ignored), Ok(1..)) {}
    };
    // A watcher that fails is as good as one that saw the end: better no service than an orphan.
    let _ = tokio::task::spawn_blocking(watch).await;
}
