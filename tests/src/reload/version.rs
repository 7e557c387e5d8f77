//! A configuration that writes its number wherever it can, so that every answer says which one
//! judged the request, which one sent it, and which one dressed the answer.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::harness::settings::Settings;
use crate::harness::upstream::answer::ok;
use crate::harness::upstream::{Received, Upstream};

/// The rate limit of version 0, in requests a second: more than come; each version lets one request more pass.
const REQUESTS: usize = 500_000;
/// Every how many versions somebody else is let in.
const TERM: usize = 10;
/// Which of them cannot be loaded.
const BROKEN: usize = 5;

/// A configuration by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) usize);

/// The two services between which the route changes.
pub(super) struct Services {
    pub(super) even: Upstream,
    pub(super) odd: Upstream,
}

/// What came back over either protocol.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) status: u64,
    /// `X-Version`, which the configuration sets.
    pub(super) version: Option<&'a str>,
    /// `RateLimit-Policy`, which is on refusals as well.
    pub(super) policy: Option<&'a str>,
    pub(super) body: &'a str,
}

impl Version {
    /// One in ten has a mistake.
    pub(super) fn is_broken(self) -> bool {
        self.0 % TERM == BROKEN
    }

    /// Whether only those are let in who are logged in.
    fn is_closed(self) -> bool {
        self.0 / TERM % 2 == 1
    }

    fn service(self) -> &'static str {
        if self.0.is_multiple_of(2) { "even" } else { "odd" }
    }

    /// The file. A service and a route of its own go with it: what vanishes must leave nothing.
    pub(super) fn settings(self, services: &Services, passing: SocketAddr) -> Settings {
        let (number, requests) = (self.0, REQUESTS + self.0);
        let authenticate = match (self.is_broken(), self.is_closed()) {
            (true, _) => "",
            (false, true) => ", authenticate: [session]",
            (false, false) => ", authenticate: none",
        };
        let service = self.service();
        Settings {
            sections: "access_log: off".to_owned(),
            services: format!(
                "  even: {{ targets: [http://{}] }}\n  odd: {{ targets: [http://{}] }}\n  \
                 passing-{number}: {{ targets: [http://{passing}], health: {{ path: /healthz, interval: 1h }} }}",
                services.even.address, services.odd.address
            ),
            routes: format!(
                "  - {{ name: flip, paths: [/flip], service: {service}, \
                 rate_limit: {{ requests: {requests}, per: 1s, by: route }}, \
                 request_headers: {{ set: {{ x-version: \"{number}\" }} }}, \
                 response_headers: {{ set: {{ x-version: \"{number}\" }} }}{authenticate} }}\n  \
                 - {{ name: passing-{number}, paths: [/passing], service: passing-{number}, \
                 authenticate: none }}"
            ),
            ..Settings::default()
        }
    }
}

impl Services {
    pub(super) fn start() -> Self {
        let telling = |name: &'static str| {
            let tell = move |request: &Received| {
                let version = request.headers().get("x-version").map(str::to_owned);
                let has_token = request.token().is_some();
                ok(&json!({ "service": name, "version": version, "token": has_token }).to_string())
            };
            Upstream::forgetful(move |peer| {
                while let Some(request) = peer.request() {
                    peer.write(&tell(&request));
                }
            })
        };
        Self { even: telling("even"), odd: telling("odd") }
    }
}

impl Seen<'_> {
    /// The one version that all of the answer agrees on; fails the test where there is none.
    #[track_caller]
    pub(super) fn version(&self, is_logged_in: bool) -> Version {
        let policy = self.policy.unwrap_or_else(|| panic!("no rate limit: {self:?}"));
        let requests = policy.split(';').find_map(|part| part.strip_prefix("q=")).unwrap();
        let version = Version(requests.parse::<usize>().unwrap() - REQUESTS);
        assert!(!version.is_broken(), "a refused configuration: {self:?}");
        if self.status == 401 {
            assert!(version.is_closed() && !is_logged_in, "{version:?} refused: {self:?}");
            return version;
        }
        assert_eq!(self.status, 200, "{self:?}");
        assert!(is_logged_in || !version.is_closed(), "{version:?} let in: {self:?}");
        let told: Value = serde_json::from_str(self.body).unwrap();
        let number = version.0.to_string();
        assert_eq!(self.version, Some(number.as_str()), "{self:?}");
        assert_eq!(told["version"], number, "{self:?}");
        assert_eq!(told["service"], version.service(), "{self:?}");
        assert_eq!(told["token"], version.is_closed(), "{self:?}");
        version
    }
}
