//! The usual scene of a test: the gateway, the service `api` and the service `other`.

use super::http::{Connection, Request, Response, exchange};
use super::settings::Settings;
use super::symbolon::Symbolon;
use super::upstream::Upstream;
use super::visitor::Visitor;

/// Everything runs until the end of the test.
pub(crate) struct Stage {
    pub(crate) symbolon: Symbolon,
    pub(crate) api: Upstream,
    pub(crate) other: Upstream,
}

impl Stage {
    /// Services that answer 200 to everything.
    pub(crate) fn plain() -> Self {
        Self::with(Upstream::plain())
    }

    /// The service `api` as the test wants it.
    pub(crate) fn with(api: Upstream) -> Self {
        Self::set(&Settings::default(), api)
    }

    /// The configuration as the test wants it, too.
    pub(crate) fn set(settings: &Settings, api: Upstream) -> Self {
        let other = Upstream::plain();
        let symbolon = Symbolon::start(&settings.yaml(api.address, other.address));
        Self { symbolon, api, other }
    }

    /// The same with a gateway that is to be replaced while it serves.
    pub(crate) fn replaceable(settings: &Settings, api: Upstream) -> Self {
        let other = Upstream::plain();
        let symbolon = Symbolon::replaceable(&settings.yaml(api.address, other.address));
        Self { symbolon, api, other }
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Connection {
        Connection::to(self.symbolon.address)
    }

    /// One request without any identity.
    #[track_caller]
    pub(crate) fn exchange(&self, request: &Request) -> Response {
        exchange(self.symbolon.address, request)
    }

    /// A browser in which nobody is logged in.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.symbolon.address)
    }

    /// The account `alice` with the role `customer`, logged in.
    #[track_caller]
    pub(crate) fn alice(&self) -> Visitor {
        self.newcomer("alice", &["customer"])
    }

    /// An account that is there already, logged in once more.
    #[track_caller]
    pub(crate) fn again(&self, name: &str) -> Visitor {
        let mut visitor = self.visitor();
        visitor.log_in(name);
        visitor
    }

    /// A new account, logged in.
    #[track_caller]
    pub(crate) fn newcomer(&self, name: &str, roles: &[&str]) -> Visitor {
        self.symbolon.add_user(name, roles);
        self.again(name)
    }
}
