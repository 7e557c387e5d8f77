//! A whole authentication service on a real store in a temporary folder, and a browser for it.
#![expect(dead_code, reason = "each test binary uses some of it")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

pub(crate) mod browser;
pub(crate) mod clock;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use symbolon_auth::{AuthService, Config, CookieConfig, Metrics, Parts, PublicUrl, SameSite};
use symbolon_core::seal::MasterKey;
use symbolon_core::session::Lifetime;
use symbolon_core::{OsRandom, Random};
use symbolon_store::keys::{Keys, KeysConfig};
use symbolon_store::passwords::REMEMBER_FOR;
use symbolon_store::{
    Clock, CoreStore, Passwords, PasswordsConfig, PasswordsParts, Sessions, SessionsConfig,
    SqliteStore,
};
use tempfile::TempDir;

use browser::Browser;
use clock::TestClock;

/// Alice's password, and the one she changes it to.
pub(crate) const PASSWORD: &str = "open sesame, please";
pub(crate) const OTHER_PASSWORD: &str = "a lamp, a ring and a cave";

/// The service under test.
pub(crate) struct World {
    pub(crate) service: AuthService,
    pub(crate) router: Router,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) core: Arc<dyn CoreStore>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) passwords: Arc<Passwords>,
    folder: TempDir,
}

/// Public origins for plain HTTP on loopback, and for https.
pub(crate) const HTTP: &str = "http://127.0.0.1:8080";
pub(crate) const HTTPS: &str = "https://shop.example";

impl World {
    /// With accounts `alice` and `bob`, over plain HTTP on loopback.
    pub(crate) async fn new() -> Self {
        Self::at(HTTP).await
    }

    /// The same, reached under another origin.
    pub(crate) async fn at(origin: &str) -> Self {
        Self::made(config(origin), 4, 2000).await
    }

    /// The same, hashing one password at a time with one more waiting.
    pub(crate) async fn squeezed() -> Self {
        Self::made(config(HTTP), 1, 1).await
    }

    async fn made(config: Config, threads: usize, queue: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("symbolon.db").display());
        let store = SqliteStore::open(&url).await.unwrap();
        let core: Arc<dyn CoreStore> = Arc::new(store.clone());
        let clock = Arc::new(TestClock::default());
        let sessions = Sessions::open(
            Arc::clone(&core),
            Arc::new(store),
            SessionsConfig { cache_entries: 1000, touch_interval: Duration::from_secs(10) },
            clock.now(),
        )
        .await
        .unwrap();
        let master = MasterKey::generate(&OsRandom);
        let keys = Keys::open(
            Arc::clone(&core),
            master.clone(),
            KeysConfig {
                issuer: format!("{}/auth/internal", config.public_url.origin),
                lifetime: Duration::from_mins(1),
                rotate_every: Duration::from_hours(30 * 24),
            },
            clock.now(),
            Arc::new(OsRandom),
        )
        .await
        .unwrap();
        let random = Arc::new(OsRandom);
        let passwords = Passwords::new(
            PasswordsConfig { threads, queue, remember_for: REMEMBER_FOR },
            PasswordsParts {
                core: Arc::clone(&core),
                sessions: Arc::clone(&sessions),
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
                random: Arc::clone(&random) as Arc<dyn Random>,
            },
            &master,
        )
        .unwrap();
        let parts = Parts {
            passwords: Arc::clone(&passwords),
            observer: Arc::default(),
            sessions: Arc::clone(&sessions),
            core: Arc::clone(&core),
            keys,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random,
        };
        let service = AuthService::new(config, parts, &master).unwrap();
        for name in ["alice", "bob"] {
            let subject = name.parse().unwrap();
            let role = "customer".parse().unwrap();
            let accounts = service.accounts();
            accounts.create(subject, PASSWORD, vec![role], Vec::new()).await.unwrap();
        }
        Self {
            router: service.router(),
            metrics: service.metrics(),
            passwords,
            service,
            sessions,
            core,
            clock,
            folder,
        }
    }

    /// How many passwords were hashed or compared.
    pub(crate) fn hashes(&self) -> u64 {
        self.passwords.metrics().hashes()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser that is logged in.
    pub(crate) async fn logged_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.log_in(name, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        // Sessions of one subject are told apart by their times.
        self.clock.advance(Duration::from_millis(1));
        browser
    }

    /// Everything that the store's files hold, as one text.
    pub(crate) fn stored_bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            all.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        all
    }
}

fn config(origin: &str) -> Config {
    let is_https = origin.starts_with("https:");
    let name = if is_https { "__Host-symbolon" } else { "symbolon" };
    Config {
        public_url: PublicUrl { origin: origin.to_owned(), is_https },
        mount: "/auth".to_owned(),
        cookie: CookieConfig { name: name.to_owned(), secure: is_https, same_site: SameSite::Lax },
        lifetime: Lifetime { idle: Duration::from_mins(30), absolute: Duration::from_hours(12) },
        service_name: "Symbolon".to_owned(),
    }
}
