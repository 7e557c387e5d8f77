//! The one place of this crate that asks for the time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since the Unix epoch, 0 on a machine that believes to be before it: every token is then
/// not valid yet.
#[expect(clippy::disallowed_methods, reason = "this is the room meant for the clock")]
pub(super) fn unix_seconds() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_secs().cast_signed()
}
