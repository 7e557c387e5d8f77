//! Which `Host` the admin listener answers to.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Lets requests pass whose `Host` no foreign web page can have.
pub(super) async fn check(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    if host.is_some_and(is_own) && hosts.next().is_none() {
        return next.run(request).await;
    }
    let reason = "the admin listener answers to `localhost` and IP addresses only\n";
    (StatusCode::MISDIRECTED_REQUEST, reason).into_response()
}

/// A page can make its own name resolve to this machine, but not `localhost`, and not a number.
fn is_own(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    if let Some(literal) = name.strip_prefix('[') {
        let address = literal.strip_suffix(']').map(str::parse::<Ipv6Addr>);
        return matches!(address, Some(Ok(_)));
    }
    name.eq_ignore_ascii_case("localhost") || matches!(name.parse(), Ok(IpAddr::V4(_)))
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_localhost_and_numbers_are_ours() {
        for own in
            ["localhost", "LocalHost:9080", "127.0.0.1", "10.1.2.3:9080", "[::1]:9080", "[::1]"]
        {
            assert!(is_own(own), "{own}");
        }
        for foreign in [
            "",
            "attacker.example",
            "attacker.example:9080",
            "127.0.0.1.attacker.example",
            "localhost.attacker.example",
            "[attacker.example]",
            "localhost:9080:x",
        ] {
            assert!(!is_own(foreign), "{foreign}");
        }
    }
}
