//! `resolver`: who is asked for the addresses of targets.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use symbolon_gateway::config::Resolver;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};
use crate::config::yaml::{Node, Value};

/// Where the system's servers stand (resolv.conf(5)).
const SYSTEM: &str = "/etc/resolv.conf";
/// The port of name servers.
const PORT: u16 = 53;

pub(super) static SECTION: Section = Section {
    is: "`resolver`",
    doc: "Name servers for the names of targets",
    keys: &[
        Key::default(
            "servers",
            "`IP:PORT` of recursive name servers, asked in this order; or `system`, for those in \
             /etc/resolv.conf",
            Shape::Either(FORMS),
            "system",
        ),
        Key::default(
            "timeout",
            "For one answer of one server",
            Shape::Duration { min: 10, max: 60 * SECOND },
            "2s",
        ),
        Key::default("min_ttl", "An answer is believed at least so long", TTL, "1s"),
        Key::default("max_ttl", "An answer is believed at most so long", TTL, "5m"),
    ],
};

const FORMS: &[Shape] =
    &[Shape::Choice { of: &["system"], later: &[] }, Shape::List { of: &Shape::Text, min: 1 }];

const TTL: Shape = Shape::Duration { min: 100, max: DAY };

/// Reads the section, where it is written.
pub(super) fn read(root: Fields<'_>, mistakes: &mut Mistakes) -> Option<Arc<Resolver>> {
    let fields = root.section("resolver")?;
    let (min_ttl, max_ttl) = (fields.duration("min_ttl"), fields.duration("max_ttl"));
    if max_ttl < min_ttl {
        let place = fields.get("max_ttl").map_or(fields.place(), |node| node.place);
        mistakes.add(place, "`max_ttl` must not be shorter than `min_ttl`");
    }
    let servers = fields.get("servers");
    let servers = servers.map(|node| servers_of(node, Path::new(SYSTEM), mistakes));
    let (servers, timeout) = (servers.unwrap_or_default(), fields.duration("timeout"));
    Some(Arc::new(Resolver { servers, timeout, min_ttl, max_ttl }))
}

fn servers_of(node: &Node, system: &Path, mistakes: &mut Mistakes) -> Vec<SocketAddr> {
    if let Value::List(items) = &node.value {
        let server = |node| fields::parse::<SocketAddr>(node, "servers", mistakes);
        return items.iter().filter_map(server).collect();
    }
    let path = system.display();
    match fs::read_to_string(system).map(|text| name_servers(&text)) {
        Ok(servers) if servers.is_empty() => {
            mistakes.add(node.place, format!("`servers: system`: there are none in {path}"));
            Vec::new()
        }
        Ok(servers) => servers,
        Err(error) => {
            let message = format!("`servers: system`: {path} cannot be read: {error}");
            mistakes.add(node.place, message);
            Vec::new()
        }
    }
}

/// The `nameserver` lines. One with a scope (`fe80::1%eth0`) is passed over.
fn name_servers(text: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        let is_it = words.next() == Some("nameserver");
        let address: IpAddr = words.next().filter(|_| is_it)?.parse().ok()?;
        Some(SocketAddr::new(address, PORT))
    };
    text.lines().filter_map(server).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_of_the_system_are_read() {
        let text = "# of the system\nsearch a.test\nnameserver 10.0.0.53\n\
            nameserver ::1 \n;nameserver 10.0.0.1\nnameserver fe80::1%eth0\noptions ndots:5\n";
        let servers: Vec<_> = name_servers(text).iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["10.0.0.53:53", "[::1]:53"]);
    }

    #[test]
    fn without_servers_the_system_cannot_be_asked() {
        let node = crate::config::yaml::parse("system", &mut Mistakes::default()).unwrap();
        for (path, why) in [("/dev/null", "none in /dev/null"), ("/nowhere/x", "cannot be read")] {
            let mut mistakes = Mistakes::default();
            assert!(servers_of(&node, Path::new(path), &mut mistakes).is_empty());
            let told = mistakes.into_sorted();
            assert!(told.len() == 1 && told[0].message.contains(why), "{told:?}");
        }
    }
}
