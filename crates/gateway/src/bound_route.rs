//! A route, bound to its service and its meters, and laid out for many of them.
//!
//! Where ten thousand routes take turns, each line of 64 bytes that a request needs of its route is
//! in no cache, and costs more than what is done with it. So:
//!
//! 1. What every request needs lies in two lines: the count of references, what it leads to, and
//!    what the access log says of it.
//! 2. What a route does not ask for is one bit ([`Asks`]), and then nobody looks at the settings,
//!    which lie elsewhere.
//! 3. What is counted lies in one more line (`metrics/counts.rs`).

use std::fmt;
use std::sync::Arc;

use crate::action::Actions;
use crate::config::{Authenticate, Route};
use crate::event::line;
use crate::hidden::{Hidden, Shown};
use crate::limit::{LimitState, Sources};
use crate::metrics::RouteMetrics;
use crate::route_guard::RouteGuard;
use crate::snapshot::BoundService;

/// The longest text for the log that lies with the rest, in bytes; what is longer has a place of its
/// own.
const SHORT: usize = 62;

/// What routes do that do nothing besides leading to a service: one for all of them.
static NOTHING: Actions = Actions::NONE;

/// A route with its service and its meters.
#[repr(C)]
pub(crate) struct BoundRoute {
    pub(crate) service: Arc<BoundService>,
    metrics: Arc<RouteMetrics>,
    /// Its settings, for what [`Asks`] says and for those who take their time.
    pub(crate) route: Box<Route>,
    limits: Option<Box<LimitState>>,
    guard: Option<Box<RouteGuard>>,
    logged: Logged,
    asks: Asks,
}

/// What a route asks for at all.
#[derive(Clone, Copy, Debug)]
struct Asks {
    /// Some action.
    actions: bool,
    /// A source, or a length of the body.
    admission: bool,
    /// Who somebody is, or something of them.
    principal: bool,
}

/// What the access log says of a route.
enum Logged {
    Short { length: u8, text: [u8; SHORT] },
    Long(Box<str>),
}

impl BoundRoute {
    /// Binds a route; what was counted `before` goes on where its rule is the same.
    pub(crate) fn new(
        route: Route,
        service: Arc<BoundService>,
        (metrics, guard): (Arc<RouteMetrics>, Option<Box<RouteGuard>>),
        before: Option<&LimitState>,
    ) -> Self {
        let limits = LimitState::new(&route.admission, before);
        let logged = Logged::new(line::of_route(&route.name, &service.service.name));
        let asks = Asks::of(&route);
        let limits = (!limits.is_none()).then(|| Box::new(limits));
        Self { service, metrics, route: Box::new(route), limits, guard, logged, asks }
    }

    /// What it does besides leading to a service.
    pub(crate) fn actions(&self) -> &Actions {
        if self.asks.actions { &self.route.actions } else { &NOTHING }
    }

    /// From where requests may come; `None` from everywhere.
    pub(crate) fn sources(&self) -> Option<&Sources> {
        if self.asks.admission { self.route.admission.sources.as_ref() } else { None }
    }

    /// The longest body, in bytes, where it says so itself.
    pub(crate) fn max_body(&self) -> Option<u64> {
        if self.asks.admission { self.route.max_body } else { None }
    }

    /// How often and how many at once, where that is limited.
    pub(crate) fn limits(&self) -> Option<&LimitState> {
        self.limits.as_deref()
    }

    /// Who may pass, and what their credentials are; `None` where everybody may.
    pub(crate) fn guard(&self) -> Option<&RouteGuard> {
        self.guard.as_deref()
    }

    /// What the service does not get to see.
    pub(crate) fn hidden(&self) -> Option<&Hidden> {
        self.guard.as_deref()?.hidden.as_ref()
    }

    /// What it sees although no other service does.
    pub(crate) fn shown(&self) -> Option<&Shown> {
        self.guard.as_deref()?.shown.as_ref()
    }

    /// Whether everybody may pass, and nobody is looked at.
    pub(crate) fn is_open(&self) -> bool {
        !self.asks.principal
    }

    pub(crate) fn metrics(&self) -> &Arc<RouteMetrics> {
        &self.metrics
    }

    /// What the access log says of it.
    pub(crate) fn logged(&self) -> &str {
        self.logged.text()
    }
}

impl Asks {
    fn of(route: &Route) -> Self {
        Self {
            actions: !route.actions.are_none(),
            admission: route.admission.sources.is_some() || route.max_body.is_some(),
            principal: route.authenticate != Authenticate::None || !route.authorize.is_nothing(),
        }
    }
}

impl Logged {
    fn new(text: Box<str>) -> Self {
        let (mut short, length) = ([0; SHORT], u8::try_from(text.len()));
        match (short.get_mut(..text.len()), length) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short { length, text: short }
            }
            _ => Self::Long(text),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Short { length, text } => {
                let text = text.get(..usize::from(*length)).unwrap_or_default();
                // INVARIANT: it was a text when it was put here.
                std::str::from_utf8(text).unwrap_or_default()
            }
            Self::Long(text) => text,
        }
    }
}

/// Names are enough to tell a route.
impl fmt::Debug for BoundRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoundRoute({})", self.route.name)
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;

    /// The two counts of references before it (`Arc`).
    const COUNTS: usize = 2 * size_of::<usize>();

    #[test]
    fn what_every_request_needs_lies_in_two_lines() {
        assert_eq!(size_of::<BoundRoute>() + COUNTS, 128);
    }

    #[test]
    fn the_log_says_the_same_of_short_and_long_names() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 300] {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            assert_eq!(Logged::new(text.clone().into()).text(), text);
        }
    }
}
