//! `listeners`, `admin`, `trusted_proxies`: which sockets are opened, and whose word is believed.

mod hsts;
pub(super) mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use symbolon_gateway::config::{Listener, ProxyProtocol};
use symbolon_gateway::trusted::{Cidr, TrustedProxies};

use super::public_url::PublicUrl;
use super::sources;
use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::Node;

pub(super) static LISTENER: Section = Section {
    is: "a listener",
    doc: "A socket for requests from outside",
    keys: &[
        Key::required("address", "IP address and port, such as `0.0.0.0:8080`", Shape::Text),
        Key::optional("tls", tls::SECTION.doc, Shape::Section(&tls::SECTION)),
        sources::ALLOW_CONNECTIONS,
        sources::DENY_CONNECTIONS,
        Key::default(
            "proxy_protocol",
            "Whether a load balancer among `trusted_proxies` says who connects",
            Shape::Choice { of: &["off", "required"], later: &[] },
            "off",
        ),
        Key::default(
            "redirect_to_https",
            "Whether every request is sent away to `public_url`",
            Shape::Truth,
            "false",
        ),
        Key::optional("hsts", hsts::SECTION.doc, Shape::Section(&hsts::SECTION)),
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

/// What listeners are held against.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) public_url: Option<&'a PublicUrl>,
    /// Whether anybody is among `trusted_proxies`.
    pub(super) has_trusted_proxies: bool,
}

/// The listeners, no address twice.
pub(super) fn read(
    nodes: &[Node],
    site: Site<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Listener> {
    let (mut addresses, mut listeners) = (Vec::new(), Vec::new());
    for node in nodes {
        let fields = Fields::new(node, &LISTENER);
        let Some(address) = read_address(fields, mistakes) else {
            continue;
        };
        if is_taken(&addresses, address) {
            let message = format!("address `{address}` is listened on already");
            mistakes.add(fields.place(), message);
        }
        addresses.push(address);
        let tls = fields.section("tls").map(|fields| tls::read(fields, surroundings, mistakes));
        listeners.push(Listener {
            sources: sources::read(fields, mistakes),
            proxy_protocol: proxy_protocol(fields, site, mistakes),
            redirect_to: redirect_to(fields, site, tls.is_some(), mistakes),
            hsts: hsts::read(fields.section("hsts"), site, tls.is_some(), mistakes),
            tls: tls.flatten(),
            address,
        });
    }
    listeners
}

/// Whether some listener asks clients for certificates.
pub(super) fn ask_for_certificates(nodes: &[Node]) -> bool {
    let asks = |node| {
        let tls = Fields::new(node, &LISTENER).section("tls");
        tls.is_some_and(|tls| tls.get("client_certificates").is_some())
    };
    nodes.iter().any(asks)
}

fn proxy_protocol(fields: Fields<'_>, site: Site<'_>, mistakes: &mut Mistakes) -> ProxyProtocol {
    if fields.text("proxy_protocol") != "required" {
        return ProxyProtocol::Off;
    }
    if !site.has_trusted_proxies {
        let message = "`proxy_protocol: required` without `trusted_proxies` lets nobody in";
        let hint = "name the addresses of the load balancers there".to_owned();
        mistakes.push(Mistake::new(fields.place(), message).hint(Some(hint)));
    }
    ProxyProtocol::Required
}

fn redirect_to(
    fields: Fields<'_>,
    site: Site<'_>,
    is_secure: bool,
    mistakes: &mut Mistakes,
) -> Option<Arc<str>> {
    let public_url = site.public_url.filter(|_| fields.is_true("redirect_to_https"))?;
    if is_secure {
        mistakes.add(fields.place(), "a listener with `tls` cannot send away to itself");
    }
    if !public_url.is_https {
        mistakes.add(fields.place(), "`redirect_to_https` needs a `public_url` with https");
    }
    Some(public_url.to_string().into())
}

pub(super) fn read_admin(
    fields: Fields<'_>,
    listeners: &[Listener],
    mistakes: &mut Mistakes,
) -> SocketAddr {
    let unspecified = SocketAddr::from(([127, 0, 0, 1], 0));
    let address = read_address(fields, mistakes).unwrap_or(unspecified);
    let addresses: Vec<_> = listeners.iter().map(|listener| listener.address).collect();
    if is_taken(&addresses, address) {
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
