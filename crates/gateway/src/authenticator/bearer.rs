//! `bearer`: the opaque token in `Authorization: Bearer` (RFC 6750 section 2.1).
//!
//! Only our own opaque tokens are taken. A JWT in this place, even one that we minted for a
//! service, is malformed here, or for another authenticator of the route.

use symbolon_core::jwt;

use super::{Answer, Asked, Failure, session};
use crate::stage::{Bearer, SessionProof};

pub(super) async fn ask(asked: &Asked<'_>) -> Answer {
    match asked.clean.presented().bearer() {
        Bearer::None => Answer::NotOffered,
        Bearer::Malformed => {
            let why = "malformed `Authorization` header";
            Answer::Failed(Failure::invalid_token("malformed", why))
        }
        Bearer::Token(token) if asked.shares_bearer && jwt::has_shape(token) => Answer::NotOffered,
        Bearer::Token(token) => session::open(token, SessionProof::Bearer, asked).await,
    }
}
