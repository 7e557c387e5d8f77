//! `bearer`: the opaque token in `Authorization: Bearer` (RFC 6750 section 2.1).
//!
//! Only our own opaque tokens are good here. What has not their form is malformed, a JWT that we
//! minted for a service as well, unless another authenticator of the route takes it ([`Takers`]).
//!
//! [`Takers`]: super::Takers

use super::{Answer, Asked, Failure, session};
use crate::stage::{Bearer, SessionProof};

pub(super) async fn ask(asked: &Asked<'_>) -> Answer {
    match asked.clean.presented().bearer() {
        Bearer::None => Answer::NotOffered,
        Bearer::Malformed => {
            let why = "malformed `Authorization` header";
            Answer::Failed(Failure::invalid_token("malformed", why))
        }
        Bearer::Token(token) if !asked.takers.is_for_bearer(token, asked.site) => {
            Answer::NotOffered
        }
        Bearer::Token(token) => session::open(token, SessionProof::Bearer, asked).await,
    }
}
