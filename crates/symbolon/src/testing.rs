//! A whole system on a folder of its own, for tests.

use std::path::PathBuf;

use symbolon_gateway::Gateway;
use tempfile::TempDir;

use crate::config::{self, Loaded};
use crate::services::Services;

/// The smallest file that serves, on ports that the system chooses.
pub(crate) const FILE: &str = "public_url: http://127.0.0.1:8080\n\
    listeners: [{ address: 127.0.0.1:0 }]\n\
    admin: { address: 127.0.0.1:0 }\n\
    access_log: off\n\
    services: {}\n\
    routes: []\n";

/// Opened, not yet bound.
pub(crate) struct System {
    pub(crate) services: Services,
    pub(crate) loaded: Loaded,
    pub(crate) file: PathBuf,
    _folder: TempDir,
}

pub(crate) async fn system() -> System {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("symbolon.yaml");
    std::fs::write(&file, FILE).unwrap();
    let loaded = config::load(&file).unwrap();
    let services = Services::open(&loaded.settings).await.unwrap();
    System { services, loaded, file, _folder: folder }
}

impl System {
    /// A gateway with bound sockets that does not accept.
    pub(crate) fn gateway(&self) -> Gateway {
        let parts = self.services.gateway_parts(Vec::new());
        Gateway::bind(self.loaded.settings.gateway.clone(), parts).unwrap()
    }
}
