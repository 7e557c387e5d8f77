//! What the service counts, for the admin listener to export.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters and gauges; each is read with one load.
#[derive(Debug, Default)]
pub struct Metrics {
    log_ins_succeeded: AtomicU64,
    log_ins_failed: AtomicU64,
    log_ins_throttled: AtomicU64,
    log_outs: AtomicU64,
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident, $count:ident;)*) => {
        impl Metrics {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> u64 {
                    self.$name.load(Ordering::Relaxed)
                }

                pub(crate) fn $count(&self) {
                    self.$name.fetch_add(1, Ordering::Relaxed);
                }
            )*
        }
    };
}

counters! {
    /// Log-ins with the right password.
    log_ins_succeeded, count_success;
    /// Log-ins with an unknown name or a wrong password.
    log_ins_failed, count_failure;
    /// Log-ins refused with 429 before the password was looked at.
    log_ins_throttled, count_throttled;
    /// Sessions ended by their owners.
    log_outs, count_log_out;
}
