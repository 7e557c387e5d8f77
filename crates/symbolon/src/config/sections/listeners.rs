//! `listeners`, `admin`, `trusted_proxies`: which sockets are opened, and whose word is believed.

use std::net::SocketAddr;

use symbolon_gateway::trusted::{Cidr, TrustedProxies};

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::Node;

pub(super) static LISTENER: Section = Section {
    is: "a listener",
    doc: "A socket for requests from outside",
    keys: &[
        Key::required("address", "IP address and port, such as `0.0.0.0:8080`", Shape::Text),
        Key::later("tls", "Certificates"),
    ],
};

pub(super) static ADMIN: Section = Section {
    is: "`admin`",
    doc: "Health, readiness and metrics: never on a public listener",
    keys: &[Key::default(
        "address",
        "IP address and port of the admin listener",
        Shape::Text,
        "127.0.0.1:9080",
    )],
};

/// The addresses to listen on, none twice.
pub(super) fn read(listeners: &[Node], mistakes: &mut Mistakes) -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    for node in listeners {
        let fields = Fields::new(node, &LISTENER);
        let Some(address) = read_address(fields, mistakes) else {
            continue;
        };
        if is_taken(&addresses, address) {
            let message = format!("address `{address}` is listened on already");
            mistakes.add(fields.place(), message);
        }
        addresses.push(address);
    }
    addresses
}

pub(super) fn read_admin(
    fields: Fields<'_>,
    listeners: &[SocketAddr],
    mistakes: &mut Mistakes,
) -> SocketAddr {
    let unspecified = SocketAddr::from(([127, 0, 0, 1], 0));
    let address = read_address(fields, mistakes).unwrap_or(unspecified);
    if is_taken(listeners, address) {
        let message = format!("the admin address `{address}` is that of a public listener");
        mistakes.add(fields.place(), message);
    }
    address
}

pub(super) fn read_trusted(ranges: &[Node], mistakes: &mut Mistakes) -> TrustedProxies {
    let parse = |node| fields::parse::<Cidr>(node, "trusted_proxies", mistakes);
    TrustedProxies::new(ranges.iter().filter_map(parse).collect())
}

fn read_address(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<SocketAddr> {
    let node = fields.get("address")?;
    let text = node.scalar()?;
    let address = text.parse().ok();
    if address.is_none() {
        let message =
            format!("`address` must be `IP:PORT`, such as `127.0.0.1:8080`, not `{text}`");
        mistakes.add(node.place, message);
    }
    address
}

/// Port 0 asks for any free port, so it never collides.
fn is_taken(addresses: &[SocketAddr], address: SocketAddr) -> bool {
    address.port() != 0 && addresses.contains(&address)
}
