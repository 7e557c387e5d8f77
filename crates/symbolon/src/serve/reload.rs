//! A changed configuration while serving: whole, or not at all.
//!
//! 1. A file with mistakes changes nothing; all its mistakes are logged.
//! 2. Routes, services, clients, roles and trusted proxies are swapped as one.
//! 3. Policies belong to it: a changed policy is a changed configuration.
//! 4. Certificates of listeners are read again when they change, whatever the file says.
//! 5. Everything else needs a restart; that it changed is logged, and the old value holds.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use symbolon_core::policy::cedar::Source;
use symbolon_gateway::Handle;
use symbolon_gateway::config::{Routing, Targets};
use symbolon_gateway::tls::ReadFile;

use super::files::Files;
use super::journal::Journal;
use super::watch::{self, Changes};
use crate::config::{self, Loaded, Report};

/// Reads the file again and hands what changed to the gateway.
pub(super) struct Reloader {
    file: PathBuf,
    /// What the process was started with: what needs a restart is compared with this.
    started: Loaded,
    /// The text, and the policies, that were last judged, good or bad.
    judged: (String, Vec<Source>),
    /// Whether it was bad.
    is_refused: bool,
    gateway: Handle,
    journal: Journal,
    changes: Changes,
    /// The folder with policies, and a watch on it.
    policies: (Option<PathBuf>, Changes),
    /// What listeners show.
    certificates: Files,
    /// What targets are verified by.
    authorities: Files,
    /// Which of them have changed.
    due: Due,
    /// Whether something has changed that is not settled yet.
    is_pending: bool,
}

/// What is to be read again.
#[derive(Clone, Copy, Default)]
struct Due {
    certificates: bool,
    authorities: bool,
}

impl Reloader {
    /// Watches the file that the process was started with. What changed since it was read is taken
    /// over at once.
    pub(super) async fn start(
        file: &Path,
        started: Loaded,
        gateway: Handle,
        journal: Journal,
    ) -> Self {
        let changes = watch::changes(file);
        let judged = (started.text.clone(), started.beside.clone());
        let folder = started.settings.policies.clone();
        let mut reloader = Self {
            certificates: Files::new(&gateway.certificate_files()),
            authorities: Files::new(&authorities(&started.settings.gateway.routing)),
            due: Due::default(),
            file: file.to_owned(),
            started,
            judged,
            is_refused: false,
            gateway,
            journal,
            changes,
            policies: (folder.clone(), watch::folder(folder.as_deref())),
            is_pending: false,
        };
        reloader.reload_if_changed().await;
        reloader
    }

    /// Waits until the file, or one that it names, may have changed. Nothing is lost when this is
    /// dropped while it waits.
    pub(super) async fn changed(&mut self) {
        if !self.is_pending {
            tokio::select! {
                () = self.changes.next() => {}
                () = self.policies.1.next() => {}
                () = self.certificates.changed() => self.due.certificates = true,
                () = self.authorities.changed() => self.due.authorities = true,
            }
            self.is_pending = true;
        }
        // Whatever it was, nothing is read that somebody is in the middle of writing.
        self.changes.settled().await;
        self.policies.1.settled().await;
        self.is_pending = false;
    }

    /// Reloads whatever the file says; secrets in other files may have changed as well.
    pub(super) async fn reload(&mut self) {
        self.reload_certificates().await;
        let loaded = self.load().await;
        self.apply(loaded).await;
    }

    /// Reloads what has changed: certificates, what targets are verified by, and the file if its
    /// text is another than the one last judged.
    pub(super) async fn reload_if_changed(&mut self) {
        let due = std::mem::take(&mut self.due);
        // Before it is read, so that nothing comes in between.
        if !self.policies.1.is_of(self.policies.0.as_deref()) {
            self.policies.1 = watch::folder(self.policies.0.as_deref());
        }
        if due.certificates {
            self.reload_certificates().await;
        }
        let loaded = self.load().await;
        // Where the last text was refused, it may have been for a certificate.
        if due.authorities || due.certificates && self.is_refused {
            return self.apply(loaded).await;
        }
        let (text, beside) = match &loaded {
            Ok(loaded) => (&loaded.text, &loaded.beside),
            Err(report) => (&report.text, &report.beside),
        };
        if (text, beside) != (&self.judged.0, &self.judged.1) {
            self.apply(loaded).await;
        }
    }

    async fn reload_certificates(&self) {
        let gateway = self.gateway.clone();
        // It has logged what went wrong, and can go no more wrong than that.
        let _ = tokio::task::spawn_blocking(move || gateway.reload_certificates()).await;
    }

    async fn load(&self) -> Result<Loaded, Report> {
        let file = self.file.clone();
        let load = tokio::task::spawn_blocking(move || config::load(&file));
        match load.await {
            Ok(loaded) => loaded,
            Err(error) => Err(Report::of_file(&self.file, &error.to_string())),
        }
    }

    async fn apply(&mut self, loaded: Result<Loaded, Report>) {
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(report) => return self.refuse(report).await,
        };
        self.judged = (loaded.text.clone(), loaded.beside.clone());
        if loaded.settings.policies != self.policies.0 {
            let folder = loaded.settings.policies.clone();
            self.policies = (folder.clone(), watch::folder(folder.as_deref()));
        }
        self.is_refused = false;
        let changed = loaded.keys_that_need_a_restart(&self.started);
        for key in &changed {
            tracing::warn!(key, "changed, but holds only after a restart");
        }
        if loaded.settings.auth.mount != self.started.settings.auth.mount {
            // The new routes were judged beside another mount than the one that is served.
            tracing::error!("configuration not reloaded: a changed `auth.mount` needs a restart");
            self.gateway.reload_refused();
            return self.journal.refused(&loaded.text, 1).await;
        }
        let routing = Routing {
            public_url: self.started.settings.gateway.routing.public_url.clone(),
            ..loaded.settings.gateway.routing
        };
        let authorities = authorities(&routing);
        match self.gateway.reload(routing) {
            Ok(()) => {
                self.authorities = Files::new(&authorities);
                tracing::info!("configuration reloaded");
                self.journal.applied(&loaded.text, &changed).await;
            }
            Err(conflicts) => {
                for conflict in &conflicts {
                    tracing::error!(%conflict, "configuration not reloaded");
                }
                self.journal.refused(&loaded.text, conflicts.len()).await;
            }
        }
    }

    async fn refuse(&mut self, report: Report) {
        for mistake in report.told() {
            tracing::error!(
                file = mistake.file_or(&report.file),
                line = mistake.place.line,
                column = mistake.place.column,
                hint = mistake.hint,
                "{}",
                mistake.message
            );
        }
        let mistakes = report.mistakes.len();
        tracing::error!(mistakes, "configuration not reloaded, the old one serves on");
        self.judged = (report.text, report.beside);
        self.is_refused = true;
        self.gateway.reload_refused();
        self.journal.refused(&self.judged.0, mistakes).await;
    }
}

/// The files that the targets of all services, and whoever authenticators ask, are verified by.
fn authorities(routing: &Routing) -> Vec<ReadFile> {
    let targets = routing.services.iter().flat_map(|service| match &service.targets {
        Targets::Network(targets) => targets.as_slice(),
        Targets::InProcess => &[],
    });
    let files =
        targets.filter_map(|target| target.tls.as_ref()).flat_map(|tls| tls.files().to_vec());
    let asked = routing.routes.iter().flat_map(|route| route.authenticate.authenticators());
    files.chain(asked.flat_map(|one| one.verifying_files())).collect()
}
