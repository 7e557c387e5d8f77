//! What a route does besides leading to a service: changes on the way, an answer of its own, and
//! what pages of other origins are told.
//!
//! 1. Everything is checked when the configuration is loaded; what cannot be done safely does not
//!    load.
//! 2. A request is judged by the path that came. A changed path is sent as it is only if it is in
//!    canonical form, so that no service can read another path out of it.
//! 3. No change reaches a header that carries an identity, an internal token, a cookie of ours or
//!    the framing of the message.

pub mod answer;
pub mod cors;
pub mod header_changes;
mod origin;
pub mod path_change;
pub mod template;

pub use answer::{Answer, Redirect, Respond};
pub use cors::Cors;
pub use header_changes::HeaderChanges;
pub use origin::{OriginError, OriginPattern};
pub use path_change::PathChange;
pub use template::Template;

use crate::compress::Compression;

/// What a route does; nothing by default. What few routes do lies elsewhere, so that all that a
/// request asks of its route fits in few cache lines.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    /// Another path for the service.
    pub path: Option<Box<PathChange>>,
    /// Which `Host` the service sees.
    pub host: HostHeader,
    /// An answer in place of a service's.
    pub answer: Option<Box<Answer>>,
    /// Changes to the headers of the request.
    pub request_headers: Option<HeaderChanges>,
    /// Changes to the headers of the answer.
    pub response_headers: Option<Box<HeaderChanges>>,
    /// What pages of other origins may do.
    pub cors: Option<Box<Cors>>,
    /// Which answers are compressed, if any.
    pub compress: Option<Box<Compression>>,
}

impl Actions {
    /// Nothing besides leading to a service.
    pub(crate) const NONE: Self = Self {
        path: None,
        host: HostHeader::Preserve,
        answer: None,
        request_headers: None,
        response_headers: None,
        cors: None,
        compress: None,
    };

    /// Whether there is nothing of it.
    pub(crate) fn are_none(&self) -> bool {
        let Self { path, host, answer, request_headers, response_headers, cors, compress } = self;
        path.is_none()
            && *host == HostHeader::Preserve
            && answer.is_none()
            && request_headers.is_none()
            && response_headers.is_none()
            && cors.is_none()
            && compress.is_none()
    }
}

/// Which `Host` a service sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostHeader {
    /// The one that the request came with.
    #[default]
    Preserve,
    /// The authority of the target.
    Rewrite,
}
