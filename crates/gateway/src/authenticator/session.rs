//! `session`: the opaque token in the session cookie.

use symbolon_core::cookie::Found;
use symbolon_core::{TokenHash, TokenKind};

use super::{Answer, Asked, Failure};
use crate::stage::{Identity, SessionProof};

pub(super) async fn ask(asked: &Asked<'_>) -> Answer {
    match asked.clean.presented().session_cookie() {
        Found::None => Answer::NotOffered,
        // Before it is looked at: a foreign page learns nothing of the session.
        Found::One(_) | Found::Several if asked.clean.is_foreign_upgrade() => {
            let why = "a page of another origin opens a WebSocket";
            Answer::Failed(Failure::invalid_token("foreign_origin", why))
        }
        Found::Several => {
            Answer::Failed(Failure::invalid_token("several", "several session cookies"))
        }
        Found::One(token) => open(token, SessionProof::Cookie, asked).await,
    }
}

/// The live session that a token opens.
pub(super) async fn open(token: &[u8], by: SessionProof, asked: &Asked<'_>) -> Answer {
    let Ok(hash) = TokenHash::of_presented(TokenKind::Session, token) else {
        return Answer::Failed(Failure::invalid_token("malformed", "malformed token"));
    };
    let found = match asked.sessions.cached(&hash, asked.now) {
        Some(live) => Ok(Some(live)),
        None => asked.sessions.find(&hash, asked.now).await,
    };
    match found {
        Ok(Some(live)) => {
            if !asked.is_dry {
                asked.sessions.seen(&live, asked.now);
            }
            Answer::Authenticated(Identity::Session { live, by })
        }
        Ok(None) if asked.sessions.is_replaced(&hash, asked.now) => {
            let why = "the session has another token now";
            let failure = Failure::invalid_token("no_session", why);
            Answer::Failed(Failure { keeps_cookie: true, ..failure })
        }
        Ok(None) => Answer::Failed(Failure::invalid_token("no_session", "no live session")),
        Err(error) => error.into(),
    }
}
