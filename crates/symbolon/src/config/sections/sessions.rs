//! `sessions`: how long they live, what of them is kept in memory, and their cookie.

use std::time::Duration;

use symbolon_core::session::Lifetime;
use symbolon_gateway::config::SessionCookie;
use symbolon_store::sessions::SessionsConfig;

use super::public_url::PublicUrl;
use super::store;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::settings::SessionSettings;
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`sessions`",
    doc: "How long sessions live and where they are kept",
    keys: &[
        store::SAME,
        Key::default(
            "cache",
            "`near` keeps the sessions in use in memory, coherent with the store",
            Shape::Choice { of: &["near"], later: &["none", "replica"] },
            "near",
        ),
        Key::default(
            "cache_entries",
            "The most sessions kept in memory",
            Shape::Integer { min: 1_000, max: 100_000_000 },
            "250000",
        ),
        Key::default(
            "idle_timeout",
            "Longest time without a request",
            Shape::Duration { min: SECOND, max: 365 * DAY },
            "30m",
        ),
        Key::default(
            "absolute_timeout",
            "Longest time altogether",
            Shape::Duration { min: SECOND, max: 365 * DAY },
            "12h",
        ),
        Key::section("cookie", &COOKIE),
    ],
};

static COOKIE: Section = Section {
    is: "`cookie`",
    doc: "The session cookie",
    keys: &[
        Key::default(
            "name",
            "Its name; `__Host-` is put in front where `public_url` is https",
            Shape::Text,
            "symbolon",
        ),
        Key::default(
            "same_site",
            "Whether other sites' requests bring it along",
            Shape::Choice { of: &["lax", "strict"], later: &["none"] },
            "lax",
        ),
    ],
};

/// The shortest time between two writes of one session's last use.
const LONGEST_TOUCH_INTERVAL: Duration = Duration::from_mins(1);

pub(super) fn read(
    fields: Fields<'_>,
    public_url: Option<&PublicUrl>,
    mistakes: &mut Mistakes,
) -> SessionSettings {
    let _only_choices = (fields.text("store"), fields.text("cache"));
    let lifetime = Lifetime {
        idle: fields.duration("idle_timeout"),
        absolute: fields.duration("absolute_timeout"),
    };
    if lifetime.idle > lifetime.absolute {
        let place = fields.get("idle_timeout").map_or(fields.place(), |node| node.place);
        mistakes.add(place, "`idle_timeout` is longer than `absolute_timeout`");
    }
    let entries = fields.integer("cache_entries").unwrap_or_default();
    SessionSettings {
        lifetime,
        memory: SessionsConfig {
            cache_entries: usize::try_from(entries).unwrap_or(usize::MAX),
            // A tenth of the idle timeout: sessions never seem idle only because of this.
            touch_interval: (lifetime.idle / 10).min(LONGEST_TOUCH_INTERVAL),
        },
        cookie: cookie(fields, public_url, mistakes),
    }
}

fn cookie(
    sessions: Fields<'_>,
    public_url: Option<&PublicUrl>,
    mistakes: &mut Mistakes,
) -> SessionCookie {
    let is_https = public_url.is_some_and(|url| url.is_https);
    let fields = sessions.section("cookie");
    let name = fields.map_or("", |fields| fields.text("name"));
    let same_site = match fields.map_or("", |fields| fields.text("same_site")) {
        "strict" => "Strict",
        _ => "Lax",
    };
    let place = fields.map_or(sessions.place(), |fields| fields.place());
    if !is_cookie_name(name) || name.to_ascii_lowercase().starts_with("__") {
        let message = format!(
            "cookie name `{name}` must be letters, digits, `-` and `_`, without a `__` prefix"
        );
        mistakes.add(place, message);
    }
    SessionCookie {
        // RFC 6265bis section 4.1.3.2: bound to this host, path `/` and https.
        name: format!("{}{name}", if is_https { "__Host-" } else { "" }),
        same_site,
        secure: is_https,
    }
}

fn is_cookie_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}
