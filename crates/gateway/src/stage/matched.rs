//! match: exactly one route, or none; and the path that its service is sent.

use std::borrow::Cow;
use std::sync::Arc;

use super::Clean;
use crate::action::cors;
use crate::bound_route::BoundRoute;
use crate::limit::Sources;
use crate::rejection::{Reason, Rejection};
use crate::route_table::{Asked, Match};
use crate::snapshot::Snapshot;

/// A request that belongs to a route.
#[derive(Debug)]
pub(crate) struct Matched {
    clean: Arc<Clean>,
    route: Arc<BoundRoute>,
    /// The path for the service, where it is another one; in canonical form as well.
    changed_path: Option<String>,
    /// The query for the service, where something in it is not for the service.
    changed_query: Option<String>,
    is_preflight: bool,
}

impl Clean {
    /// Finds the route.
    pub(crate) fn matched(self: Arc<Self>, snapshot: &Snapshot) -> Result<Matched, Rejection> {
        self.check_source(snapshot.sources.as_ref())?;
        if let Some(route) = self.route_of_preflight(snapshot) {
            return self.on(route, true);
        }
        let asked = Asked {
            host: self.host(),
            path: self.path(),
            method: self.method(),
            query: self.query(),
            fields: Some(self.fields()),
        };
        let reject = |reason, why| Err(Rejection::new(reason, why));
        match snapshot.table.find(&asked) {
            Match::Route(index) => match snapshot.routes.get(index) {
                Some(route) => self.on(Arc::clone(route), false),
                None => reject(Reason::NoRoute, ""),
            },
            Match::MethodNotAllowed(allowed) => reject(Reason::MethodNotAllowed(allowed), ""),
            Match::ConditionsNotMet => reject(Reason::NoRoute, "no route's conditions are met"),
            Match::Ambiguous(field) => Err(Rejection::new(
                Reason::Malformed,
                format!("{field}, which a route looks at here, comes twice or behind a `;`"),
            )),
            Match::NotFound => reject(Reason::NoRoute, ""),
        }
    }

    /// The route that a preflight asks about, if that has something to say to pages of other
    /// origins. Its method is the one that is asked about, its headers are not known yet.
    fn route_of_preflight(&self, snapshot: &Snapshot) -> Option<Arc<BoundRoute>> {
        let method = cors::preflight(self.method(), self.fields())?;
        let asked = Asked {
            host: self.host(),
            path: self.path(),
            method: &method,
            query: self.query(),
            fields: None,
        };
        let Match::Route(index) = snapshot.table.find(&asked) else { return None };
        snapshot.routes.get(index).filter(|bound| bound.actions().cors.is_some()).cloned()
    }

    fn on(
        self: Arc<Self>,
        route: Arc<BoundRoute>,
        is_preflight: bool,
    ) -> Result<Matched, Rejection> {
        let changed_path = match &route.actions().path {
            Some(change) if !is_preflight => {
                let path = change.apply(self.path());
                Some(path.map_err(|error| Rejection::new(Reason::Malformed, error.to_string()))?)
            }
            _ => None,
        };
        let changed_query = match (route.hidden(), self.query()) {
            (Some(hidden), Some(query)) => hidden.without_parameters(query),
            _ => None,
        };
        Ok(Matched { clean: self, route, changed_path, changed_query, is_preflight })
    }

    /// Refuses what comes from an address that is not welcome.
    pub(super) fn check_source(&self, sources: Option<&Sources>) -> Result<(), Rejection> {
        match sources.and_then(|sources| sources.refuses(self.source().ip())) {
            Some(rule) => Err(Rejection::new(Reason::SourceDenied, rule)),
            None => Ok(()),
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

    /// The path as the service is sent it.
    pub(crate) fn path(&self) -> &str {
        self.changed_path.as_deref().unwrap_or_else(|| self.clean.path())
    }

    /// The query as the service is sent it; none where nothing is left of it.
    pub(crate) fn query(&self) -> Option<&str> {
        match &self.changed_query {
            Some(query) if query.is_empty() => None,
            Some(query) => Some(query),
            None => self.clean.query(),
        }
    }

    /// Path and query as the service is sent them.
    pub(crate) fn target(&self) -> String {
        match self.query() {
            Some(query) => format!("{}?{query}", self.path()),
            None => self.path().to_owned(),
        }
    }

    /// Path and query as they were asked for, without what the service does not get to see.
    pub(crate) fn asked_target(&self) -> Cow<'_, str> {
        match (&self.changed_query, self.query()) {
            (None, _) => Cow::Borrowed(self.clean.target()),
            (Some(_), Some(query)) => Cow::Owned(format!("{}?{query}", self.clean.path())),
            (Some(_), None) => Cow::Borrowed(self.clean.path()),
        }
    }

    /// Whether a browser asks on behalf of a page of another origin what that may do.
    pub(crate) fn is_preflight(&self) -> bool {
        self.is_preflight
    }
}
