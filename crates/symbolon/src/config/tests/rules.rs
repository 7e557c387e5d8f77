//! Rules that hold one value against another, and bounds that other rooms set.

use symbolon_core::internal_token::{Minter, PUBLISH_AHEAD};

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

#[test]
fn a_lifetime_that_no_token_can_have_is_refused_where_it_is_written() {
    let file = |says: &str| format!("{MINIMAL}internal_token: {{ {says} }}\n");
    for lifetime in ["0s", "999ms", "601s", "1h"] {
        let told = mistakes(&file(&format!("lifetime: {lifetime}")));
        let message = format!("4:29 `lifetime` must be from 1s to 10m, not `{lifetime}`");
        assert_eq!(told, [message]);
    }
    for lifetime in ["1s", "10m"] {
        let settings = load(&file(&format!("lifetime: {lifetime}"))).unwrap().settings;
        assert!(Minter::new("https://a.example", settings.internal_token.lifetime).is_ok());
    }
}

#[test]
fn keys_cannot_follow_each_other_faster_than_they_are_published_ahead() {
    let file = |says: &str| format!("{MINIMAL}internal_token: {{ rotate_every: {says} }}\n");
    assert_eq!(
        mistakes(&file("599s")),
        ["4:33 `rotate_every` must be from 10m to 365d, not `599s`"]
    );
    let settings = load(&file("10m")).unwrap().settings;
    assert_eq!(settings.internal_token.rotate_every, PUBLISH_AHEAD);
}
