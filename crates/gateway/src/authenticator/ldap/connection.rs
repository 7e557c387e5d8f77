//! One connection to a directory (RFC 4511), and the two things that are done on it.

use std::time::Duration;

use ldap3::{
    Ldap as Client, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchEntry,
    SearchOptions, StdStream,
};
use tokio::time::{Instant, timeout};

use super::error::DirectoryError;
use crate::config::authenticators::ldap::{Ldap, Security};
use crate::look_up;

/// Result codes (RFC 4511 appendix A.1) with which a directory says that somebody did not prove
/// who they are: no such entry, no valid name, no password to compare with, the wrong one, one
/// that may not be used.
const NOT_PROVED: [u32; 7] = [19, 32, 34, 48, 49, 50, 53];
const SIZE_LIMIT_EXCEEDED: u32 = 4;
const NO_SUCH_OBJECT: u32 = 32;

/// An open connection; closed when it is dropped.
pub(super) struct Connection {
    client: Client,
    /// Whether it was used before: it may be dead without anybody having noticed.
    pub(super) is_reused: bool,
    /// Since when nobody used it.
    pub(super) idle_since: Instant,
}

/// What is looked for.
pub(super) struct Query<'a> {
    pub(super) base: &'a str,
    pub(super) scope: Scope,
    pub(super) filter: &'a str,
    pub(super) attributes: Vec<&'a str>,
    /// The most entries that are of any use; the search is given up after one more.
    pub(super) limit: usize,
    pub(super) timeout: Duration,
}

/// What was found.
pub(super) enum Found {
    /// All of it.
    All(Vec<SearchEntry>),
    /// More than was of use.
    TooMany,
}

impl Connection {
    /// Connects, and makes it secure as the settings say.
    pub(super) async fn open(settings: &Ldap) -> Result<Self, DirectoryError> {
        let opened = timeout(settings.connect_timeout, connect(settings)).await;
        let client = opened.map_err(|_| DirectoryError::ConnectTimeout)??;
        Ok(Self { client, is_reused: false, idle_since: Instant::now() })
    }

    /// Whether the other end is still there, so far as is known.
    pub(super) fn is_alive(&mut self) -> bool {
        !self.client.is_closed()
    }

    /// Becomes somebody (RFC 4511 section 4.2); whether the directory agrees.
    pub(super) async fn bind(
        &mut self,
        dn: &str,
        password: &str,
        limit: Duration,
    ) -> Result<bool, DirectoryError> {
        // An empty one would be an anonymous bind, which succeeds (RFC 4513 section 5.1.2).
        if dn.is_empty() || password.is_empty() {
            return Ok(false);
        }
        let LdapResult { rc, text, .. } =
            self.client.with_timeout(limit).simple_bind(dn, password).await?;
        match rc {
            0 => Ok(true),
            code if NOT_PROVED.contains(&code) => Ok(false),
            code => Err(DirectoryError::Refused { operation: "bind", code, text }),
        }
    }

    /// Looks for entries. References to other directories are not followed.
    pub(super) async fn search(&mut self, query: &Query<'_>) -> Result<Found, DirectoryError> {
        let size = i32::try_from(query.limit + 1).unwrap_or(i32::MAX);
        let seconds = i32::try_from(query.timeout.as_secs().max(1)).unwrap_or(i32::MAX);
        let options = SearchOptions::new().sizelimit(size).timelimit(seconds);
        let client = self.client.with_search_options(options).with_timeout(query.timeout);
        let attributes = query.attributes.clone();
        let mut stream =
            client.streaming_search(query.base, query.scope, query.filter, attributes).await?;
        let mut entries = Vec::new();
        while let Some(entry) = stream.next().await? {
            if entry.is_ref() || entry.is_intermediate() {
                continue;
            }
            if entries.len() == query.limit {
                return Ok(Found::TooMany);
            }
            entries.push(SearchEntry::construct(entry));
        }
        let LdapResult { rc, text, .. } = stream.finish().await;
        match rc {
            0 => Ok(Found::All(entries)),
            NO_SUCH_OBJECT => Ok(Found::All(Vec::new())),
            SIZE_LIMIT_EXCEEDED => Ok(Found::TooMany),
            code => Err(DirectoryError::Refused { operation: "search", code, text }),
        }
    }
}

async fn connect(settings: &Ldap) -> Result<Client, DirectoryError> {
    let tcp = look_up::connect_to(&settings.host, settings.port).await;
    let tcp = tcp.and_then(|tcp| {
        tcp.set_nodelay(true)?;
        tcp.into_std()
    });
    let tcp = tcp.map_err(DirectoryError::Connect)?;
    let plan = LdapConnSettings::new().set_std_stream(StdStream::Tcp(tcp));
    // The connection is there already: of the address, only the name for TLS is used.
    let (plan, url) = match &settings.security {
        Security::None => (plan, "ldap://localhost".to_owned()),
        Security::Tls(tls) => {
            let name = tls.name_of(&settings.host).ok_or(DirectoryError::Name)?;
            (plan.set_config(tls.client_config()), format!("ldaps://{}", name.to_str()))
        }
        Security::StartTls(tls) => {
            let name = tls.name_of(&settings.host).ok_or(DirectoryError::Name)?;
            let plan = plan.set_config(tls.client_config()).set_starttls(true);
            (plan, format!("ldap://{}", name.to_str()))
        }
    };
    let opened = LdapConnAsync::with_settings(plan, &url).await;
    let (connection, client) = opened.map_err(DirectoryError::Secure)?;
    // It ends when the last client is dropped; its error is an operation's as well.
    tokio::spawn(async move { connection.drive().await });
    Ok(client)
}

impl From<LdapError> for DirectoryError {
    fn from(error: LdapError) -> Self {
        match error {
            LdapError::Timeout { .. } => Self::Timeout,
            LdapError::LdapResult { result } => {
                Self::Refused { operation: "answer", code: result.rc, text: result.text }
            }
            error => Self::Lost(error),
        }
    }
}
