//! Records to try a store with.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use symbolon_core::session::{Authentication, Authorization, Device, SessionData};
use symbolon_core::{
    Generation, OsRandom, PlainToken, Session, SessionId, Timestamp, TokenHash, TokenKind,
};

use crate::audit::{By, Kind, Record};
use crate::core_store::Account;

/// What [`account`] has for a password hash.
pub(crate) const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

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
        authentication: Authentication { amr: ["pwd".into()].into(), acr: "pwd".into(), at: now },
        authorization: Arc::new(Authorization {
            roles: vec!["customer".parse().unwrap()],
            ..Authorization::default()
        }),
        created_at: now,
        last_seen: now,
        idle_timeout: Duration::from_mins(30),
        expires_at: now.plus(Duration::from_hours(12)),
        device: Some(Box::new(Device::new(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            Some([203, 0, 113, 7].into()),
        ))),
        data: SessionData::default(),
    }
}

/// A session with something in every field, and text that is easily mangled.
pub(crate) fn rich_session(subject: &str, now: Timestamp) -> Session {
    let data = serde_json::json!({"cart": [{"sku": "Ä\u{1F600}\0'\"", "n": 1.5}], "null": null});
    Session {
        generation: Generation(u64::from(u32::MAX) + 1),
        client: Some("shop-app".parse().unwrap()),
        authentication: Authentication {
            amr: ["pwd".into(), "otp".into()].into(),
            acr: "mfa".into(),
            at: now.minus(Duration::from_secs(5)),
        },
        authorization: Arc::new(Authorization {
            scopes: vec!["orders:read".into(), "orders:write".into()],
            roles: Vec::new(),
            groups: vec!["Ops & Café".into()],
        }),
        last_seen: now.plus(Duration::from_micros(1)),
        device: Some(Box::new(Device::new("", None))),
        data: serde_json::from_value(data).unwrap(),
        ..session(subject, now)
    }
}

/// An account like most.
pub(crate) fn account(subject: &str, now: Timestamp) -> Account {
    Account {
        subject: subject.parse().unwrap(),
        password_hash: PASSWORD_HASH.into(),
        roles: vec!["customer".parse().unwrap()],
        groups: Vec::new(),
        disabled: false,
        created_at: now,
        password_changed_at: now,
    }
}

/// The record of some change.
pub(crate) fn record() -> &'static Record {
    static RECORD: LazyLock<Record> =
        LazyLock::new(|| Record::new(Kind::AccountCreated, &By::system(super::NOW)));
    &RECORD
}
