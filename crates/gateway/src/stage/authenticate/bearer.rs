//! `bearer`: the opaque token in `Authorization: Bearer` (RFC 6750 section 2.1).
//!
//! Only our own opaque tokens are taken. A JWT in this place, even one that we minted for a
//! service, is malformed here.

use std::sync::Arc;

use symbolon_core::Timestamp;
use symbolon_store::Sessions;

use super::{Answer, session};
use crate::config::Authenticator;
use crate::stage::{Bearer, Presented};

pub(super) async fn ask(
    presented: Presented<'_>,
    sessions: &Arc<Sessions>,
    now: Timestamp,
) -> Answer {
    match presented.bearer() {
        Bearer::None => Answer::NotOffered,
        Bearer::Malformed => Answer::Failed("malformed `Authorization` header"),
        Bearer::Token(token) => session::open(token, Authenticator::Bearer, sessions, now).await,
    }
}
