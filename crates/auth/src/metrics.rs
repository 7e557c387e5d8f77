//! What the service counts, for the admin listener to export.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters and gauges; each is read with one load.
#[derive(Debug, Default)]
pub struct Metrics {
    log_ins_succeeded: AtomicU64,
    log_ins_failed: AtomicU64,
    log_ins_throttled: AtomicU64,
    log_outs: AtomicU64,
    password_hashes: AtomicU64,
    hashing_waiting: AtomicU64,
    hashing_refused: AtomicU64,
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
    /// Passwords hashed or compared, those of unknown accounts included.
    password_hashes, count_hash;
    /// Hashes waiting for their turn, right now.
    hashing_waiting, wait;
    /// Hashes refused because too many were waiting.
    hashing_refused, count_hashing_refused;
}

impl Metrics {
    pub(crate) fn stop_waiting(&self) {
        self.hashing_waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
