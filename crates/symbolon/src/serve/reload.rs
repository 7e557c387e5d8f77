//! A changed configuration while serving: whole, or not at all.
//!
//! 1. A file with mistakes changes nothing; all its mistakes are logged.
//! 2. Routes, services, clients and trusted proxies are swapped as one.
//! 3. Everything else needs a restart; that it changed is logged, and the old value holds.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use symbolon_gateway::Handle;
use symbolon_gateway::config::Routing;

use super::watch::{self, Changes};
use crate::config::{self, Loaded, Report};

/// Reads the file again and hands what changed to the gateway.
pub(super) struct Reloader {
    file: PathBuf,
    /// What the process was started with: what needs a restart is compared with this.
    started: Loaded,
    /// The text that was last judged, good or bad.
    judged: String,
    gateway: Handle,
    changes: Changes,
}

impl Reloader {
    /// Watches the file that the process was started with. What changed since it was read is taken
    /// over at once.
    pub(super) async fn start(file: &Path, started: Loaded, gateway: Handle) -> Self {
        let changes = watch::changes(file);
        let judged = started.text.clone();
        let mut reloader = Self { file: file.to_owned(), started, judged, gateway, changes };
        reloader.reload_if_changed().await;
        reloader
    }

    /// Waits until the file may have changed.
    pub(super) async fn changed(&mut self) {
        self.changes.next().await;
    }

    /// Reloads whatever the file says; secrets in other files may have changed as well.
    pub(super) async fn reload(&mut self) {
        let loaded = self.load().await;
        self.apply(loaded);
    }

    /// Reloads if the text is another than the one last judged.
    pub(super) async fn reload_if_changed(&mut self) {
        let loaded = self.load().await;
        let text = match &loaded {
            Ok(loaded) => &loaded.text,
            Err(report) => &report.text,
        };
        if *text != self.judged {
            self.apply(loaded);
        }
    }

    async fn load(&self) -> Result<Loaded, Report> {
        let file = self.file.clone();
        let load = tokio::task::spawn_blocking(move || config::load(&file));
        match load.await {
            Ok(loaded) => loaded,
            Err(error) => Err(Report::of_file(&self.file, &error.to_string())),
        }
    }

    fn apply(&mut self, loaded: Result<Loaded, Report>) {
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(report) => return self.refuse(report),
        };
        self.judged.clone_from(&loaded.text);
        let changed = loaded.keys_that_need_a_restart(&self.started);
        for key in &changed {
            tracing::warn!(key, "changed, but holds only after a restart");
        }
        if loaded.settings.auth.mount != self.started.settings.auth.mount {
            // The new routes were judged beside another mount than the one that is served.
            tracing::error!("configuration not reloaded: a changed `auth.mount` needs a restart");
            return self.gateway.reload_refused();
        }
        let routing = Routing {
            public_url: self.started.settings.gateway.routing.public_url.clone(),
            ..loaded.settings.gateway.routing
        };
        match self.gateway.reload(routing) {
            Ok(()) => tracing::info!("configuration reloaded"),
            Err(conflicts) => {
                for conflict in conflicts {
                    tracing::error!(%conflict, "configuration not reloaded");
                }
            }
        }
    }

    fn refuse(&mut self, report: Report) {
        for mistake in report.told() {
            tracing::error!(
                file = report.file,
                line = mistake.place.line,
                column = mistake.place.column,
                hint = mistake.hint,
                "{}",
                mistake.message
            );
        }
        let mistakes = report.mistakes.len();
        tracing::error!(mistakes, "configuration not reloaded, the old one serves on");
        self.judged = report.text;
        self.gateway.reload_refused();
    }
}
