//! Host, path, method and conditions to exactly one route, at a cost that does not grow with their
//! number.
//!
//! Precedence, first difference decides:
//! 1. exact host, then the longest wildcard host, then routes without hosts;
//! 2. exact path, then regex, then the longest prefix;
//! 3. within that one host and path, the method. If it fits none, the answer is 405: a less
//!    specific route never takes over what a more specific one does not allow;
//! 4. among those, the most conditions on headers and query that are met. If none are met, the
//!    answer is 404, for the same reason. What one of them looks at must have one reading, or the
//!    answer is 400.
//!
//! Two routes that could match the same request with equal rank do not load
//! ([`RouteConflict`]), so the order of the file never matters.

mod intersect;
#[cfg(test)]
mod oracle;
mod paths;
mod place;
mod regexes;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use hashbrown::HashMap;
use http::Method;

use crate::config::{Route, Routing};
use crate::fields::Fields;
use crate::pattern::{Conditions, HostPattern, MethodSet};
use paths::PathTable;
use place::Candidate;

/// All routes of a snapshot, ready to be asked.
#[derive(Debug, Default)]
pub struct RouteTable {
    exact: HashMap<Arc<str>, PathTable>,
    below: HashMap<Arc<str>, PathTable>,
    any: PathTable,
}

/// Two routes between which a request could not decide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("routes `{first}` and `{second}` match the same requests: {reason}")]
pub struct RouteConflict {
    /// The route that stands first in the file.
    pub first: Arc<str>,
    /// The route that stands after it.
    pub second: Arc<str>,
    /// On what they collide.
    pub reason: String,
}

/// The same, by the numbers of the routes.
#[derive(Debug, PartialEq, Eq)]
struct Clash {
    first: u32,
    second: u32,
    reason: String,
}

/// What the table says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The route of this index.
    Route(usize),
    /// Host and path are known, the method is not among these.
    MethodNotAllowed(MethodSet),
    /// Host, path and method are known, and no route's conditions are met.
    ConditionsNotMet,
    /// Host, path and method are known, and the request has two readings of this, which a route
    /// there looks at.
    Ambiguous(Box<str>),
    /// Nothing matches.
    NotFound,
}

/// What the table is asked about, in canonical form.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// In lower case, without port.
    pub host: &'a str,
    /// The canonical path.
    pub path: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The query as it was sent.
    pub query: Option<&'a str>,
    /// The fields that routes see; `None` where they are not known, as with a preflight.
    pub fields: Option<&'a Fields>,
}

impl RouteTable {
    /// Builds the table of all routes.
    ///
    /// # Errors
    /// Every pair of routes that could match the same request with equal rank.
    pub fn build(routing: &Routing) -> Result<Self, Vec<RouteConflict>> {
        let mut table = Self::default();
        let mut clashes = Vec::new();
        // One for all that ask for none: it stays in the cache, ten thousand copies would not.
        let none = Arc::new(Conditions::default());
        for (number, route) in (0..).zip(&routing.routes) {
            let candidate = Candidate {
                route: number,
                methods: route.methods,
                conditions: match route.conditions.count() {
                    0 => Arc::clone(&none),
                    _ => Arc::new(route.conditions.clone()),
                },
            };
            if route.hosts.is_empty() {
                table.any.add(&route.paths, &candidate, &mut clashes);
            }
            for host in &route.hosts {
                let paths = match host {
                    HostPattern::Exact(name) => table.exact.entry(name.clone()).or_default(),
                    HostPattern::Below(suffix) => table.below.entry(suffix.clone()).or_default(),
                };
                paths.add(&route.paths, &candidate, &mut clashes);
            }
        }
        for paths in table.exact.values_mut().chain(table.below.values_mut()) {
            paths.finish(&mut clashes);
        }
        table.any.finish(&mut clashes);
        let mut conflicts = named(clashes, &routing.routes);
        conflicts.dedup();
        if conflicts.is_empty() { Ok(table) } else { Err(conflicts) }
    }

    /// The one route for a request.
    pub fn find(&self, asked: &Asked<'_>) -> Match {
        self.tables_for(asked.host)
            .map(|table| table.find(asked))
            .find(|found| *found != Match::NotFound)
            .unwrap_or(Match::NotFound)
    }

    fn tables_for<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a PathTable> {
        // Most configurations have no wildcard, and then nobody looks for dots.
        let suffixes = if self.below.is_empty() { "" } else { host };
        let suffixes = memchr::memchr_iter(b'.', suffixes.as_bytes());
        let below = suffixes.filter_map(|at| self.below.get(host.get(at..)?));
        self.exact.get(host).into_iter().chain(below).chain([&self.any])
    }
}

/// The routes by their names, for whoever wrote them.
fn named(clashes: Vec<Clash>, routes: &[Route]) -> Vec<RouteConflict> {
    let name = |number: u32| {
        let route = routes.get(usize::try_from(number).unwrap_or(usize::MAX));
        route.map(|route| Arc::clone(&route.name)).unwrap_or_default()
    };
    let conflict = |Clash { first, second, reason }| RouteConflict {
        first: name(first),
        second: name(second),
        reason,
    };
    clashes.into_iter().map(conflict).collect()
}
