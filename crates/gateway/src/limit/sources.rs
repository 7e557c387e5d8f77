//! From which addresses requests may come.
//!
//! The address is the one behind trusted proxies. A denied range wins over an allowed one; where
//! ranges are allowed at all, every other address is refused.

use std::net::IpAddr;

use crate::trusted::Cidr;

/// Allowed and denied address ranges.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    allow: Option<Ranges>,
    deny: Ranges,
}

/// Ranges in rising order, merged: a look-up is a binary search.
#[derive(Clone, Debug, Default)]
struct Ranges {
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
}

impl Sources {
    /// Nothing where both lists are empty: everybody may come.
    pub fn new(allow: &[Cidr], deny: &[Cidr]) -> Option<Self> {
        let allow = (!allow.is_empty()).then(|| Ranges::of(allow));
        (allow.is_some() || !deny.is_empty()).then(|| Self { allow, deny: Ranges::of(deny) })
    }

    /// Why an address may not come; `None` where it may.
    pub(crate) fn refuses(&self, source: IpAddr) -> Option<&'static str> {
        if self.deny.contain(source) {
            return Some("deny_sources");
        }
        match &self.allow {
            Some(allow) if !allow.contain(source) => Some("allow_sources"),
            _ => None,
        }
    }
}

impl Ranges {
    fn of(ranges: &[Cidr]) -> Self {
        let side = |is_v4| {
            let bounds = ranges.iter().filter(|range| range.is_v4() == is_v4).map(Cidr::bounds);
            merged(bounds.collect())
        };
        Self { v4: side(true), v6: side(false) }
    }

    fn contain(&self, address: IpAddr) -> bool {
        let (ranges, bits) = match address.to_canonical() {
            IpAddr::V4(v4) => (&self.v4, u128::from(v4.to_bits())),
            IpAddr::V6(v6) => (&self.v6, v6.to_bits()),
        };
        let behind = ranges.partition_point(|(first, _)| *first <= bits);
        let last = behind.checked_sub(1).and_then(|at| ranges.get(at));
        last.is_some_and(|(_, last)| bits <= *last)
    }
}

fn merged(mut bounds: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    bounds.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::new();
    for (first, last) in bounds {
        match merged.last_mut() {
            Some((_, end)) if first <= *end => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranges(texts: &[&str]) -> Vec<Cidr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn denied_wins_and_what_is_not_allowed_is_refused() {
        let sources =
            Sources::new(&ranges(&["10.0.0.0/8", "2001:db8::/32"]), &ranges(&["10.1.0.0/16"]));
        let refuses = |text: &str| sources.as_ref().unwrap().refuses(text.parse().unwrap());
        assert_eq!(refuses("10.2.0.1"), None);
        assert_eq!(refuses("::ffff:10.2.0.1"), None);
        assert_eq!(refuses("2001:db8::7"), None);
        assert_eq!(refuses("10.1.0.1"), Some("deny_sources"));
        assert_eq!(refuses("192.0.2.1"), Some("allow_sources"));
        assert_eq!(refuses("2001:db9::7"), Some("allow_sources"));
        let only_denied = Sources::new(&[], &ranges(&["10.1.0.0/16"])).unwrap();
        assert_eq!(only_denied.refuses("192.0.2.1".parse().unwrap()), None);
        assert!(Sources::new(&[], &[]).is_none());
    }

    proptest! {
        #[test]
        fn the_search_finds_what_looking_at_each_finds(
            rows in proptest::collection::vec((any::<u32>(), 0_u32..=32), 0..12),
            asked in any::<u32>(),
        ) {
            let cidrs: Vec<Cidr> = rows
                .iter()
                .map(|(bits, prefix)| {
                    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
                    let network = std::net::Ipv4Addr::from_bits(bits & mask);
                    format!("{network}/{prefix}").parse().unwrap()
                })
                .collect();
            let near = rows.first().map_or(asked, |(bits, _)| bits ^ (asked & 0xff));
            for bits in [asked, near] {
                let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(bits));
                let expected = cidrs.iter().any(|range| range.contains(address));
                prop_assert_eq!(Ranges::of(&cidrs).contain(address), expected);
            }
        }
    }
}
