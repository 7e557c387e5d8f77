//! Rate limits: who is counted with whom, what a caller is told, and what a reload leaves as it is.

use super::{behind_a_proxy, settings};
use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

fn from(source: &str, target: &str) -> Request {
    Request::get(target).with("X-Forwarded-For", source)
}

/// How many of so many requests pass.
fn passing(stage: &Stage, count: usize, request: &Request) -> usize {
    (0..count).filter(|_| stage.exchange(request).status == 200).count()
}

#[track_caller]
fn limited(answer: Response) -> Response {
    let answer = answer.expect(429);
    assert_eq!(answer.json()["code"], "rate_limited");
    answer
}

const BY_SOURCE: &str = "
  - name: counted
    paths: [/counted]
    service: api
    authenticate: [session]
    rate_limit: { requests: 3, per: 1h, by: source }";

#[test]
fn each_source_is_counted_before_anybody_is_authenticated() {
    let stage = behind_a_proxy(BY_SOURCE, "");
    for _ in 0..3 {
        stage.exchange(&from("192.0.2.1", "/counted")).expect(401);
    }
    // A guess more: nobody looks at the credential any longer.
    let guess = from("192.0.2.1", "/counted").with("Cookie", "symbolon=guess");
    let answer = limited(stage.exchange(&guess));
    assert!(answer.header("set-cookie").is_none());
    stage.exchange(&from("192.0.2.2", "/counted")).expect(401);
    // The same network of IPv6, and another one.
    for host in ["1", "2", "ffff:1"] {
        stage.exchange(&from(&format!("2001:db8:1:2::{host}"), "/counted")).expect(401);
    }
    limited(stage.exchange(&from("2001:db8:1:2:9::9", "/counted")));
    stage.exchange(&from("2001:db8:1:3::1", "/counted")).expect(401);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn a_caller_is_told_where_it_stands() {
    let stage = behind_a_proxy(
        "
  - name: told
    paths: [/told]
    service: api
    authenticate: none
    rate_limit:
      - { requests: 60, per: 1h, burst: 2 }
      - { requests: 1000, per: 1h, by: route }",
        "",
    );
    let request = from("192.0.2.1", "/told");
    let answer = stage.exchange(&request).expect(200);
    let policy = "\"source-3600\";q=60;w=3600, \"route-3600\";q=1000;w=3600";
    assert_eq!(answer.header("ratelimit-policy"), Some(policy));
    let standing = "\"source-3600\";r=1;t=60, \"route-3600\";r=999;t=4";
    assert_eq!(answer.header("ratelimit"), Some(standing));
    assert_eq!(answer.header("retry-after"), None);
    stage.exchange(&request);
    let answer = limited(stage.exchange(&request));
    assert_eq!(answer.header("ratelimit-policy"), Some("\"source-3600\";q=60;w=3600"));
    // At most a minute, as long as the test has not taken one itself.
    let wait = answer.header("retry-after").unwrap();
    let standing = format!("\"source-3600\";r=0;t={wait}");
    assert_eq!(answer.header("ratelimit"), Some(&*standing));
    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()));
    let answer = stage.exchange(&Request::get("/public/x")).expect(200);
    assert_eq!(answer.header("ratelimit"), None);
}

#[test]
fn who_waits_as_long_as_told_may_come_again() {
    let stage = behind_a_proxy(
        "
  - { name: short, paths: [/short], service: api, authenticate: none, rate_limit: { requests: 1, per: 1s } }",
        "",
    );
    let request = from("192.0.2.1", "/short");
    stage.exchange(&request).expect(200);
    let refused = limited(stage.exchange(&request));
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Asking again and again costs nothing, so that one of these passes within the second.
    let passed = (0..100_000).find(|_| stage.exchange(&request).status == 200);
    assert!(passed.is_some());
}

#[test]
fn a_principal_is_counted_wherever_it_comes_from() {
    let stage = behind_a_proxy(
        "
  - name: counted
    paths: [/counted]
    service: api
    authenticate: { any: [session], optional: true }
    rate_limit: { requests: 2, per: 1h, by: principal }",
        "",
    );
    let (alice, bob) = (stage.alice(), stage.newcomer("bob", &[]));
    let as_alice = |source| alice.dress(from(source, "/counted"));
    stage.exchange(&as_alice("192.0.2.1")).expect(200);
    stage.exchange(&as_alice("192.0.2.2")).expect(200);
    limited(stage.exchange(&as_alice("192.0.2.3")));
    stage.exchange(&bob.dress(from("192.0.2.1", "/counted"))).expect(200);
    // Nobody in particular counts for the address.
    assert_eq!(passing(&stage, 4, &from("192.0.2.1", "/counted")), 2);
    assert_eq!(passing(&stage, 4, &from("192.0.2.9", "/counted")), 2);
    // Whoever is refused anyway is not counted by name.
    assert_eq!(stage.api.hits(), 7);
}

#[test]
fn a_client_is_counted_by_its_name_whatever_key_it_uses() {
    let keys = [Symbolon::new_key(), Symbolon::new_key(), Symbolon::new_key()];
    let routes = "
  - name: counted
    paths: [/counted]
    service: api
    authenticate: [api_key]
    rate_limit: { requests: 2, per: 1h, by: client }";
    let credential =
        |number: usize| format!("{{ api_key: {{ secret_file: FOLDER/{number}.key }} }}");
    let clients = format!(
        "clients:\n  robot: {{ credentials: [{}, {}] }}\n  other: {{ credentials: [{}] }}",
        credential(0),
        credential(1),
        credential(2)
    );
    let stage = with_keys(routes, &clients, &keys);
    let with_key = |number: usize| from("192.0.2.1", "/counted").with("apikey", &keys[number]);
    stage.exchange(&with_key(0)).expect(200);
    stage.exchange(&with_key(1)).expect(200);
    limited(stage.exchange(&with_key(0)));
    stage.exchange(&with_key(2)).expect(200);
}

/// The keys lie beside the configuration once that names them.
fn with_keys(routes: &str, clients: &str, keys: &[String]) -> Stage {
    let mut stage = behind_a_proxy("", "");
    for (number, key) in keys.iter().enumerate() {
        let path = stage.symbolon.folder().join(format!("{number}.key"));
        std::fs::write(&path, key).unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, owner_only).unwrap();
    }
    stage.symbolon.stop();
    stage
        .symbolon
        .write_config(&settings(routes, clients).yaml(stage.api.address, stage.other.address));
    stage.symbolon.start_again();
    stage
}

#[test]
fn the_whole_route_or_each_value_of_a_header_can_be_counted() {
    let stage = behind_a_proxy(
        "
  - { name: all, paths: [/all], service: api, authenticate: none, rate_limit: { requests: 2, per: 1h, by: route } }
  - name: each
    paths: [/each]
    service: api
    authenticate: none
    rate_limit: { requests: 2, per: 1h, by: { header: x-shard } }",
        "",
    );
    stage.exchange(&from("192.0.2.1", "/all")).expect(200);
    stage.exchange(&from("192.0.2.2", "/all")).expect(200);
    limited(stage.exchange(&from("192.0.2.3", "/all")));
    let shard = |name| from("192.0.2.1", "/each").with("X-Shard", name);
    assert_eq!(passing(&stage, 3, &shard("a")), 2);
    assert_eq!(passing(&stage, 3, &shard("b")), 2);
    assert_eq!(passing(&stage, 3, &from("192.0.2.1", "/each")), 2);
    assert_eq!(passing(&stage, 3, &from("192.0.2.2", "/each")), 2);
}

#[test]
fn a_reload_keeps_the_counts_of_rules_that_stay_as_they_are() {
    let stage = behind_a_proxy(BY_SOURCE, "");
    let request = from("192.0.2.1", "/counted");
    for _ in 0..3 {
        stage.exchange(&request).expect(401);
    }
    limited(stage.exchange(&request));
    // The route changes, its rule does not.
    let reload = |routes: &str, is_there: &str| {
        let routes = format!(
            "{routes}
  - {{ name: {is_there}, paths: [/{is_there}], authenticate: none, respond: {{}} }}"
        );
        let settings: Settings = settings(&routes, "");
        stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
        let is_there = Request::get(&format!("/{is_there}"));
        while stage.exchange(&is_there).status == 404 {
            std::thread::yield_now();
        }
    };
    reload(&BY_SOURCE.replace("[session]", "[bearer]"), "first");
    limited(stage.exchange(&request));
    reload(&BY_SOURCE.replace("requests: 3", "requests: 4"), "second");
    stage.exchange(&request).expect(401);
}

#[test]
fn endless_addresses_take_bounded_memory_and_free_nobody() {
    let routes = "
  - { name: counted, paths: [/counted], authenticate: none, respond: {}, rate_limit: { requests: 1, per: 1d } }";
    let stage = Stage::set(&settings(routes, "access_log: off"), Upstream::plain());
    let known = from("192.0.2.1", "/counted");
    stage.exchange(&known).expect(200);
    let mut connection = stage.connect();
    let mut passed = 0;
    for batch in 0..280 {
        let requests: Vec<u8> = (0..250)
            .flat_map(|number| {
                let address = format!("10.{}.{}.{number}", batch / 250, batch % 250);
                from(&address, "/counted").to_bytes()
            })
            .collect();
        connection.send(&requests);
        passed += (0..250).filter(|_| connection.response().status == 200).count();
    }
    assert!(passed <= 64 * 1025, "newcomers share what is left: {passed}");
    assert!(passed > 50_000, "{passed}");
    limited(stage.exchange(&known));
}
