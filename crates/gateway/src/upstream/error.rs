//! What can go wrong on the way to a target, and whose fault it is.

use std::sync::Arc;

use crate::chunked;
use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBodyError;

/// Why there is no answer, or only half of one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// The service has no targets.
    #[error("no target")]
    NoTarget,
    /// The service has as much under way as its bounds allow.
    #[error("service `{service}` has reached `{bound}`")]
    Overloaded {
        /// Its name.
        service: Arc<str>,
        /// The bound, by its name in the configuration.
        bound: &'static str,
    },
    /// No connection in time.
    #[error("connect timeout")]
    ConnectTimeout,
    /// No connection.
    #[error("cannot connect")]
    Connect(#[source] std::io::Error),
    /// A connection, and then no TLS handshake: the certificate is not what it should be, or what
    /// answers speaks something else.
    #[error("TLS handshake failed")]
    Handshake(#[source] std::io::Error),
    /// No head of an answer in time.
    #[error("response timeout")]
    ResponseTimeout,
    /// No further piece of an answer in time.
    #[error("idle timeout")]
    IdleTimeout,
    /// The connection was closed before the first byte of an answer.
    #[error("closed before an answer")]
    Closed,
    /// The connection was closed in the middle of an answer.
    #[error("closed in the middle of an answer")]
    Truncated,
    /// The connection broke.
    #[error("connection failed")]
    Io(#[source] std::io::Error),
    /// No head of an answer in the time that the caller of a gRPC method gave.
    #[error("the caller's deadline passed")]
    DeadlineExceeded,
    /// The target has as many connections and streams as it may, or all targets together have.
    #[error("too many streams or connections")]
    Busy,
    /// An exchange over HTTP/2 failed.
    #[error("stream failed")]
    Stream(#[source] hyper::Error),
    /// The request has a form that the client of HTTP/2 does not send.
    #[error("request cannot be sent over HTTP/2")]
    Unsendable(#[source] hyper::Error),
    /// The target of the request is longer than can be sent.
    #[error("request target too long for HTTP/2")]
    TargetTooLong,
    /// The answer breaks the rules of HTTP.
    #[error("malformed answer: {0}")]
    Malformed(&'static str),
    /// The downstream's body is longer than the route takes.
    #[error("request body too large")]
    BodyTooLarge,
    /// The downstream stopped sending its body.
    #[error("request body timeout")]
    UploadTimeout,
    /// The downstream went away while sending its body.
    #[error("request body ended early")]
    Downstream(#[source] RequestBodyError),
}

impl From<chunked::Malformed> for UpstreamError {
    fn from(chunked::Malformed(what): chunked::Malformed) -> Self {
        Self::Malformed(what)
    }
}

impl UpstreamError {
    /// Whether the target is to blame, and not the downstream or ourselves.
    pub(crate) fn is_of_the_target(&self) -> bool {
        !matches!(
            self,
            Self::NoTarget
                | Self::Overloaded { .. }
                | Self::Busy
                | Self::DeadlineExceeded
                | Self::Unsendable(_)
                | Self::TargetTooLong
                | Self::BodyTooLarge
                | Self::UploadTimeout
                | Self::Downstream(_)
        )
    }

    /// The refusal that the downstream is told.
    pub(crate) fn into_rejection(self, target: &str) -> Rejection {
        let this = match self {
            Self::Downstream(RequestBodyError::NotTheSigned(failed)) => {
                return Rejection::bad_credentials(*failed);
            }
            other => other,
        };
        let reason = match this {
            Self::Overloaded { .. } => Reason::Overloaded,
            Self::BodyTooLarge => Reason::BodyTooLarge,
            Self::TargetTooLong => Reason::TargetTooLong,
            Self::UploadTimeout => Reason::RequestTimeout,
            Self::Downstream(_) => Reason::Malformed,
            Self::ConnectTimeout | Self::ResponseTimeout | Self::IdleTimeout => {
                Reason::GatewayTimeout
            }
            Self::DeadlineExceeded => Reason::DeadlineExceeded,
            Self::Busy => Reason::Unavailable,
            _ => Reason::BadGateway,
        };
        let cause = symbolon_core::error::chain(&this);
        if target.is_empty() {
            return Rejection::new(reason, cause);
        }
        Rejection::new(reason, format!("target `{target}`: {cause}"))
    }
}
