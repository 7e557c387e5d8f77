//! match: exactly one route, or none.

use std::sync::Arc;

use super::Clean;
use crate::rejection::{Reason, Rejection};
use crate::route_table::Match;
use crate::snapshot::{BoundRoute, Snapshot};

/// A request that belongs to a route.
#[derive(Debug)]
pub(crate) struct Matched {
    clean: Arc<Clean>,
    route: Arc<BoundRoute>,
}

impl Clean {
    /// Finds the route.
    pub(crate) fn matched(self: Arc<Self>, snapshot: &Snapshot) -> Result<Matched, Rejection> {
        let reject = |reason| Err(Rejection::new(reason, ""));
        match snapshot.table.find(self.host(), self.path(), self.method()) {
            Match::Route(index) => match snapshot.routes.get(index) {
                Some(route) => Ok(Matched { route: Arc::clone(route), clean: self }),
                None => reject(Reason::NoRoute),
            },
            Match::MethodNotAllowed(allowed) => reject(Reason::MethodNotAllowed(allowed)),
            Match::NotFound => reject(Reason::NoRoute),
        }
    }
}

impl Matched {
    pub(crate) fn clean(&self) -> &Clean {
        &self.clean
    }

    pub(crate) fn route(&self) -> &Arc<BoundRoute> {
        &self.route
    }
}
