//! The gateway with certificates, in front of a service.

use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use tempfile::TempDir;

use crate::harness::certificates::{Authority, Pair};
use crate::harness::http::{Connection, Request, exchange};
use crate::harness::patience::PATIENCE;
use crate::harness::settings::{HOST, Settings};
use crate::harness::socket::Socket;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// What the gateway's public URL is.
pub(super) const SITE: &str = "https://shop.test";

/// A folder with certificates, and who signed them.
pub(crate) struct Files {
    folder: TempDir,
    pub(crate) authority: Authority,
    pub(super) site: Pair,
}

/// The gateway behind the certificate of [`HOST`].
pub(crate) struct Scene {
    pub(crate) files: Files,
    pub(crate) stage: Stage,
}

impl Files {
    /// `site.pem` for [`HOST`], `ca.pem` for the authority.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let authority = Authority::new("authority of the tests");
        let site = authority.issue(&[HOST]);
        site.write(folder.path(), "site");
        authority.write(&folder.path().join("ca.pem"));
        Self { folder, authority, site }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the gateway; `FILES` in its settings is this folder.
    pub(crate) fn start(self, settings: Settings, api: Upstream) -> Scene {
        let here = |text: String| text.replace("FILES", self.folder().to_str().unwrap());
        let settings = Settings {
            address: here(settings.address),
            public_url: if settings.public_url.starts_with("https") {
                settings.public_url
            } else {
                SITE.to_owned()
            },
            sections: here(settings.sections),
            api: here(settings.api),
            services: here(settings.services),
            routes: settings.routes,
        };
        let stage = Stage::set(&settings, api);
        Scene { files: self, stage }
    }
}

impl Scene {
    /// One listener with the certificate of the site and further keys.
    pub(super) fn with(keys: &str, api: Upstream) -> Self {
        Files::new().start(listening(keys), api)
    }

    pub(super) fn plain() -> Self {
        Self::with("", Upstream::plain())
    }

    /// A connection to a name, for a client of some kind.
    pub(crate) fn connect_as(&self, name: &str, config: ClientConfig) -> io::Result<Connection> {
        self.connect_with(name, &Arc::new(config), b"")
    }

    /// The same by a client that may have been here before, with bytes in front of the handshake.
    pub(super) fn connect_with(
        &self,
        name: &str,
        config: &Arc<ClientConfig>,
        before: &[u8],
    ) -> io::Result<Connection> {
        let mut stream = TcpStream::connect(self.stage.symbolon.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        io::Write::write_all(&mut stream, before)?;
        Socket::client(stream, name, Arc::clone(config)).map(Connection::over)
    }

    /// A connection of a client that believes the authority and shows nothing.
    #[track_caller]
    pub(super) fn connect(&self) -> Connection {
        self.connect_as(HOST, self.files.authority.client(None)).unwrap()
    }

    /// Waits until a meter counts so many.
    pub(super) fn wait_for_meter(&self, meter: &str, count: u64) {
        let admin = self.stage.symbolon.admin;
        let request = Request::get("/metrics").with("Host", &admin.to_string());
        crate::harness::patience::eventually(meter, || {
            let text = exchange(admin, &request).expect(200).text().to_owned();
            let line = text.lines().find_map(|line| line.strip_prefix(meter)?.trim().parse().ok());
            (line == Some(count)).then_some(())
        });
    }
}

/// A listener with the certificate of the site and further keys.
pub(crate) fn listening(keys: &str) -> Settings {
    let pair = "{ cert_file: FILES/site.pem, key_file: FILES/site.key }";
    let address = if keys.contains("tls:") {
        format!("127.0.0.1:0, {keys}")
    } else {
        format!("127.0.0.1:0, tls: {{ certificates: [{pair}] }}{keys}")
    };
    Settings { address, public_url: SITE.to_owned(), ..Settings::default() }
}
