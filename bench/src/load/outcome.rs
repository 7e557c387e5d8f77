//! What came out of a run of the load generator, passed between the processes as one line.

use std::{fmt, str::FromStr, time::Duration};

use anyhow::{Context, Error};

/// Requests counted, and what they took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outcome {
    /// Requests that were answered with 200.
    pub(crate) requests: u32,
    /// How long the run took.
    pub(crate) seconds: f64,
    /// The median of the answers' times, in microseconds.
    pub(crate) p50: u32,
    /// Their 99th percentile, in microseconds.
    pub(crate) p99: u32,
}

impl Outcome {
    /// Sums up.
    pub(super) fn of(mut microseconds: Vec<u32>, elapsed: Duration) -> Self {
        microseconds.sort_unstable();
        Self {
            requests: u32::try_from(microseconds.len()).unwrap_or(u32::MAX),
            seconds: elapsed.as_secs_f64(),
            p50: percentile(&microseconds, 50),
            p99: percentile(&microseconds, 99),
        }
    }

    /// Requests per second.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(self.requests) / self.seconds
    }
}

fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.requests, self.seconds, self.p50, self.p99)
    }
}

impl FromStr for Outcome {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self, Error> {
        let mut fields = line.split_ascii_whitespace();
        let mut next = || fields.next().context("the outcome has too few fields");
        Ok(Self {
            requests: next()?.parse()?,
            seconds: next()?.parse()?,
            p50: next()?.parse()?,
            p99: next()?.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Outcome};

    #[test]
    fn what_is_printed_is_read_back() {
        let outcome = Outcome::of((1..=200).rev().collect(), Duration::from_millis(2_500));
        assert_eq!((outcome.p50, outcome.p99, outcome.rate()), (100, 198, 80.0));
        assert_eq!(outcome.to_string().parse::<Outcome>().unwrap(), outcome);
    }
}
