//! Whom spans are told to, and how many.

use std::str::FromStr;
use std::sync::Arc;

/// Traces for a collector (OTLP over HTTP).
#[derive(Clone, Debug, PartialEq)]
pub struct Tracing {
    /// `host:port` of the collector.
    pub authority: Arc<str>,
    /// Where it takes traces, `/v1/traces`.
    pub path: Arc<str>,
    /// `service.name` of the spans.
    pub service_name: Arc<str>,
    /// How many of the traces that begin here are recorded.
    pub sampling: Sampling,
    /// Whether a trace goes on whoever sends it, and not only from trusted proxies.
    pub continue_from_anyone: bool,
}

/// A share, written as a percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling(f64);

/// A text that is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be a percentage from `0%` to `100%`, such as `5%` or `0.1%`")]
pub struct SamplingError;

impl Sampling {
    /// The same as a part of 2^64; all of it means always.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "INVARIANT: from 0 to 100; a share need not be exact in its last bits"
    )]
    pub(crate) fn threshold(self) -> u64 {
        (self.0 / 100.0 * u64::MAX as f64) as u64
    }
}

impl FromStr for Sampling {
    type Err = SamplingError;

    fn from_str(text: &str) -> Result<Self, SamplingError> {
        let digits = text.strip_suffix('%').ok_or(SamplingError)?;
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let percent = digits.parse().ok().filter(|_| is_plain).ok_or(SamplingError)?;
        if (0.0..=100.0).contains(&percent) { Ok(Self(percent)) } else { Err(SamplingError) }
    }
}
