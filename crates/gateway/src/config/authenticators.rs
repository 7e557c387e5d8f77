//! How routes authenticate, and what each authenticator is set to.

mod api_key;
mod endpoint;
pub mod forward;
mod hmac;
pub mod introspection;
mod jwt;
pub mod ldap;
mod places;
mod schemes;

use std::sync::Arc;

use http::header::HeaderName;

use crate::tls::ReadFile;

pub use api_key::ApiKey;
pub use endpoint::Endpoint;
pub use forward::Forward;
pub use hmac::Hmac;
pub use introspection::Introspection;
pub use jwt::{ClaimPaths, ClientKeys, Jwt, KeyName};
pub use ldap::Ldap;
pub use places::Places;

/// How a route authenticates. Silence is not representable: a route says one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticate {
    /// Everybody may pass; no identity is looked for.
    None,
    /// Whoever proves who they are may pass.
    Chain {
        /// By what.
        chain: Chain,
        /// Whether a request without any credential passes as anonymous.
        optional: bool,
    },
}

/// Which authenticators, and how many of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// This one.
    One(Arc<Authenticator>),
    /// The first that is offered a credential decides; never empty.
    Any(Vec<Chain>),
    /// Every one of them has to be satisfied, and they must not name different people; never
    /// empty.
    All(Vec<Chain>),
}

/// One authenticator with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// Its name in the configuration, in logs and in errors: its kind's, or one of its own.
    pub name: Arc<str>,
    /// What it is.
    pub kind: AuthenticatorKind,
}

/// What proves who a principal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// The opaque token in the session cookie.
    Session,
    /// The opaque token in `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// A client's key.
    ApiKey(ApiKey),
    /// A signed token.
    Jwt(Box<Jwt>),
    /// A signature over the request.
    Hmac(Box<Hmac>),
    /// A user name and a password (RFC 7617).
    Basic(Basic),
    /// A client's certificate.
    Mtls(Mtls),
    /// A directory knows names and passwords.
    Ldap(Box<Ldap>),
    /// An authorization server outside knows tokens.
    Introspection(Box<Introspection>),
    /// A service outside says who may pass.
    Forward(Box<Forward>),
}

/// Whose name and password are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basic {
    /// Whether those of accounts are, beside those of clients.
    pub accounts: bool,
}

/// Where a client's certificate comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mtls {
    /// From the `Client-Cert` header of a trusted proxy (RFC 9440) instead of from the handshake.
    pub from_proxies: bool,
}

impl Default for Basic {
    fn default() -> Self {
        Self { accounts: true }
    }
}

impl Mtls {
    /// The certificate of a proxy's client.
    pub(crate) const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
}

impl Authenticate {
    /// Every authenticator that the route names.
    pub fn authenticators(&self) -> Vec<&Arc<Authenticator>> {
        match self {
            Self::None => Vec::new(),
            Self::Chain { chain, .. } => chain.authenticators(),
        }
    }

    /// Whether the session cookie is among them.
    pub fn takes_sessions(&self) -> bool {
        self.authenticators().iter().any(|one| one.kind == AuthenticatorKind::Session)
    }
}

impl Chain {
    /// Whether all in it answer whatever a request has, credential or none.
    pub fn is_unprompted(&self) -> bool {
        match self {
            Self::One(one) => one.kind.is_unprompted(),
            Self::Any(chains) | Self::All(chains) => chains.iter().all(Self::is_unprompted),
        }
    }

    /// Every authenticator in it, in order.
    pub fn authenticators(&self) -> Vec<&Arc<Authenticator>> {
        match self {
            Self::One(one) => vec![one],
            Self::Any(chains) | Self::All(chains) => {
                chains.iter().flat_map(Self::authenticators).collect()
            }
        }
    }
}

impl Authenticator {
    /// The places that it looks at and services are not shown. `Authorization` and our own cookie
    /// are not among them: services never see those.
    pub fn hidden_places(&self) -> Places {
        match &self.kind {
            AuthenticatorKind::Session
            | AuthenticatorKind::Bearer
            | AuthenticatorKind::Basic(_)
            | AuthenticatorKind::Ldap(_)
            | AuthenticatorKind::Mtls(_) => Places::default(),
            AuthenticatorKind::ApiKey(settings) if !settings.hide_credentials => Places::default(),
            AuthenticatorKind::ApiKey(settings) => settings.places(),
            AuthenticatorKind::Jwt(settings) => settings.hidden_places(),
            AuthenticatorKind::Introspection(settings) => settings.hidden_places(),
            AuthenticatorKind::Forward(settings) => settings.hidden_places(),
            AuthenticatorKind::Hmac(settings) => settings.hidden_places(),
        }
    }

    /// The headers that it looks at and services are to see, even where they are taken out of every
    /// request on entry.
    pub fn shown_headers(&self) -> Vec<HeaderName> {
        match &self.kind {
            AuthenticatorKind::ApiKey(settings) if !settings.hide_credentials => {
                settings.places().headers
            }
            AuthenticatorKind::Jwt(settings) if !settings.hide_credentials => {
                settings.places().headers
            }
            AuthenticatorKind::Introspection(settings) if !settings.hide_credentials => {
                settings.header.iter().cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The files by which whoever it asks is verified.
    pub fn verifying_files(&self) -> Vec<ReadFile> {
        let tls = match &self.kind {
            AuthenticatorKind::Ldap(settings) => match &settings.security {
                ldap::Security::Tls(tls) | ldap::Security::StartTls(tls) => Some(tls),
                ldap::Security::None => None,
            },
            AuthenticatorKind::Introspection(settings) => settings.endpoint.tls.as_ref(),
            AuthenticatorKind::Forward(settings) => settings.endpoint.tls.as_ref(),
            _ => None,
        };
        tls.map(|tls| tls.files().to_vec()).unwrap_or_default()
    }

    /// The headers that it looks at, hidden or not.
    pub fn headers(&self) -> Vec<HeaderName> {
        match &self.kind {
            AuthenticatorKind::Session
            | AuthenticatorKind::Bearer
            | AuthenticatorKind::Basic(_)
            | AuthenticatorKind::Ldap(_)
            | AuthenticatorKind::Hmac(_) => Vec::new(),
            AuthenticatorKind::Mtls(settings) if !settings.from_proxies => Vec::new(),
            AuthenticatorKind::Mtls(_) => vec![Mtls::CLIENT_CERT],
            AuthenticatorKind::ApiKey(settings) => settings.places().headers,
            AuthenticatorKind::Jwt(settings) => settings.places().headers,
            AuthenticatorKind::Introspection(settings) => settings.header.iter().cloned().collect(),
            AuthenticatorKind::Forward(settings) => settings.request_headers.clone(),
        }
    }
}

impl AuthenticatorKind {
    /// Its name in the configuration.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Bearer => "bearer",
            Self::ApiKey(_) => "api_key",
            Self::Hmac(_) => "hmac",
            Self::Basic(_) => "basic",
            Self::Mtls(_) => "mtls",
            Self::Jwt(_) => "jwt",
            Self::Ldap(_) => "ldap",
            Self::Introspection(_) => "introspection",
            Self::Forward(_) => "forward",
        }
    }

    /// Whether it answers without being offered a credential.
    pub const fn is_unprompted(&self) -> bool {
        matches!(self, Self::Forward(_))
    }

    /// Whether a browser shows such a credential on its own, whatever page makes it ask.
    pub fn is_ambient(&self) -> bool {
        match self {
            Self::Session | Self::Basic(_) | Self::Mtls(_) | Self::Ldap(_) | Self::Forward(_) => {
                true
            }
            Self::ApiKey(settings) => settings.cookie.is_some(),
            Self::Jwt(settings) => settings.cookie.is_some(),
            Self::Bearer | Self::Hmac(_) | Self::Introspection(_) => false,
        }
    }

    /// Whether whoever fails so may be trying out credentials, which is charged to their source.
    /// What has merely run out is no guess, nor a request that a program put together wrongly, nor
    /// a token that somebody else made. What costs more than a look is charged where it is asked:
    /// passwords, and tokens that an authorization server is asked about.
    pub fn is_guess(&self, code: &str) -> bool {
        match self {
            Self::ApiKey(_) | Self::Hmac(_) => {
                matches!(code, "unknown" | "malformed" | "signature_mismatch")
            }
            Self::Jwt(_) => code == "bad_signature",
            _ => false,
        }
    }
}
