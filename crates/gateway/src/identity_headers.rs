//! Which request headers never come in from outside: whatever some service might take for an
//! identity, a verified address or an internal token.
//!
//! 1. Every header whose name has anything but letters, digits and `-` goes: servers behind
//!    CGI-like interfaces read `X_User` or `X.User` as `X-User` (CVE-2026-39858, CVE-2025-64484
//!    were that).
//! 2. The list is of names that proxies and frameworks really use; it is applied on every route,
//!    the public ones included, before anything else runs.
//! 3. `Forwarded` and its kin are on it too: they are written anew from what is known.

mod names;

use http::header::{self, HeaderName};

use crate::hop_by_hop;
use names::{NAMES, PREFIXES, X_NAMES, X_PREFIXES};

/// Whether a request header of this name (in lower case) is removed on entry.
pub fn is_stripped(name: impl AsRef<[u8]>) -> bool {
    let name = name.as_ref();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    if !name.iter().all(is_plain) {
        return true;
    }
    let (rest, beginnings, names, prefixes) = match name.strip_prefix(b"x-") {
        Some(rest) => (rest, &X_BEGINNINGS, X_NAMES, X_PREFIXES),
        None => (name, &BEGINNINGS, NAMES, PREFIXES),
    };
    // Most names begin like none of the list.
    let begins = rest.first_chunk().and_then(|first| beginnings.get(place(*first)));
    begins == Some(&true) && (is_any(rest, names) || starts_with_any(rest, prefixes))
}

/// Where the first two letters of the names without `x-` are marked, and of those with it.
const BEGINNINGS: [bool; 256] = beginnings(NAMES, PREFIXES);
const X_BEGINNINGS: [bool; 256] = beginnings(X_NAMES, X_PREFIXES);

const fn beginnings(names: &[&str], prefixes: &[&str]) -> [bool; 256] {
    with_beginnings_of(prefixes, with_beginnings_of(names, [false; 256]))
}

const fn with_beginnings_of(mut names: &[&str], mut first: [bool; 256]) -> [bool; 256] {
    while let [name, rest @ ..] = names {
        mark(&mut first, name);
        names = rest;
    }
    first
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: a place is always below 256")]
#[expect(clippy::panic, reason = "INVARIANT: evaluated while this is compiled, and never later")]
const fn mark(beginnings: &mut [bool; 256], name: &str) {
    match name.as_bytes().first_chunk() {
        Some(first) => beginnings[place(*first)] = true,
        None => panic!("a name has at least two letters"),
    }
}

/// Two pairs of letters seldom share one.
const fn place([first, second]: [u8; 2]) -> usize {
    (first.wrapping_mul(31) ^ second) as usize
}

fn is_any(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|other| other.as_bytes() == name)
}

fn starts_with_any(name: &[u8], beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| name.starts_with(beginning.as_bytes()))
}

/// Whether a header of this name is not there any more, or not as it was sent, once a route is
/// looked for: removed, of the connection, or written anew for the service.
pub fn is_taken_out(name: &HeaderName) -> bool {
    is_stripped(name.as_str())
        || hop_by_hop::is_hop_by_hop(name.as_str().as_bytes())
        || [header::HOST, header::EXPECT, header::CONTENT_LENGTH, header::VIA].contains(name)
        || matches!(name.as_str(), "x-request-id" | "traceparent" | "tracestate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_could_be_an_identity_is_stripped() {
        for name in [
            "authorization",
            "x-user",
            "x_user",
            "x-user-id",
            "x-userinfo",
            "x-forwarded-for",
            "x-forwarded-user",
            "x_forwarded_for",
            "symbolon-session",
            "symbolon_session",
            "x-consumer-username",
            "x-consumer-groups",
            "x-credential-identifier",
            "x-authenticated-userid",
            "x-anonymous-consumer",
            "remote-user",
            "remote_user",
            "x-remote-user",
            "client-cert",
            "x-original-url",
            "x-http-method-override",
            "apikey",
            "forwarded",
            "x-real-ip",
            "x-auth-request-email",
            "client-ip",
            "proxy",
            "x.user",
            "x!user",
            "x-tenant-id",
            "x-authentik-username",
            "x-pomerium-claim-email",
            "x-client-cert-dn",
            "x-preferred-username",
            "impersonate-user",
            "x-hasura-role",
            "x-envoy-original-path",
            "x-tls-client-cert",
            "x-claims",
            "x-ssl-client-dn",
            "content_length",
            "x-amzn-mtls-clientcert-subject",
            "x-arr-clientcert",
            "x-ms-token-aad-id-token",
            "x-apigateway-api-userinfo",
            "x-endpoint-api-userinfo",
            "x-serverless-authorization",
            "x-rh-identity",
            "x-oidc-email",
            "x-openid-sub",
            "x-sso-user",
            "x-proxy-user",
            "x-middleware-subrequest",
            "sm-user",
            "smuser",
            "iv-groups",
            "oam-remote-user",
            "osso-user-dn",
            "shib-identity-provider",
            "eppn",
            "gap-auth",
            "wl-proxy-client-cert",
            "proxy-client-ip",
        ] {
            assert!(is_stripped(name), "{name}");
        }
    }

    #[test]
    fn ordinary_headers_pass() {
        for name in [
            "accept",
            "content-type",
            "user-agent",
            "x-requested-with",
            "traceparent",
            "cookie",
            "x-csrf-token",
            "if-none-match",
            "sec-fetch-mode",
            "origin",
            "range",
            "idempotency-key",
            "x-custom",
            "x-amzn-trace-id",
            "x-middleware-prefetch",
            "x-ms-client-request-id",
            "pragma",
            "if-match",
            "host",
            "a",
            "x-a",
        ] {
            assert!(!is_stripped(name), "{name}");
        }
    }
}
