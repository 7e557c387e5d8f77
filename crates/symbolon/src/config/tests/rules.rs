//! Rules that hold one value against another, and bounds that other rooms set.

use super::{MINIMAL, load, mistakes};

/// A file with one route that says this besides its name, path and service.
fn route(says: &str) -> String {
    format!(
        "public_url: https://a.example\nservices: {{ s: {{ targets: [http://127.0.0.1:1] }} }}\n\
         routes: [{{ name: r, paths: [/], service: s, {says} }}]\n"
    )
}

#[test]
fn whoever_is_sent_to_log_in_must_be_able_to_come_back_with_a_session() {
    for authenticate in ["none", "[api_key]", "{ any: [bearer, api_key] }"] {
        let says = format!("authenticate: {authenticate}, when_unauthenticated: login");
        let told = mistakes(&route(&says));
        let message = "`when_unauthenticated: login` has no meaning without the authenticator \
            `session`";
        assert!(told.len() == 1 && told[0].ends_with(message), "{authenticate}: {told:?}");
    }
    for says in [
        "authenticate: [api_key, session], when_unauthenticated: login",
        "authenticate: [api_key], when_unauthenticated: reject",
        "authenticate: [api_key], when_unauthenticated: auto",
    ] {
        assert!(load(&route(says)).is_ok(), "{says}");
    }
}

#[test]
fn a_limit_that_the_gateway_would_raise_is_refused() {
    let told = mistakes(&format!("{MINIMAL}limits: {{ head: 8191B }}\n"));
    assert_eq!(told, ["4:17 `head` must be from 8KiB to 1MiB, not `8191B`"]);
    assert!(load(&format!("{MINIMAL}limits: {{ head: 8KiB }}\n")).is_ok());
}

#[test]
fn the_name_of_our_own_pages_is_no_client() {
    let told = mistakes(&format!("{MINIMAL}clients: {{ symbolon: {{}} }}\n"));
    assert_eq!(told, ["4:12 the client name `symbolon` belongs to the pages of this system"]);
}
