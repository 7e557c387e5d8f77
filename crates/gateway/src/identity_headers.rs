//! Which request headers never come in from outside: whatever some service might take for an
//! identity, a verified address or an internal token.
//!
//! 1. Every header with `_` in its name goes: servers behind CGI-like interfaces read `X_User`
//!    as `X-User` (CVE-2026-39858, CVE-2025-64484 were that).
//! 2. The list is of names that proxies and frameworks really use; it is applied on every route,
//!    the public ones included, before anything else runs.
//! 3. `Forwarded` and its kin are on it too: they are written anew from what is known.

/// Whether a request header of this name (in lower case) is removed on entry.
pub fn is_stripped(name: &str) -> bool {
    if name.contains('_') {
        return true;
    }
    match name.strip_prefix("x-") {
        Some(rest) => X_NAMES.contains(&rest) || starts_with_any(rest, X_PREFIXES),
        None => NAMES.contains(&name) || starts_with_any(name, PREFIXES),
    }
}

/// Names without `x-`.
const NAMES: &[&str] = &[
    "apikey",
    "authorization",
    "client-cert",
    "client-cert-chain",
    "forwarded",
    "front-end-https",
    "proxy-authorization",
    "remote-addr",
    "remote-email",
    "remote-groups",
    "remote-name",
    "remote-user",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
];

/// Beginnings of names without `x-`.
const PREFIXES: &[&str] = &["symbolon-", "cf-access-", "tailscale-user-", "ssl-client-", "oidc-"];

/// Names after `x-`.
const X_NAMES: &[&str] = &[
    "access-token",
    "account-id",
    "api-key",
    "auth",
    "authorization",
    "client-cert",
    "client-dn",
    "client-id",
    "client-ip",
    "client-verify",
    "cluster-client-ip",
    "email",
    "envoy-external-address",
    "groups",
    "host",
    "http-method",
    "http-method-override",
    "id-token",
    "identity",
    "internal-token",
    "jwt",
    "method-override",
    "originating-ip",
    "principal",
    "real-ip",
    "remote-addr",
    "remote-ip",
    "rewrite-url",
    "role",
    "roles",
    "scope",
    "scopes",
    "session",
    "session-id",
    "sub",
    "subject",
    "tenant",
    "token",
    "true-client-ip",
    "url-scheme",
    "username",
];

/// Beginnings of names after `x-`.
const X_PREFIXES: &[&str] = &[
    "amzn-oidc-",
    "anonymous-consumer",
    "auth-",
    "authenticated-",
    "consumer-",
    "credential-",
    "forwarded",
    "goog-authenticated-",
    "goog-iap-",
    "jwt-",
    "ms-client-principal",
    "original-",
    "remote-",
    "ssl-",
    "symbolon-",
    "token-",
    "user",
    "webauth-",
];

fn starts_with_any(name: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| name.starts_with(beginning))
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
            "x-ssl-client-dn",
            "content_length",
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
            "x-tenancy",
            "if-none-match",
            "sec-fetch-mode",
            "origin",
            "range",
            "idempotency-key",
            "x-custom",
            "host",
        ] {
            assert!(!is_stripped(name), "{name}");
        }
    }
}
