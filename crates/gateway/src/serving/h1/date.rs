//! `Date` (RFC 9110 section 6.6.1), written once a second.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use symbolon_core::Timestamp;

thread_local! {
    static DATE: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Appends the field.
pub(super) fn write(now: Timestamp, out: &mut Vec<u8>) {
    DATE.with_borrow_mut(|(second, text)| {
        if *second != now.as_secs() {
            *second = now.as_secs();
            let since = Duration::from_secs(u64::try_from(*second).unwrap_or(0));
            *text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since);
        }
        out.extend_from_slice(b"date: ");
        out.extend_from_slice(text.as_bytes());
        out.extend_from_slice(b"\r\n");
    });
}
