//! The requests of an order in HTTP/1.1, ready to be written.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context, Result};

use super::Order;
use crate::workload::PATH;

/// Those with which the clients take turns; at least one.
#[derive(Clone)]
pub(super) struct Requests(Arc<[Vec<u8>]>);

impl Requests {
    /// One for each path or header line of the order, and one where it has none.
    pub(super) fn of(order: &Order) -> Result<Self> {
        let headers = lines(&order.headers, "")?;
        let paths = lines(&order.paths, PATH)?;
        let count = headers.len().max(paths.len());
        let pairs = paths.iter().cycle().zip(headers.iter().cycle()).take(count);
        Ok(Self(pairs.map(|(path, line)| head(order.port, path, line)).collect()))
    }

    /// None: what is sent is made each time.
    pub(super) fn none() -> Self {
        Self(Arc::new([]))
    }

    /// This one and no other.
    pub(super) fn one(octets: Vec<u8>) -> Self {
        Self(Arc::new([octets]))
    }

    /// The one whose turn it is.
    pub(super) fn get(&self, turn: usize) -> &[u8] {
        self.0.get(turn % self.0.len().max(1)).map(Vec::as_slice).unwrap_or_default()
    }
}

fn lines(file: &Path, otherwise: &str) -> Result<Vec<String>> {
    if file.as_os_str().is_empty() {
        return Ok(vec![otherwise.to_owned()]);
    }
    let text = fs::read_to_string(file).context("cannot read the lines of the order")?;
    Ok(text.lines().map(str::to_owned).collect())
}

pub(super) fn head(port: u16, path: &str, header: &str) -> Vec<u8> {
    let end = if header.is_empty() { "" } else { "\r\n" };
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{header}{end}\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{super::Load, Order, Requests};

    #[test]
    fn header_lines_take_turns() {
        let folder = crate::folder::Folder::new().unwrap();
        let headers = folder.write("headers.txt", "a: 1\nb: 2").unwrap();
        let order = Order { headers, ..Order::new(Load::Requests, 80) };
        let requests = Requests::of(&order).unwrap();
        assert!(requests.get(1).ends_with(b"\r\nb: 2\r\n\r\n"));
        assert_eq!(requests.get(0), requests.get(2));
    }
}
