//! What the load generator is told to do, passed between the processes as one line.

use std::{fmt, path::PathBuf, str::FromStr};

use anyhow::{Context, Error, Result};

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    /// The port of the loopback address to load.
    pub(crate) port: u16,
    /// Seconds to run at most.
    pub(crate) seconds: f64,
    /// Requests to send at most.
    pub(crate) requests: u64,
    /// Requests per second over all connections (open loop); 0 for as many as are answered
    /// (closed loop).
    pub(crate) rate: f64,
    /// Header lines, one a line of the file, with which the requests take turns; empty for none.
    pub(crate) headers: PathBuf,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, seconds, requests, rate, headers } = self;
        write!(f, "{port} {seconds} {requests} {rate} {}", headers.display())
    }
}

impl FromStr for Order {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let mut fields = line.splitn(5, ' ');
        let mut next = || fields.next().context("the order has too few fields");
        Ok(Self {
            port: next()?.parse()?,
            seconds: next()?.parse()?,
            requests: next()?.parse()?,
            rate: next()?.parse()?,
            headers: PathBuf::from(next()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn what_is_written_is_read_back() {
        let order = Order {
            port: 8080,
            seconds: 2.5,
            requests: u64::MAX,
            rate: 10_000.0,
            headers: "a folder/headers.txt".into(),
        };
        assert_eq!(order.to_string().parse::<Order>().unwrap(), order);
    }
}
