//! `listeners[].hsts`: browsers are to come back over TLS only (RFC 6797).

use std::time::Duration;

use axum::http::HeaderValue;

use super::Site;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{DAY, Key, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`hsts`",
    doc: "That browsers come back over TLS only",
    keys: &[
        Key::default(
            "max_age",
            "How long they remember it; `0s` makes them forget",
            Shape::Duration { min: 0, max: 1_095 * DAY },
            "365d",
        ),
        Key::default(
            "include_subdomains",
            "Whether it holds for all names below as well",
            Shape::Truth,
            "false",
        ),
        Key::default("preload", "Whether browsers may be shipped with it", Shape::Truth, "false"),
    ],
};

/// What the lists of browsers ask for.
const PRELOAD_MIN: Duration = Duration::from_hours(365 * 24);

/// The value of the header.
pub(super) fn read(
    fields: Option<Fields<'_>>,
    site: Site<'_>,
    is_secure: bool,
    mistakes: &mut Mistakes,
) -> Option<HeaderValue> {
    let fields = fields?;
    // RFC 6797 section 7.2: not over a connection that is not secure.
    if !is_secure {
        mistakes.add(fields.place(), "`hsts` holds over TLS only: this listener has no `tls`");
    }
    if site.public_url.is_some_and(|url| !url.is_https) {
        mistakes.add(fields.place(), "`hsts` needs a `public_url` with https");
    }
    let age = fields.duration("max_age");
    let with_subdomains = fields.is_true("include_subdomains");
    let mut value = format!("max-age={}", age.as_secs());
    if with_subdomains {
        value.push_str("; includeSubDomains");
    }
    if fields.is_true("preload") {
        value.push_str("; preload");
        if !with_subdomains || age < PRELOAD_MIN {
            let message = "`preload` needs `include_subdomains` and a `max_age` of at least `365d`";
            mistakes.add(fields.place(), message);
        }
    }
    HeaderValue::try_from(value).ok()
}
