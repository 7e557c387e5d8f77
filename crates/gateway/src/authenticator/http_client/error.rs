//! Why an endpoint did not answer.

use std::io;

use crate::authenticator::outside::OutsideError;

/// None of these is an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("the connection took too long")]
    ConnectTimeout,
    #[error("no certificate could be for the host")]
    Name,
    #[error("the TLS handshake failed")]
    Handshake(#[source] io::Error),
    #[error("there was no answer in HTTP")]
    Http(#[source] hyper::Error),
    #[error("there was no answer in time")]
    Timeout,
    #[error("too many questions wait")]
    Crowded,
    #[error("the answer is longer than {} bytes", super::MAX_ANSWER)]
    TooLarge,
    #[error("the answer broke off")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the address cannot be asked")]
    Address,
    #[error(transparent)]
    Outside(#[from] OutsideError),
}
