//! `resolver`: who is asked for the addresses of targets.

use std::net::SocketAddr;
use std::sync::Arc;

use symbolon_gateway::config::Resolver;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`resolver`",
    doc: "Name servers for the names of targets",
    keys: &[
        Key::required(
            "servers",
            "`IP:PORT` of recursive name servers, asked in this order",
            Shape::List { of: &Shape::Text, min: 1 },
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

const TTL: Shape = Shape::Duration { min: 100, max: DAY };

/// Reads the section, where it is written.
pub(super) fn read(root: Fields<'_>, mistakes: &mut Mistakes) -> Option<Arc<Resolver>> {
    let fields = root.section("resolver")?;
    let (min_ttl, max_ttl) = (fields.duration("min_ttl"), fields.duration("max_ttl"));
    if max_ttl < min_ttl {
        let place = fields.get("max_ttl").map_or(fields.place(), |node| node.place);
        mistakes.add(place, "`max_ttl` must not be shorter than `min_ttl`");
    }
    let server = |node| fields::parse::<SocketAddr>(node, "servers", mistakes);
    let servers = fields.list("servers").iter().filter_map(server).collect();
    let timeout = fields.duration("timeout");
    Some(Arc::new(Resolver { servers, timeout, min_ttl, max_ttl }))
}
