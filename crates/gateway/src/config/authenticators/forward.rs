//! `forward`: an HTTP service outside says who may pass.

use std::time::Duration;

use http::Method;
use http::header::{self, HeaderName};

use super::{Endpoint, Places};

/// Whom to ask, what goes out and what comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Whom to ask.
    pub endpoint: Endpoint,
    /// How.
    pub form: Form,
    /// Headers of the request that go out. No other does, and no body.
    pub request_headers: Vec<HeaderName>,
    /// Which headers of the answer say who it is; `None` where it only says whether.
    pub principal: Option<PrincipalHeaders>,
    /// Headers of the answer that the service gets; never from anybody else.
    pub upstream_headers: Vec<HeaderName>,
    /// Headers of a refusal that the caller gets.
    pub client_headers: Vec<HeaderName>,
    /// Whether the caller gets the body of a refusal as well.
    pub client_body: bool,
    /// How long a yes is believed without asking again; with zero it is asked each time.
    pub cache: Duration,
    /// The most answers that are known.
    pub cache_entries: usize,
}

/// How a question is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A request whose status is the answer.
    Request(Method),
    /// The Data API of Open Policy Agent: a document in, a decision out.
    Opa,
}

/// Which headers of an answer say who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalHeaders {
    /// The end user.
    pub subject: HeaderName,
    /// Roles, separated by commas.
    pub roles: Option<HeaderName>,
    /// Groups, separated by commas.
    pub groups: Option<HeaderName>,
}

/// What neither goes into a question nor comes out of an answer: it belongs to the connection,
/// or to this system alone.
const RESERVED: [HeaderName; 12] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::VIA,
    header::FORWARDED,
];

impl Forward {
    /// The headers that say something only in its answer, never in a request.
    pub fn says(&self) -> impl Iterator<Item = &HeaderName> {
        let principal = self.principal.iter().flat_map(PrincipalHeaders::names);
        principal.chain(&self.upstream_headers)
    }

    /// What the service gets from the answer, it gets from nobody else.
    pub(super) fn hidden_places(&self) -> Places {
        Places { headers: self.says().cloned().collect(), ..Places::default() }
    }

    /// Whether a header can stand in one of the lists.
    pub fn can_list(name: &HeaderName) -> bool {
        let text = name.as_str();
        let is_ours = text.starts_with("symbolon-") || text.starts_with("x-forwarded-");
        !is_ours && !RESERVED.contains(name) && !matches!(text, "keep-alive" | "x-request-id")
    }

    /// Whether a service can be given a header of this name.
    pub fn can_give(name: &HeaderName) -> bool {
        let text = name.as_str();
        let is_written = matches!(text, "authorization" | "cookie" | "traceparent" | "tracestate");
        Self::can_list(name) && !is_written && text.bytes().all(is_plain)
    }

    /// The default of `request_headers`.
    pub fn usual_request_headers() -> Vec<HeaderName> {
        vec![header::AUTHORIZATION, header::COOKIE]
    }
}

impl PrincipalHeaders {
    fn names(&self) -> impl Iterator<Item = &HeaderName> {
        std::iter::once(&self.subject).chain(&self.roles).chain(&self.groups)
    }
}

/// What servers behind CGI-like interfaces cannot take for another name.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}
