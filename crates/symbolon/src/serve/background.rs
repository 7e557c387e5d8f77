//! What runs beside the gateway: the upkeep of sessions, clients and keys, the admin listener, and the
//! control socket.

use std::sync::Arc;
use std::time::Duration;

use symbolon_gateway::{IssuerKeeper, SpanExporter};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::audit_export::Export;
use crate::admin::{AdminListener, State};
use crate::config::AuditSettings;
use crate::control::ControlSocket;
use crate::error_chain::chain;
use crate::services::Services;

/// How often the signing keys are looked after: within this time another node's pull spreads.
const KEY_UPKEEP: Duration = Duration::from_secs(5);

/// How often the store is looked at while another process has it as well.
const FOLLOW_EVERY: Duration = Duration::from_millis(200);

/// The tasks, until they are told to finish.
pub(super) struct Background {
    shutdown: watch::Sender<bool>,
    left: watch::Sender<bool>,
    /// What has to be written before the store is let go of, each with its name.
    writing: Vec<(&'static str, JoinHandle<()>)>,
    spans: Option<JoinHandle<()>>,
    others: Vec<JoinHandle<()>>,
}

/// What the gateway asks of others beside its workers.
pub(super) struct Outgoing {
    pub(super) spans: Option<SpanExporter>,
    pub(super) issuers: Option<IssuerKeeper>,
}

impl Background {
    /// Starts the tasks; `left` tells the control socket and others when another process takes over.
    pub(super) fn start(
        services: Services,
        admin: AdminListener,
        state: State,
        control: Option<ControlSocket>,
        outgoing: Outgoing,
        left: watch::Sender<bool>,
        audit: AuditSettings,
    ) -> Self {
        let shutdown = watch::Sender::new(false);
        let sessions = Arc::clone(&services.sessions);
        let sessions = sessions.run(Arc::clone(&services.clock), shutdown.subscribe());
        let clients = Arc::clone(&services.clients).run(shutdown.subscribe());
        let passwords = Arc::clone(&services.passwords).run(shutdown.subscribe());
        let told = audit.exports.iter().map(|(name, _)| name.clone()).collect();
        let upkeep = services.audit_upkeep(audit.keep, told).run(shutdown.subscribe());
        let mut writing = vec![
            ("sessions", tokio::spawn(sessions)),
            ("clients", tokio::spawn(clients)),
            ("counters of attempts", tokio::spawn(passwords)),
            ("the audit log", tokio::spawn(upkeep)),
        ];
        for (name, destination) in audit.exports {
            let export = Export::new(name, destination, &services);
            writing.push((
                "the export of the audit log",
                tokio::spawn(export.run(shutdown.subscribe())),
            ));
        }
        let Outgoing { spans, issuers } = outgoing;
        let spans = spans.map(|spans| tokio::spawn(spans.run(shutdown.subscribe())));
        let mut others = vec![
            tokio::spawn(admin.run(state, left.subscribe())),
            tokio::spawn(look_after_keys(services.clone())),
            tokio::spawn(follow(services.clone())),
        ];
        let issuers = issuers.map(|issuers| tokio::spawn(issuers.run(shutdown.subscribe())));
        others.extend(issuers);
        if let Some(control) = control {
            others.push(tokio::spawn(control.run(services)));
        }
        Self { shutdown, left, writing, spans, others }
    }

    /// Leaves new admin connections and commands to the process that replaces this one.
    pub(super) fn leave(&self) {
        self.left.send_replace(true);
    }

    /// Ends all tasks; what is queued is written first.
    pub(super) async fn finish(self) {
        for task in self.others {
            task.abort();
            // Waited for, so that a control socket is gone before the store is let go of.
            let _ = task.await;
        }
        self.shutdown.send_replace(true);
        if let Some(spans) = self.spans {
            // What it could not send it has counted and said.
            let _ = spans.await;
        }
        for (what, task) in self.writing {
            if let Err(error) = task.await {
                tracing::error!(%error, what, "upkeep failed");
            }
        }
    }
}

async fn look_after_keys(services: Services) {
    let mut ticks = interval(KEY_UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if services.sessions.is_shared() {
            continue;
        }
        if let Err(error) = services.keys.maintain(services.clock.now()).await {
            tracing::error!(error = %chain(&error), "signing keys cannot be looked after");
        }
    }
}

/// While another process has the store as well: takes over what it ends, which keys
/// it pulls and which clients it changes.
/// Requests ask for themselves; this is for what outlives them.
async fn follow(services: Services) {
    let mut ticks = interval(FOLLOW_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !services.sessions.is_shared() {
            continue;
        }
        if let Err(error) = services.sessions.catch_up().await {
            tracing::error!(error = %chain(&error), "the revocation log cannot be followed");
        }
        if let Err(error) = services.clients.catch_up().await {
            tracing::error!(error = %chain(&error), "the clients cannot be followed");
        }
        if let Err(error) = services.keys.refresh(services.clock.now()).await {
            tracing::error!(error = %chain(&error), "the signing keys cannot be followed");
        }
    }
}
