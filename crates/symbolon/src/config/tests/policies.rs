//! `policies`: which headers policies may look at, and which would never be there.

use super::{load, mistakes};

/// A file with an authenticator of each kind that takes its credential from a header, and others
/// that say of whom they let in.
fn file(headers: &str) -> String {
    format!(
        "public_url: https://a.example
authenticators:
  keyed: {{ api_key: {{ header: x-machine }} }}
  shown: {{ api_key: {{ header: x-shown, hide_credentials: false }} }}
  gate: {{ forward: {{ url: http://127.0.0.1:2/x, upstream_headers: [x-tier], principal: {{ subject: who }} }} }}
services:
  s: {{ targets: [http://127.0.0.1:1], identity_headers: {{ shop-user: sub }} }}
policies: {{ dir: policies, headers: {headers} }}
routes:
  - {{ name: a, paths: [/a], service: s, authenticate: [keyed] }}
  - {{ name: b, paths: [/b], service: s, authenticate: [shown] }}
  - {{ name: c, paths: [/c], service: s, authenticate: [gate] }}
"
    )
}

#[test]
fn a_header_that_policies_would_never_see_is_refused() {
    for header in [
        "host",
        "Content-Length",
        "expect",
        "upgrade",
        "connection",
        "te",
        "transfer-encoding",
        "keep-alive",
        "via",
        "x-request-id",
        "traceparent",
    ] {
        let told = mistakes(&file(&format!("[x-channel, {header}]")));
        let message =
            format!("`{}` is refused: it is taken out of requests", header.to_ascii_lowercase());
        assert!(told.len() == 1 && told[0].contains(&message), "{header}: {told:?}");
    }
    assert!(load(&file("[host]")).unwrap_err().to_string().contains("`context.host` says it"));
    assert!(load(&file("[x-channel, accept, user-agent, origin, x-shown]")).is_ok());
}

#[test]
fn nor_may_they_look_at_what_says_who_calls_or_is_a_credential() {
    for (header, message) in [
        ("Shop-User", "because `identity_headers` of service `s` has it"),
        ("x-tier", "because what authenticator `gate` says has it"),
        ("who", "because what authenticator `gate` says has it"),
        ("X-Machine", "`x-machine` is refused: authenticator `keyed` takes a credential from it"),
    ] {
        let told = mistakes(&file(&format!("[{header}]")));
        assert!(told.len() == 1 && told[0].contains(message), "{header}: {told:?}");
    }
}
