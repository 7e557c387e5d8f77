//! `forward`: an HTTP service outside says whether a request may pass, and who it is.
//!
//! 1. Exact lists: what goes out, what the service gets of the answer, what the caller gets of a
//!    refusal. A header that the service gets from here it gets from nobody else: what the client
//!    sent under its name is removed, whether the answer has it or not (CVE-2026-39998).
//! 2. Yes and no are what the form of the question says. Whatever else is answered, or not
//!    answered in time, is a 503.
//! 3. No body goes out.

pub(crate) mod judged;
mod opa;
mod question;
mod reply;

#[cfg(test)]
mod testing {
    //! Settings and a request for tests.

    use std::time::Duration;

    use http::header::{AUTHORIZATION, HeaderName, HeaderValue, LOCATION, WWW_AUTHENTICATE};
    use http::Method;

    use super::question::Seen;
    use crate::authenticator::introspection::testing::endpoint;
    use crate::config::authenticators::forward::{Form, Forward, PrincipalHeaders};

    pub(super) fn settings() -> Forward {
        let name = HeaderName::from_static;
        Forward {
            endpoint: endpoint(),
            form: Form::Request(Method::GET),
            request_headers: vec![AUTHORIZATION],
            principal: Some(PrincipalHeaders {
                subject: name("x-user"),
                roles: Some(name("x-roles")),
                groups: None,
            }),
            upstream_headers: vec![name("x-tenant")],
            client_headers: vec![WWW_AUTHENTICATE, LOCATION],
            client_body: false,
            cache: Duration::ZERO,
            cache_entries: 16,
        }
    }

    pub(super) fn seen() -> Seen<'static> {
        Seen {
            method: &Method::GET,
            scheme: "https",
            host: "shop.example.com",
            target: "/orders?a=1&a=2&b=x%20y",
            path: "/orders",
            query: Some("a=1&a=2&b=x%20y"),
            source: [192, 0, 2, 1].into(),
            route: "orders",
            headers: vec![(AUTHORIZATION, HeaderValue::from_static("Bearer t"))],
        }
    }
}
