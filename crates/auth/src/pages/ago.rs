//! How long ago something was, in words.

use serde::Serialize;
use symbolon_core::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A moment of the past as a page shows it.
#[derive(Serialize)]
pub(crate) struct Moment {
    /// `5 minutes ago`.
    words: String,
    /// RFC 3339, for `<time datetime>`.
    exact: String,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { words: in_words(now.since(at).as_secs()), exact: at.to_string() }
    }
}

fn in_words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ => (seconds / DAY, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_words() {
        for (seconds, words) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3599, "59 minutes ago"),
            (3600, "1 hour ago"),
            (86_400, "1 day ago"),
            (20 * 86_400, "20 days ago"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
