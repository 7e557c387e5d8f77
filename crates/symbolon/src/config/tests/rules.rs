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
fn a_rule_that_lost_its_words_is_refused() {
    let refused = |says: &str, message: &str| {
        let told = mistakes(&route(&format!("authenticate: [session], {says}")));
        assert!(told.len() == 1 && told[0].ends_with(message), "{says}: {told:?}");
    };
    for list in ["any_role", "all_roles", "any_group", "scopes", "clients", "sources"] {
        refused(&format!("authorize: {{ {list}: [] }}"), &format!("`{list}` must not be empty"));
    }
    for key in ["any_role", "scopes", "acr", "max_age", "policy"] {
        let says = format!("authorize: {{ any_group: [staff], {key}: }}");
        refused(&says, &format!("`{key}` has no value"));
    }
    refused("authorize:", "`authorize` has no value");
    refused("authorize: {}", "`authorize` must say a rule, or be left out");
    refused("allow_sources: []", "`allow_sources` must not be empty");
    refused("deny_sources:", "`deny_sources` has no value");
    let credential = "credentials: [{ api_key: { secret_env: ROBOT_KEY }, expires_at: }]";
    let told = mistakes(&format!("{MINIMAL}clients: {{ robot: {{ {credential} }} }}\n"));
    assert!(told.len() == 1 && told[0].ends_with("`expires_at` has no value"), "{told:?}");
    for (kind, key) in [("jwt", "issuers"), ("jwt", "audience"), ("hmac", "algorithms")] {
        let told =
            mistakes(&format!("{MINIMAL}authenticators: {{ a: {{ {kind}: {{ {key}: }} }} }}\n"));
        assert!(told.len() == 1 && told[0].ends_with("has no value"), "{key}: {told:?}");
    }
}

#[test]
fn a_store_is_a_file_and_nothing_that_only_looks_like_one() {
    for url in ["sqlite::memory:", "sqlite:data/x.db?mode=ro", "sqlite:", "sqlite:data/", "x.db"] {
        let told = mistakes(&format!("{MINIMAL}store: {{ url: '{url}' }}\n"));
        let message = "`url` must be `sqlite:PATH`, the path of a file";
        assert!(told.len() == 1 && told[0].ends_with(message), "{url}: {told:?}");
    }
}

/// Subjects begin with their names: `partner:alice`; clients are `client:NAME`.
#[test]
fn nobody_outside_is_called_like_a_client() {
    let forward = "authenticators: { client: { forward: { url: 'http://127.0.0.1:1/' } } }";
    let issuer = "issuers: { client: { issuer: https://login.example, audience: shop, \
        algorithms: [ES256] } }";
    for (says, what) in [(forward, "an authenticator"), (issuer, "an issuer")] {
        let told = mistakes(&format!("{MINIMAL}{says}\n"));
        let message = format!("`client` cannot be the name of {what}");
        assert!(told.len() == 1 && told[0].ends_with(&message), "{told:?}");
    }
}

/// What is told of a service that says this besides its targets.
fn told_of_service(says: &str) -> Vec<String> {
    let text = format!(
        "public_url: https://a.example\nroutes: []\n\
         services: {{ s: {{ targets: [http://127.0.0.1:1], {says} }} }}\n"
    );
    match load(&text) {
        Ok(_) => Vec::new(),
        Err(_) => mistakes(&text),
    }
}

#[test]
fn balancing_that_contradicts_itself_is_refused() {
    for (says, message) in [
        ("balance: {}", "`balance` must say either `consistent_hash` or `sticky`"),
        (
            "balance: { sticky: { cookie: a }, consistent_hash: { source: true } }",
            "`balance` must say either `consistent_hash` or `sticky`",
        ),
        (
            "balance: { consistent_hash: { principal: false } }",
            "`consistent_hash` must say one of `header`, `cookie`, `principal: true` and \
             `source: true`",
        ),
        (
            "balance: { consistent_hash: { header: Authorization } }",
            "`header: authorization` does not choose a target",
        ),
        (
            "balance: { sticky: { cookie: \"a b\" } }",
            "cookie name `a b` must be 1 to 64 letters, digits, `-` and `_`",
        ),
        ("balance: { sticky: { cookie: symbolon } }", "the cookie `symbolon` is the session's"),
        (
            "balance: { sticky: { cookie: __host-Symbolon-login } }",
            "the cookie `__host-Symbolon-login` is the session's",
        ),
        (
            "health: { path: healthz }",
            "it must begin with `/` and hold neither spaces nor other than printable ASCII",
        ),
        ("retries: { budget: 101% }", "it must be a share from `0%` to `100%`"),
        ("ejection: { base_time: 1h }", "`max_time` must not be shorter than `base_time`"),
    ] {
        let told = told_of_service(says);
        assert!(told.len() == 1 && told[0].ends_with(message), "{says}: {told:?}");
    }
    for says in [
        "balance: { consistent_hash: { header: x-tenant } }",
        "balance: { consistent_hash: { principal: true, source: false } }",
        "balance: { sticky: { cookie: symbolon-node } }",
        "health: { path: \"/healthz?deep=1\", expect_status: 204 }",
        "retries: { on: [502, 503, 504, refused], budget: 0% }",
    ] {
        assert_eq!(told_of_service(says), [""; 0], "{says}");
    }
}

#[test]
fn a_service_record_can_only_be_asked_of_a_name_server() {
    let file = |more: &str| {
        format!(
            "public_url: https://a.example\nroutes: []\n{more}\
             services: {{ s: {{ targets: [srv://_http._tcp.a.test] }} }}\n"
        )
    };
    let told = mistakes(&file(""));
    assert!(told.len() == 1 && told[0].ends_with("needs a `resolver`"), "{told:?}");
    assert!(load(&file("resolver: { servers: [\"[::1]:53\"] }\n")).is_ok());
    let told = mistakes(&file("resolver: { servers: [localhost], min_ttl: 10m }\n"));
    assert_eq!(told.len(), 2, "{told:?}");
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

/// What is told of a file that says this besides what it must.
fn told_of(says: &str) -> Vec<String> {
    let text = format!("{MINIMAL}{says}\n");
    match load(&text) {
        Ok(_) => Vec::new(),
        Err(_) => mistakes(&text),
    }
}

#[test]
fn an_access_log_that_would_say_nothing_useful_is_refused() {
    for (says, message) in [
        ("{ to: stdout, syslog: {} }", "either `to` or `syslog`, not both"),
        ("{ format: \"{pth}\" }", "neither `json` nor a template: there is no field `pth`"),
        ("{ format: \"path}\" }", "a single brace: `{{` and `}}` stand for `{` and `}`"),
        ("{ sampling: 101% }", "it must be a percentage"),
        ("{ always: [error] }", "`always` must be one of `errors`, `rejections`, not `error`"),
        ("{ syslog: { address: \"http://a\" } }", "`http://a` is no address of a log service"),
        ("{ syslog: { address: \"udp://a:0\" } }", "`udp://a:0` is no address of a log service"),
        ("{ syslog: { facility: local8 } }", "`facility` must be one of"),
        ("{ syslog: { app_name: \"a b\" } }", "`app_name` must be 1 to 48 printable ASCII"),
    ] {
        let told = told_of(&format!("access_log: {says}"));
        assert!(told.len() == 1 && told[0].contains(message), "{says}: {told:?}");
    }
    for fine in ["off", "{}", "{ to: logs/a.log }", "{ syslog: { address: \"tcp://[::1]\" } }"] {
        assert!(told_of(&format!("access_log: {fine}")).is_empty(), "{fine}");
    }
}

#[test]
fn who_is_told_of_times_is_somebody() {
    let told = told_of("telemetry: { server_timing: {} }");
    assert!(told.len() == 1 && told[0].ends_with("must say `any_role` or `sources`"), "{told:?}");
    assert!(told_of("telemetry: { server_timing: on }")[0].contains("must be one of"));
}

#[test]
fn what_must_not_be_compressed_cannot_be_named() {
    for (says, message) in [
        ("types: [text/event-stream]", "`types`: `text/event-stream` is never compressed"),
        (
            "types: [application/grpc+proto]",
            "`types`: `application/grpc+proto` is never compressed",
        ),
        ("types: [html]", "`types`: `html` is no media type such as `text/html` or `text/*`"),
        ("types: [\"*/*\"]", "`types`: `*/*` is no media type such as `text/html` or `text/*`"),
        ("types: []", "`types` must not be empty"),
        ("encodings: [gzip, gzip]", "`gzip` stands here twice"),
        ("encodings: [deflate]", "`encodings` must be one of `br`, `gzip`, not `deflate`"),
    ] {
        let text = route(&format!("authenticate: none, compress: {{ {says} }}"));
        let told = mistakes(&text);
        assert!(told.len() == 1 && told[0].ends_with(message), "{says}: {told:?}");
    }
    assert!(load(&route("authenticate: none, compress: {}")).is_ok());
}

#[test]
fn what_policies_may_look_at_is_nothing_that_anybody_can_claim() {
    for (headers, message) in [
        ("[authorization]", "`headers`: `authorization` carries a credential"),
        ("[cookie]", "`headers`: `cookie` carries a credential"),
        ("[x-tenant]", "`headers`: `x-tenant` carries a credential, or says who somebody is"),
        ("[x-a, X-A]", "header `x-a` stands here twice"),
        ("[\"x a\"]", "`headers`: `x a` is refused"),
    ] {
        let told = told_of(&format!("policies: {{ dir: policies, headers: {headers} }}"));
        assert!(told.len() == 1 && told[0].contains(message), "{headers}: {told:?}");
    }
    let told = told_of("policies: { dir: nowhere }");
    assert!(told.len() == 1 && told[0].contains("cannot be read"), "{told:?}");
}

#[test]
fn a_rule_that_nobody_could_meet_is_refused() {
    for (authorize, message) in [
        ("any_role: [\"a b\"]", "`any_role`: `a b` is refused"),
        ("scopes: [\"a b\"]", "`scopes`: `a b` is no scope"),
        ("clients: [\"\"]", "`clients`: `` is refused"),
        ("sources: [10.0.0.1/8]", "`sources`: `10.0.0.1/8` is refused"),
        ("acr: hwk", "`acr`: `hwk` is refused: not one of the classes in `acr_order`"),
        ("max_age: 1ms", "`max_age` must be from 1s to 365d"),
        ("policy: none-such", "unknown policy `none-such` in route `r`"),
    ] {
        let told =
            mistakes(&route(&format!("authenticate: [session], authorize: {{ {authorize} }}")));
        assert!(told.len() == 1 && told[0].contains(message), "{authorize}: {told:?}");
        let told = mistakes(&route(&format!("authenticate: none, authorize: {{ {authorize} }}")));
        assert!(!told.is_empty(), "{authorize}: {told:?}");
    }
    let alone = route("authenticate: none, authorize: { sources: [10.0.0.0/8] }");
    assert!(load(&alone).is_ok());
    let told = told_of("acr_order: [pwd, pwd]");
    assert!(told.len() == 1 && told[0].contains("class `pwd` stands here twice"), "{told:?}");
    let told = told_of("roles: { Admin: {} }");
    assert!(told.len() == 1 && told[0].contains("name `Admin` must be in lower case"), "{told:?}");
}
