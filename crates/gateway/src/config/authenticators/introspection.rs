//! `introspection`: an authorization server outside is asked about tokens (RFC 7662).

use std::time::Duration;

use http::header::HeaderName;
use symbolon_core::secret::Secret;

use super::{Endpoint, Places};

/// Whom to ask, and what is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    /// The introspection endpoint.
    pub endpoint: Endpoint,
    /// Who we are to it.
    pub client: ClientAuthentication,
    /// The header that holds the token; `None` for `Authorization: Bearer`.
    pub header: Option<HeaderName>,
    /// Whether the service does not see the credential.
    pub hide_credentials: bool,
    /// Who must have issued the token, where that is asked.
    pub issuer: Option<String>,
    /// For whom the token must be; `None` takes those for anybody.
    pub audience: Option<String>,
    /// Where in the answer what stands.
    pub claims: ClaimPaths,
    /// How long a good token is believed without asking again, and never beyond its end.
    pub cache: Duration,
    /// How long a bad one is refused without asking again.
    pub negative_cache: Duration,
    /// The most good, and the most bad, tokens that are known.
    pub cache_entries: usize,
}

/// Who we are to the endpoint (RFC 7662 section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// A client of the server with its secret (RFC 6749 section 2.3.1).
    Basic {
        /// Its id.
        id: String,
        /// Its secret.
        secret: Secret,
    },
    /// A token of our own.
    Bearer(Secret),
    /// The certificate that is shown in the handshake.
    Certificate,
}

/// Where in the answer what stands: member names, `.` between those of objects within objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPaths {
    /// The end user.
    pub subject: String,
    /// Roles: a list, or a text with spaces between them.
    pub roles: Option<String>,
    /// Groups: the same.
    pub groups: Option<String>,
}

impl Introspection {
    pub(super) fn hidden_places(&self) -> Places {
        let header = self.header.iter().filter(|_| self.hide_credentials);
        Places { headers: header.cloned().collect(), ..Places::default() }
    }
}
