//! `internal_token`: the short JWT minted for one service.

use std::time::Duration;

use symbolon_core::internal_token::PUBLISH_AHEAD;
use symbolon_verifier::MAX_LIFETIME;

use crate::config::fields::Fields;
use crate::config::settings::InternalTokenSettings;
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`internal_token`",
    doc: "The signed token that a service receives",
    keys: &[
        Key::default(
            "algorithm",
            "How it is signed",
            Shape::Choice { of: &["ES256"], later: &["EdDSA", "RS256"] },
            "ES256",
        ),
        Key::default(
            "lifetime",
            "How long it is valid; it cannot be revoked, so keep it short",
            Shape::Duration { min: SECOND, max: MAX_LIFETIME.as_secs() * SECOND },
            "60s",
        ),
        Key::default(
            "rotate_every",
            "How long a signing key signs",
            Shape::Duration { min: PUBLISH_AHEAD.as_secs() * SECOND, max: 365 * DAY },
            "30d",
        ),
    ],
};

pub(super) fn read(fields: Fields<'_>) -> InternalTokenSettings {
    let _only_choice = fields.text("algorithm");
    InternalTokenSettings {
        lifetime: whole_seconds(fields.duration("lifetime")),
        rotate_every: fields.duration("rotate_every"),
    }
}

/// `exp` and `iat` are whole seconds (RFC 7519 section 2 allows more, few libraries do).
fn whole_seconds(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs())
}
