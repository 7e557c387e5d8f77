//! The service as a whole: what every endpoint knows, and which path leads to which endpoint.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use symbolon_core::Random;
use symbolon_core::client_token::ClientTokens;
use symbolon_core::seal::MasterKey;
use symbolon_store::audit::Observer;
use symbolon_store::keys::Keys;
use symbolon_store::{Clock, CoreStore, Passwords, Sessions};

use crate::accounts::Accounts;
use crate::config::Config;
use crate::csrf::CsrfKeys;
use crate::endpoints::{self, account, client_token, login, logout, stylesheet, well_known};
use crate::form::MAX_FORM_BYTES;
use crate::known_browser::KnownBrowsers;
use crate::metrics::Metrics;
use crate::pages::{PageError, Pages};
use crate::{rejection, response_headers};

/// The authentication service.
#[derive(Clone)]
pub struct AuthService(App);

/// What every endpoint is given.
pub(crate) type App = Arc<Service>;

/// Everything the endpoints work with.
pub(crate) struct Service {
    pub(crate) config: Config,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) core: Arc<dyn CoreStore>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) client_tokens: Arc<ClientTokens>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) csrf: CsrfKeys,
    pub(crate) browsers: KnownBrowsers,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) pages: Pages,
    pub(crate) metrics: Arc<Metrics>,
}

/// What the service is made from, besides its settings.
pub struct Parts {
    /// Sessions.
    pub sessions: Arc<Sessions>,
    /// Accounts.
    pub core: Arc<dyn CoreStore>,
    /// Whether a password is right; shared with the gateway.
    pub passwords: Arc<Passwords>,
    /// Where log-ins that fail are noted.
    pub observer: Arc<Observer>,
    /// The keys that are published.
    pub keys: Arc<Keys>,
    /// Makes tokens of clients.
    pub client_tokens: Arc<ClientTokens>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of tokens and salts.
    pub random: Arc<dyn Random>,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A page is broken.
    #[error("a page template is broken")]
    Page(#[source] PageError),
}

impl AuthService {
    /// Makes the service.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn new(config: Config, parts: Parts, master: &MasterKey) -> Result<Self, ServiceError> {
        let metrics = Arc::new(Metrics::default());
        let pages = Pages::new(&config).map_err(ServiceError::Page)?;
        Ok(Self(Arc::new(Service {
            config,
            csrf: CsrfKeys::derive(master),
            browsers: KnownBrowsers::derive(master),
            sessions: parts.sessions,
            core: parts.core,
            keys: parts.keys,
            client_tokens: parts.client_tokens,
            clock: parts.clock,
            random: parts.random,
            passwords: parts.passwords,
            observer: parts.observer,
            pages,
            metrics,
        })))
    }

    /// The endpoints, at their absolute paths; whatever else is asked is 404.
    pub fn router(&self) -> Router {
        let app = &self.0;
        let at = |path: &str| format!("{}{path}", app.config.mount);
        Router::new()
            .route(&at("/login"), get(login::show).post(login::submit))
            .route(&at("/logout"), get(logout::show).post(logout::submit))
            .route(&at("/account"), get(account::show))
            .route(&at("/account/password"), post(account::password::submit))
            .route(&at("/account/sessions/end"), post(account::sessions::end))
            .route(&at("/client/token"), post(client_token::issue))
            .route(&at("/style.css"), get(stylesheet::show))
            .route(&at("/internal/.well-known/openid-configuration"), get(well_known::discovery))
            .route(&at("/internal/jwks.json"), get(well_known::jwks))
            .fallback(endpoints::not_found)
            .method_not_allowed_fallback(endpoints::method_not_allowed)
            .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
            .layer(from_fn_with_state(Arc::clone(app), rejection::present))
            .layer(from_fn(response_headers::add))
            .with_state(Arc::clone(app))
    }

    /// Accounts, for the command line and the demo.
    pub fn accounts(&self) -> Accounts {
        Accounts::new(Arc::clone(&self.0))
    }

    /// What the service counted so far.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.0.metrics)
    }
}
