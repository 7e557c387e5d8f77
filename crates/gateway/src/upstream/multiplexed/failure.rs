//! Why there was no answer over HTTP/2, and what is known of whether the target saw the request.

use std::error::Error as _;

use super::super::UpstreamError;
use super::upload::Upload;

/// What went wrong with a stream.
#[derive(Debug)]
pub(super) enum Failure {
    /// The target has certainly not looked at the request.
    Unseen(hyper::Error),
    /// The connection broke before an answer.
    Broken(hyper::Error),
    /// Everything else.
    Error(UpstreamError),
}

impl Failure {
    /// Reads it off what the client says.
    pub(super) fn of(error: hyper::Error) -> Self {
        if error.is_canceled() {
            // The connection ended before the request was handed to it.
            return Self::Unseen(error);
        }
        let Some(cause) = error.source().and_then(|cause| cause.downcast_ref::<h2::Error>()) else {
            return Self::Broken(error);
        };
        let is_refused = cause.is_reset() && cause.reason() == Some(h2::Reason::REFUSED_STREAM);
        if cause.is_remote() && (is_refused || cause.is_go_away()) {
            Self::Unseen(error)
        } else if cause.is_io() {
            Self::Broken(error)
        } else if cause.reason().is_none() {
            // Neither the connection nor the target: what was to be sent is not sent.
            Self::Error(UpstreamError::Unsendable(error))
        } else {
            Self::Error(UpstreamError::Stream(error))
        }
    }

    pub(super) fn is_unseen(&self) -> bool {
        matches!(self, Self::Unseen(_))
    }

    pub(super) fn is_broken(&self) -> bool {
        matches!(self, Self::Broken(_))
    }

    /// Whether the target did not say anything: its connection may be dead.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Error(UpstreamError::ResponseTimeout))
    }

    /// Whoever was waited for when the time was over: it may have been the downstream.
    pub(super) fn blame(self, upload: &Upload) -> Self {
        if self.is_silence() && upload.is_waiting() {
            return Self::Error(UpstreamError::UploadTimeout);
        }
        self
    }

    pub(super) fn into_error(self) -> UpstreamError {
        match self {
            Self::Unseen(error) | Self::Broken(error) => UpstreamError::Stream(error),
            Self::Error(error) => error,
        }
    }
}
