//! `allow_sources` and `deny_sources`: from which addresses requests, or connections, may come.

use symbolon_gateway::limit::Sources;
use symbolon_gateway::trusted::Cidr;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Shape};

pub(in crate::config::sections) const ALLOW: Key = Key::rule(
    "allow_sources",
    "Address ranges that requests may come from; all, where it is left out",
    RANGES,
);

pub(in crate::config::sections) const DENY: Key = Key::rule(
    "deny_sources",
    "Address ranges that no request may come from, also where they are allowed",
    RANGES,
);

pub(in crate::config::sections) const ALLOW_CONNECTIONS: Key = Key::rule(
    "allow_sources",
    "Address ranges that connections may come from; all, where it is left out. Others are closed \
     unanswered",
    RANGES,
);

pub(in crate::config::sections) const DENY_CONNECTIONS: Key = Key::rule(
    "deny_sources",
    "Address ranges that no connection may come from, also where they are allowed",
    RANGES,
);

/// An empty list would be no rule: what lost its ranges must not become that.
const RANGES: Shape = Shape::List { of: &Shape::Text, min: 1 };

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
