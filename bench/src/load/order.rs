//! What the load generator is told to do, passed between the processes as one line.

use std::{fmt, path::PathBuf, str::FromStr};

use anyhow::{Context, Error, Result};

use super::Load;

/// Between two fields of the line.
const TAB: char = '\t';

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    /// What is done again and again.
    pub(crate) load: Load,
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
    /// Paths, one a line of the file, with which they take turns; empty for the usual one.
    pub(crate) paths: PathBuf,
    /// PEM: the authority that has made the certificate of the program; empty without TLS.
    pub(crate) authority: PathBuf,
    /// PEM: certificate and key that are shown to the program; empty for none.
    pub(crate) client: PathBuf,
}

impl Order {
    /// As many requests as are answered, until somebody says for how long.
    pub(crate) fn new(load: Load, port: u16) -> Self {
        Self {
            load,
            port,
            seconds: 0.0,
            requests: u64::MAX,
            rate: 0.0,
            headers: PathBuf::new(),
            paths: PathBuf::new(),
            authority: PathBuf::new(),
            client: PathBuf::new(),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { load, port, seconds, requests, rate, headers, paths, authority, client } = self;
        write!(f, "{load}{TAB}{port}{TAB}{seconds}{TAB}{requests}{TAB}{rate}{TAB}")?;
        write!(f, "{}{TAB}{}{TAB}", headers.display(), paths.display())?;
        write!(f, "{}{TAB}{}", authority.display(), client.display())
    }
}

impl FromStr for Order {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let mut fields = line.split(TAB);
        let mut next = || fields.next().context("the order has too few fields");
        Ok(Self {
            load: next()?.parse()?,
            port: next()?.parse()?,
            seconds: next()?.parse()?,
            requests: next()?.parse()?,
            rate: next()?.parse()?,
            headers: PathBuf::from(next()?),
            paths: PathBuf::from(next()?),
            authority: PathBuf::from(next()?),
            client: PathBuf::from(next()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Load, Order};

    #[test]
    fn what_is_written_is_read_back() {
        let order = Order {
            seconds: 2.5,
            rate: 10_000.0,
            headers: "a folder/headers.txt".into(),
            authority: "a folder/ca.pem".into(),
            client: "a folder/client.pem".into(),
            ..Order::new(Load::TlsRequests, 8080)
        };
        assert_eq!(order.to_string().parse::<Order>().unwrap(), order);
    }
}
