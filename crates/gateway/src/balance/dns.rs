//! A stub resolver: as much of DNS as it takes to turn a name into targets.
//!
//! 1. It asks a recursive server and believes nobody else: a random id and a random port for each
//!    question (RFC 5452), and an answer counts only if it repeats the question.
//! 2. An answer that does not fit into a datagram is asked for again over TCP (RFC 7766).
//! 3. What comes is untrusted: names are bounded, and pointers in them only lead back.
//!
//! It has no cache: each name is asked for once, by whoever keeps its addresses.

mod message;
mod transport;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use symbolon_core::{Random, random};

use self::message::{Answer, Kind, Record};
use crate::config::Resolver;

/// The most targets of one SRV name whose addresses are asked for.
const MAX_SERVICES: usize = 32;

/// Asks the servers of a configuration.
#[derive(Clone)]
pub(super) struct Dns {
    config: Arc<Resolver>,
    random: Arc<dyn Random>,
}

/// An address with what SRV says of it (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) priority: u16,
    pub(super) address: SocketAddr,
    pub(super) weight: u16,
}

/// Reads an answer of each type; its question may be any, so that the fuzzer gets behind it.
#[cfg(fuzzing)]
pub(super) fn fuzz_answer(data: &[u8]) {
    let id = data.first_chunk().map_or(0, |id| u16::from_be_bytes(*id));
    for kind in [Kind::A, Kind::Aaaa, Kind::Srv] {
        if let Ok(Some(answer)) = message::answer(data, id, "a", kind) {
            assert!(answer.records.len() <= data.len());
        }
    }
}

/// Addresses, and how long they are good for.
pub(super) type Addresses = (Vec<Found>, Duration);

/// Why a name has no addresses.
#[derive(Debug, thiserror::Error)]
pub(super) enum DnsError {
    #[error("cannot ask the server")]
    Io(#[source] std::io::Error),
    #[error("no answer in time")]
    Timeout,
    #[error("malformed answer")]
    Malformed,
    #[error("the server answers with code {0}")]
    Code(u8),
    #[error("there are no addresses")]
    Nothing,
    #[error("no name")]
    Name,
}

impl Dns {
    pub(super) fn new(config: Arc<Resolver>, random: Arc<dyn Random>) -> Self {
        Self { config, random }
    }

    /// The addresses of a host.
    pub(super) async fn host(&self, name: &str, port: u16) -> Result<Addresses, DnsError> {
        let (addresses, ttl) = self.addresses(name).await?;
        let found = |ip| Found { priority: 0, address: SocketAddr::new(ip, port), weight: 1 };
        self.checked(addresses.into_iter().map(found).collect(), ttl)
    }

    /// The addresses of a service, with their weights and priorities.
    pub(super) async fn service(&self, name: &str) -> Result<Addresses, DnsError> {
        let answer = self.ask(name, Kind::Srv).await?;
        let (mut found, mut ttl) = (Vec::new(), answer.ttl);
        for record in answer.records.into_iter().take(MAX_SERVICES) {
            let Record::Service { priority, weight, port, name } = record else { continue };
            // One that fails now is asked for again soon, and takes no other one along.
            let (addresses, other) = self.addresses(&name).await.unwrap_or_default();
            ttl = ttl.min(other);
            // A weight of 0 means hardly any, and not none (RFC 2782).
            let weight = weight.max(1);
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, port));
            found.extend(addresses.map(|address| Found { priority, address, weight }));
        }
        self.checked(found, ttl)
    }

    /// IPv4 and IPv6 together. Some servers fail for the one of which there is nothing; the other
    /// is used then, but asked for again soon.
    async fn addresses(&self, name: &str) -> Result<(Vec<IpAddr>, u32), DnsError> {
        let (four, six) = tokio::join!(self.ask(name, Kind::A), self.ask(name, Kind::Aaaa));
        let (records, ttl) = match (four, six) {
            (Ok(four), Ok(six)) => ([four.records, six.records].concat(), four.ttl.min(six.ttl)),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) if !one.records.is_empty() => (one.records, 0),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let address = |record| match record {
            Record::Address(ip) => Some(ip),
            Record::Service { .. } => None,
        };
        Ok((records.into_iter().filter_map(address).collect(), ttl))
    }

    /// Each server in turn, twice.
    async fn ask(&self, name: &str, kind: Kind) -> Result<Answer, DnsError> {
        let mut failed = DnsError::Nothing;
        for server in self.config.servers.iter().chain(&self.config.servers) {
            let id = u16::from_be_bytes(random::bytes(&*self.random));
            match transport::ask(*server, name, kind, id, self.config.timeout).await {
                Ok(answer) => return Ok(answer),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn checked(&self, mut found: Vec<Found>, ttl: u32) -> Result<Addresses, DnsError> {
        if found.is_empty() {
            return Err(DnsError::Nothing);
        }
        found.sort_unstable();
        found.dedup_by_key(|found| found.address);
        let ttl = Duration::from_secs(u64::from(ttl));
        Ok((found, ttl.max(self.config.min_ttl).min(self.config.max_ttl)))
    }
}
