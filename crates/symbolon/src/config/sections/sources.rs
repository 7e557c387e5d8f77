//! `allow_sources` and `deny_sources`: from which addresses requests, or connections, may come.

use symbolon_gateway::limit::Sources;
use symbolon_gateway::trusted::Cidr;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Shape};

pub(in crate::config::sections) const ALLOW: Key = Key::default(
    "allow_sources",
    "Address ranges that requests may come from; empty for all",
    RANGES,
    "[]",
);

pub(in crate::config::sections) const DENY: Key = Key::default(
    "deny_sources",
    "Address ranges that no request may come from, also where they are allowed",
    RANGES,
    "[]",
);

pub(in crate::config::sections) const ALLOW_CONNECTIONS: Key = Key::default(
    "allow_sources",
    "Address ranges that connections may come from; empty for all. Others are closed unanswered",
    RANGES,
    "[]",
);

pub(in crate::config::sections) const DENY_CONNECTIONS: Key = Key::default(
    "deny_sources",
    "Address ranges that no connection may come from, also where they are allowed",
    RANGES,
    "[]",
);

const RANGES: Shape = Shape::List { of: &Shape::Text, min: 0 };

/// The two lists of a route, of a listener, or of the file.
pub(in crate::config::sections) fn read(
    fields: Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<Sources> {
    let mut ranges = |key| -> Vec<Cidr> {
        let parse = |node| fields::parse::<Cidr>(node, key, mistakes);
        fields.list(key).iter().filter_map(parse).collect()
    };
    let (allow, deny) = (ranges("allow_sources"), ranges("deny_sources"));
    Sources::new(&allow, &deny)
}
