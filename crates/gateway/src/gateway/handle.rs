//! What can be done with a gateway while it runs: reloaded, observed, asked.

use std::sync::Arc;

use symbolon_core::{Client, ClientId};
use symbolon_store::Directories;

use crate::config::Routing;
use crate::drain::Drain;
use crate::explain::{self, Question, QuestionError};
use crate::route_table::RouteConflict;
use crate::snapshot::Snapshot;
use crate::tls::{ReadFile, ServerTls};
use crate::worker::Shared;

/// A way to a running gateway.
#[derive(Clone)]
pub struct Handle {
    pub(super) shared: Arc<Shared>,
    pub(super) drain: Drain,
}

impl Handle {
    /// Swaps routes, services and clients as one; on a conflict the old ones stay.
    pub fn reload(&self, routing: Routing) -> Result<(), Vec<RouteConflict>> {
        let Shared { snapshot: current, metrics, registry, authenticators, clients, .. } =
            &*self.shared;
        let kept = (registry, authenticators);
        match Snapshot::build(routing, metrics, kept, Some(&current.load())) {
            Ok(snapshot) => {
                self.shared.replays.reach(snapshot.clock_skew(), self.shared.clock.now());
                self.shared.overseer.watch(snapshot.balancers());
                let snapshot = Arc::new(snapshot);
                current.store(Arc::clone(&snapshot));
                clients.set_file(&snapshot.clients);
                metrics.keep(snapshot.routes.iter().map(|bound| bound.metrics()));
                authenticators.forget_unused();
                metrics.reloaded("applied");
                Ok(())
            }
            Err(conflicts) => {
                self.reload_refused();
                Err(conflicts)
            }
        }
    }

    /// The client of that name, of the configuration or added while it runs.
    pub fn client(&self, id: &ClientId) -> Option<Arc<Client>> {
        let snapshot = self.shared.snapshot.load();
        Directories { file: &snapshot.clients, store: &self.shared.clients }.client(id)
    }

    /// Explains what would become of a request, without any of it happening.
    ///
    /// # Errors
    /// [`QuestionError`].
    pub async fn explain(&self, question: Question) -> Result<serde_json::Value, QuestionError> {
        explain::explain(&self.shared, question).await
    }

    /// Reads the certificates of all listeners again. Where one is broken, the old ones of that
    /// listener stay, and the log says so.
    pub fn reload_certificates(&self) {
        for listener in &self.shared.config.listeners {
            let Some(tls) = &listener.tls else { continue };
            let address = listener.address;
            let outcome = match tls.reload(self.shared.clock.now()) {
                Ok(()) => {
                    tracing::info!(%address, "certificates reloaded");
                    self.shared.metrics.arrivals.certificates_serve(tls);
                    "applied"
                }
                Err(error) => {
                    tracing::error!(%address, %error, "certificates not reloaded, the old ones stay");
                    "refused"
                }
            };
            self.shared.metrics.arrivals.certificates_reloaded(outcome);
        }
    }

    /// The files that the listeners' certificates are made of.
    pub fn certificate_files(&self) -> Vec<ReadFile> {
        let tls = self.shared.config.listeners.iter().filter_map(|listener| listener.tls.as_ref());
        tls.flat_map(ServerTls::files).collect()
    }

    /// Counts a reload that failed before it came here.
    pub fn reload_refused(&self) {
        self.shared.metrics.reloaded("refused");
    }

    /// The meters as Prometheus text.
    pub fn metrics_text(&self) -> String {
        let snapshot = self.shared.snapshot.load_full();
        self.shared.metrics.text(|meters| {
            snapshot.services.iter().for_each(|service| meters.tell(&service.balancer));
        })
    }
}
