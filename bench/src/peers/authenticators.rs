//! Ways to prove who one is: ours, and those of the peers that have them.

use super::{Program, Start, envoy, haproxy, nginx, symbolon};
use crate::{load::Load, task::Task};

type Rows<'a> = &'a [(&'static str, &'static str, Start)];

/// Of those that only proxy, the two that the others are held against.
pub(crate) fn plain(group: &'static str) -> Vec<Program> {
    let rows: Rows<'_> =
        &[("nginx", "nginx", nginx::plain), ("symbolon", "**Symbolon**", symbolon::plain)];
    programs(group, Load::Requests, rows)
}

/// Something opaque that is looked up.
pub(crate) fn keys(group: &'static str) -> Vec<Program> {
    let rows: Rows<'_> = &[
        ("symbolon-session", "**Symbolon, session cookie → JWT**", symbolon::session),
        ("symbolon-api-key", "**Symbolon, `api_key` → JWT**", symbolon::api_key),
        ("nginx-lua-key", "nginx + Lua, key in clear → shared dictionary → JWT", nginx::lua_key),
    ];
    programs(group, Load::Requests, rows)
}

/// RFC 7617.
pub(crate) fn passwords(group: &'static str) -> Vec<Program> {
    let rows: Rows<'_> = &[
        (
            "symbolon-basic-client",
            "**Symbolon, `basic`, a client: Argon2id once a minute → JWT**",
            symbolon::basic_of_client,
        ),
        (
            "symbolon-basic-account",
            "**Symbolon, `basic`, an account: Argon2id once a minute → JWT**",
            symbolon::basic_of_account,
        ),
        (
            "nginx-basic-sha",
            "nginx `auth_basic`, `{SHA}`: one unsalted SHA-1 each time",
            |surroundings, _| nginx::basic(surroundings, "sha"),
        ),
        (
            "nginx-basic-apr1",
            "nginx `auth_basic`, `$apr1$`: 1,000 rounds of MD5 each time",
            |surroundings, _| nginx::basic(surroundings, "apr1"),
        ),
        (
            "nginx-basic-bcrypt",
            "nginx `auth_basic`, `$2b$05$`: bcrypt of the cost that `htpasswd` chooses, each time",
            |surroundings, _| nginx::basic(surroundings, "bcrypt"),
        ),
    ];
    programs(group, Load::Requests, rows)
}

/// Each request with a signature of its own.
pub(crate) fn signatures(group: &'static str) -> Vec<Program> {
    let kong: Rows<'_> = &[(
        "symbolon-hmac-kong",
        "**Symbolon, `hmac`, as clients of Kong sign → JWT**",
        symbolon::hmac,
    )];
    let message: Rows<'_> =
        &[("symbolon-hmac-rfc9421", "**Symbolon, `hmac`, RFC 9421 → JWT**", symbolon::hmac)];
    let mut all = programs(group, Load::SignedKong, kong);
    all.extend(programs(group, Load::SignedMessage, message));
    all
}

/// One token that is shown again and again.
pub(crate) fn tokens(group: &'static str) -> Vec<Program> {
    let rows: Rows<'_> = &[
        (
            "symbolon-jwt-hs256-client",
            "**Symbolon, `jwt` HS256, a client's key → JWT**",
            |surroundings, _| symbolon::jwt_of_client(surroundings, &surroundings.tokens.hs256),
        ),
        (
            "symbolon-jwt-rs256-client",
            "**Symbolon, `jwt` RS256, a client's key → JWT**",
            |surroundings, _| symbolon::jwt_of_client(surroundings, &surroundings.tokens.rs256),
        ),
        (
            "symbolon-jwt-es256-client",
            "**Symbolon, `jwt` ES256, a client's key → JWT**",
            |surroundings, _| symbolon::jwt_of_client(surroundings, &surroundings.tokens.es256),
        ),
        (
            "symbolon-jwt-rs256-issuer",
            "**Symbolon, `jwt` RS256, an issuer's key set → JWT**",
            |surroundings, _| symbolon::jwt_of_issuer(surroundings, &surroundings.tokens.rs256),
        ),
        (
            "symbolon-jwt-es256-issuer",
            "**Symbolon, `jwt` ES256, an issuer's key set → JWT**",
            |surroundings, _| symbolon::jwt_of_issuer(surroundings, &surroundings.tokens.es256),
        ),
        ("haproxy-jwt-hs256", "HAProxy `jwt_verify` HS256, each time", |surroundings, _| {
            haproxy::jwt(surroundings, &surroundings.tokens.hs256)
        }),
        ("haproxy-jwt-rs256", "HAProxy `jwt_verify` RS256, each time", |surroundings, _| {
            haproxy::jwt(surroundings, &surroundings.tokens.rs256)
        }),
        ("haproxy-jwt-es256", "HAProxy `jwt_verify` ES256, each time", |surroundings, _| {
            haproxy::jwt(surroundings, &surroundings.tokens.es256)
        }),
        ("envoy-jwt-rs256", "Envoy `jwt_authn` RS256 with its token cache", |surroundings, _| {
            envoy::jwt_authn(surroundings, &surroundings.tokens.rs256)
        }),
        ("envoy-jwt-es256", "Envoy `jwt_authn` ES256 with its token cache", |surroundings, _| {
            envoy::jwt_authn(surroundings, &surroundings.tokens.es256)
        }),
    ];
    programs(group, Load::Requests, rows)
}

/// On kept TLS connections.
pub(crate) fn certificates(group: &'static str) -> Vec<Program> {
    let rows: Rows<'_> = &[
        ("nginx", "nginx, nobody asked", nginx::plain),
        ("symbolon", "**Symbolon, nobody asked**", symbolon::plain),
        ("symbolon-mtls", "**Symbolon, `mtls` → JWT**", symbolon::mtls),
        (
            "symbolon-mtls-api-key",
            "**Symbolon, `all: [mtls, api_key]` → JWT**",
            symbolon::mtls_and_api_key,
        ),
        ("nginx-mtls", "nginx `ssl_verify_client`, subject → `map` → JWT", nginx::mtls),
    ];
    programs(group, Load::TlsRequests, rows)
}

fn programs(group: &'static str, load: Load, rows: Rows<'_>) -> Vec<Program> {
    let task = Task::of(load);
    let program = |&(name, title, start)| Program { name, title, group, task, start };
    rows.iter().map(program).collect()
}
