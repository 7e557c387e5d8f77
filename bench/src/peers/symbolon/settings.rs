//! The configuration file: what differs from one measurement to the next.

use std::path::Path;

use super::super::filled;
use crate::{certificate::Certificate, task::Task, workload::route_path};

const CONFIG: &str = include_str!("../../../templates/symbolon.yaml");
const IDLE: &str = include_str!("../../../templates/symbolon-idle.yaml");
const POLICIES: &str = include_str!("../../../templates/symbolon-policies.yaml");
/// How long internal tokens are valid when nothing else is said.
const LIFETIME: &str = "60s";

/// What differs.
pub(crate) struct Settings<'a> {
    authenticate: &'static str,
    lifetime: &'static str,
    certificate: Option<&'a Certificate>,
    asks_for_certificates: bool,
    routes: u32,
    has_idle_callers: bool,
    authorize: Option<&'static str>,
    further: String,
}

impl<'a> Settings<'a> {
    /// One route, plain HTTP.
    pub(crate) fn authenticating(authenticate: &'static str) -> Self {
        Self {
            authenticate,
            lifetime: LIFETIME,
            certificate: None,
            asks_for_certificates: false,
            routes: 0,
            has_idle_callers: false,
            authorize: None,
            further: String::new(),
        }
    }

    /// With internal tokens that are valid for so long.
    pub(crate) fn with_lifetime(self, lifetime: &'static str) -> Self {
        Self { lifetime, ..self }
    }

    /// With further sections, in which `{{folder}}` is the site's.
    pub(super) fn with(self, further: &str) -> Self {
        Self { further: further.to_owned(), ..self }
    }

    /// TLS, where clients may show a certificate.
    pub(super) fn asking_for_certificates(self, certificate: &'a Certificate) -> Self {
        Self { certificate: Some(certificate), asks_for_certificates: true, ..self }
    }

    /// With a rule about roles, or with the policies in the folder `policies`.
    pub(super) fn authorizing(self, by_policy: bool) -> Self {
        let rule = if by_policy { "{policy: bench}" } else { "{any_role: [customer]}" };
        Self { authorize: Some(rule), ..self }
    }

    /// Everybody passes.
    pub(super) fn of(task: Task, certificate: &'a Certificate) -> Self {
        Self {
            certificate: task.load.is_tls().then_some(certificate),
            routes: task.routes,
            has_idle_callers: task.idle > 0,
            ..Self::authenticating("none")
        }
    }

    /// The file.
    pub(super) fn text(&self, port: u16, admin: u16, upstream: u16, folder: &Path) -> String {
        let mut further = self.further.clone();
        if self.authorize.is_some() {
            further.push_str(POLICIES);
        }
        let text = filled(
            CONFIG,
            &[
                ("scheme", if self.certificate.is_some() { "https" } else { "http" }),
                ("listener", &self.listener()),
                ("limits", if self.has_idle_callers { IDLE } else { "" }),
                ("lifetime", self.lifetime),
                ("routes", &self.routes()),
                ("further", &further),
            ],
        );
        filled(
            &text,
            &[
                ("port", &port.to_string()),
                ("admin", &admin.to_string()),
                ("upstream", &upstream.to_string()),
                ("folder", &folder.to_string_lossy()),
            ],
        )
    }

    fn listener(&self) -> String {
        let Some(certificate) = self.certificate else {
            return String::new();
        };
        let (chain, key) = (certificate.chain.display(), certificate.key.display());
        let clients = if self.asks_for_certificates {
            let authority = certificate.authority.display();
            format!(", client_certificates: {{ ca_file: {authority}, required: false }}")
        } else {
            String::new()
        };
        format!("    tls: {{ certificates: [{{ cert_file: {chain}, key_file: {key} }}]{clients} }}")
    }

    fn routes(&self) -> String {
        let authenticate = self.authenticate;
        let route = |name: &str, path: &str| {
            format!(
                "  - {{name: {name}, paths: [{path}], service: orders, authenticate: {authenticate}}}\n"
            )
        };
        match self.routes {
            0 if self.authorize.is_some() => self.authorized_route(),
            0 => route("orders", "/api"),
            count => {
                (0..count).map(|number| route(&format!("r{number}"), &route_path(number))).collect()
            }
        }
    }

    /// A route that captures a part of the path, so that policies can look at it. What is asked
    /// to see which headers arrive has none.
    fn authorized_route(&self) -> String {
        let (authenticate, rule) = (self.authenticate, self.authorize.unwrap_or_default());
        format!(
            "  - {{name: orders, paths: [\"~ ^/api/v1/orders/[0-9a-f-]+/[a-z]+/(?<item>[0-9]+)$\"], \
             service: orders, authenticate: {authenticate}, authorize: {rule}}}\n  \
             - {{name: seen, paths: [/api], service: orders, authenticate: {authenticate}}}\n"
        )
    }
}
