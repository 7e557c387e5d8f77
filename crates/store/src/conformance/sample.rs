//! Records to try a store with.

use std::time::Duration;

use symbolon_core::session::{Authentication, Device, SessionData};
use symbolon_core::{
    Generation, OsRandom, PlainToken, Session, SessionId, Timestamp, TokenHash, TokenKind,
};

/// The hash of a token nobody else has.
pub(crate) fn token() -> TokenHash {
    PlainToken::generate(TokenKind::Session, &OsRandom).hash()
}

/// A session like most: idle for at most 30 minutes, over after 12 hours.
pub(crate) fn session(subject: &str, now: Timestamp) -> Session {
    Session {
        id: SessionId::generate(&OsRandom),
        token: token(),
        generation: Generation(0),
        subject: subject.parse().unwrap(),
        client: None,
        authentication: Authentication {
            amr: vec!["pwd".into()],
            acr: "pwd".into(),
            at: now,
        },
        scopes: Vec::new(),
        roles: vec!["customer".parse().unwrap()],
        groups: Vec::new(),
        created_at: now,
        last_seen: now,
        idle_timeout: Duration::from_secs(30 * 60),
        expires_at: now.plus(Duration::from_secs(12 * 60 * 60)),
        device: Device::new(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            Some([203, 0, 113, 7].into()),
        ),
        data: SessionData::default(),
    }
}
