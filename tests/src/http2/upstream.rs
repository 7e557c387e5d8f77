//! Services that speak HTTP/2.

use std::thread;

use crate::harness::http::{Request, exchange};
use crate::harness::http2::{Client, Service};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The service behind `/two` (everybody) and `/mine` (who is logged in).
pub(super) fn settings(service: &Service) -> Settings {
    // On a busy machine it takes its time to say how much it takes.
    settings_with(service, ", timeouts: { connect: 20s }")
}

fn settings_with(service: &Service, keys: &str) -> Settings {
    let address = service.address;
    Settings {
        services: format!("  two: {{ targets: [http://{address}], protocol: h2{keys} }}"),
        routes: "  - { name: two, paths: [/two], service: two, authenticate: none }
  - { name: mine, paths: [/mine], service: two, authenticate: [session, bearer] }"
            .to_owned(),
        ..Settings::default()
    }
}

fn stage(service: &Service) -> Stage {
    Stage::set(&settings(service), Upstream::plain())
}

fn field<'a>(request: &'a serde_json::Value, name: &str) -> Vec<&'a str> {
    let fields = request["request"].as_array().unwrap();
    let values = fields.iter().filter(|field| field[0] == name);
    values.map(|field| field[1].as_str().unwrap()).collect()
}

#[test]
fn the_service_is_told_the_same_in_both_protocols() {
    let service = Service::start();
    let stage = stage(&service);
    let mut alice = stage.alice();
    let asking = |target| Request::get(target).with("Accept", "*/*").with("X-User", "root");
    alice.send(asking("/api/x?y=z")).expect(200);
    alice.send(asking("/mine/x?y=z")).expect(200);
    let (one, two) = (stage.api.only_request(), service.wait_for(1, "request").remove(0));
    for (pseudo, value) in [
        (":method", "GET"),
        (":path", "/mine/x?y=z"),
        (":authority", "shop.test"),
        (":scheme", "http"),
        ("te", "trailers"),
    ] {
        assert_eq!(field(&two, pseudo), [value]);
    }
    for (name, value) in one.headers().iter() {
        let told = field(&two, &name.to_ascii_lowercase());
        match name {
            "host" => {}
            "authorization" | "x-request-id" => assert_eq!(told.len(), 1, "{two}"),
            _ => assert_eq!(told, [value], "{name}: {two}"),
        }
    }
    assert!(field(&two, "x-user").is_empty() && field(&two, "cookie").is_empty(), "{two}");
    let token = field(&two, "authorization")[0].strip_prefix("Bearer ").unwrap();
    let claims = crate::harness::upstream::claims_of(token);
    assert_eq!((&claims["sub"], &claims["aud"]), (&"alice".into(), &"two".into()));
}

#[test]
fn a_query_with_quotes_reaches_the_same_place_in_both_protocols() {
    let service = Service::start();
    let stage = stage(&service);
    stage.exchange(&Request::get("/public/x?y=\"z\"")).expect(200);
    stage.exchange(&Request::get("/two/x?y=\"z\"")).expect(200);
    assert_eq!(stage.api.only_request().target(), "/public/x?y=\"z\"");
    assert_eq!(field(&service.wait_for(1, "request")[0], ":path"), ["/two/x?y=%22z%22"]);
}

#[test]
fn a_target_that_cannot_be_sent_is_its_senders_fault() {
    let services = [Service::start(), Service::start()];
    let [one, two] = services.each_ref().map(|service| service.address);
    let targets = format!(
        "  two: {{ targets: [http://{one}, http://{two}], protocol: h2, timeouts: {{ connect: 20s }}, \
         ejection: {{ consecutive_failures: 2, base_time: 1h, max_time: 1h }} }}"
    );
    let sections = "limits: { head: 256KiB, target: 64KiB }".to_owned();
    let settings = Settings { services: targets, sections, ..settings(&services[0]) };
    let stage = Stage::set(&settings, Upstream::plain());
    // Each quote is sent to the service as three characters.
    let long = Request::get(&format!("/two/x?{}", "\"".repeat(30_000)));
    for _ in 0..12 {
        let answer = stage.exchange(&long).expect(414);
        assert_eq!(answer.json()["code"], "target_too_long");
    }
    for _ in 0..4 {
        stage.exchange(&Request::get("/two/x")).expect(200);
    }
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let ejections =
        metrics.text().lines().filter(|line| line.contains("symbolon_target_ejections_total{"));
    let ejections: Vec<&str> = ejections.filter(|line| !line.ends_with(" 0")).collect();
    assert!(ejections.is_empty(), "{ejections:?}");
    for service in &services {
        service.wait_for(1, "request");
    }
}

#[test]
fn a_reload_changes_what_is_spoken() {
    let service = Service::start();
    let mut settings = settings(&service);
    let spoken = settings.services.clone();
    settings.services = spoken.replace(", protocol: h2", "");
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/two/x")).expect(502);
    settings.services = spoken;
    stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
    stage
        .symbolon
        .log()
        .wait_for("the reload", |line| line.contains("configuration reloaded").then_some(()));
    stage.exchange(&Request::get("/two/x")).expect(200);
}

#[test]
fn many_exchanges_share_a_connection() {
    let service = Service::start();
    let stage = stage(&service);
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let address = stage.symbolon.address;
            thread::spawn(move || {
                let mut client = Client::to(address);
                for turn in 0..25 {
                    let body = format!("{number}-{turn}");
                    let answer = client.post("/two/x", &[], &body).expect(200);
                    assert_eq!(answer.body(), body);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(service.wait_for(200, "request").len(), 200);
    // One for each worker at most.
    let workers = thread::available_parallelism().unwrap().get();
    assert!(service.told("connected").len() <= workers, "{:?}", service.told("connected"));
}

#[test]
fn trailers_come_through_without_what_is_internal() {
    let service = Service::start();
    let stage = stage(&service);
    let alice = stage.alice();
    let mut client = Client::to(stage.symbolon.address);
    let cookie = format!("symbolon={}", alice.token());
    let answer = client.post("/mine/trailers", &[("cookie", &cookie)], "x").expect(200);
    assert_eq!(answer.body(), "x");
    assert_eq!(answer.trailer("x-checksum"), Some("7"));
    assert_eq!(answer.trailer("symbolon-session"), None);
    assert_eq!(answer.trailer("x-echo"), None, "the internal token came out: {answer:?}");
    assert_eq!(answer.header("symbolon-debug"), None);
    assert_eq!(answer.header("x-service"), Some("h2"));
    client.get("/mine/x", &[("cookie", &cookie)]).expect(200);
}

#[test]
fn trailers_of_a_request_go_up_without_identities() {
    let service = Service::start();
    let stage = stage(&service);
    let mut client = Client::to(stage.symbolon.address);
    let stream = client.begin(&crate::harness::http2::request("POST", "/two/x"), "body", true);
    client.trailers(stream, &[("x-checksum", "7"), ("x-user", "root"), ("authorization", "x")]);
    assert_eq!(client.answer(stream).expect(200).body(), "body");
    let seen = service.wait_for(1, "request").remove(0);
    assert_eq!(field(&seen, "x-checksum"), ["7"]);
    assert!(
        field(&seen, "x-user").is_empty() && field(&seen, "authorization").is_empty(),
        "{seen}"
    );
}

#[test]
fn what_the_service_has_not_looked_at_is_sent_again() {
    let service = Service::start();
    let stage = stage(&service);
    let mut client = Client::to(stage.symbolon.address);
    for path in ["/two/refuse", "/two/goaway"] {
        // Not idempotent, and with a body: safe all the same, nobody has seen it.
        let answer = client.post(path, &[], "body").expect(200);
        assert_eq!(answer.body(), "body", "{path}");
    }
    let seen = service.wait_for(2, "request");
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen.iter().all(|request| request["body"] == "body"));
    assert_eq!(service.wait_for(2, "connected").len(), 2);
}

#[test]
fn what_the_service_may_have_looked_at_is_not() {
    let service = Service::start();
    let stage = stage(&service);
    let mut client = Client::to(stage.symbolon.address);
    client.post("/two/x", &[], "warm").expect(200);
    client.post("/two/die", &[], "body").expect(502);
    client.post("/two/x", &[], "alive").expect(200);
    assert_eq!(service.wait_for(2, "request").len(), 2);
}

#[test]
fn an_idempotent_request_without_a_body_outlives_a_kept_connection() {
    let service = Service::start();
    let stage = stage(&service);
    let mut client = Client::to(stage.symbolon.address);
    client.get("/two/x", &[]).expect(200);
    client.get("/two/die", &[]).expect(200);
}

#[test]
fn the_service_says_how_many_streams_it_takes() {
    let service = Service::allowing(2);
    let keys = ", timeouts: { response: 2s }";
    let settings = Settings { sections: "workers: 1".to_owned(), ..settings_with(&service, keys) };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    client.get("/two/x", &[]).expect(200);
    let request = crate::harness::http2::request("GET", "/two/never");
    let mut streams = Vec::new();
    for seen in 2..7 {
        streams.push(client.begin(&request, "", false));
        service.wait_for(seen, "request");
    }
    service.wait_for(3, "connected");
    for stream in streams {
        client.answer(stream).expect(504);
    }
}

#[test]
fn nothing_is_asked_before_the_service_has_said_how_much_it_takes() {
    let service = Service::allowing(2);
    let mut settings = settings(&service);
    settings.sections = "workers: 1".to_owned();
    let stage = Stage::set(&settings, Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    let request = crate::harness::http2::request("GET", "/two/x");
    // All on a connection that has to be opened first.
    let streams: Vec<u64> = (0..20).map(|_| client.begin(&request, "", false)).collect();
    for stream in streams {
        client.answer(stream).expect(200);
    }
}

#[test]
fn a_service_that_says_nothing_is_waited_for_as_long_as_configured() {
    let service = Service::start();
    let keys = ", timeouts: { response: 300ms, idle: 300ms }";
    let stage = Stage::set(&settings_with(&service, keys), Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    client.get("/two/never", &[]).expect(504);
    let answer = client.get("/two/first", &[]);
    assert_eq!((answer.status(), answer.body()), (Some(200), "data: first\n\n"));
    assert!(answer.reset().is_some(), "half an answer looks whole: {answer:?}");
    // Over HTTP/1.1 too, half an answer is none.
    let mut connection = stage.connect();
    connection.send(b"GET /two/first HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assert!(connection.try_response("GET").is_err());
    // And a connection on which nothing was heard is not trusted with more.
    client.get("/two/x", &[]).expect(200);
    service.wait_for(2, "connected");
}

#[test]
fn an_answer_that_is_complete_ends_its_request() {
    let service = Service::start();
    let stage = stage(&service);
    let mut client = Client::to(stage.symbolon.address);
    let request = crate::harness::http2::request("POST", "/two/early");
    let stream = client.begin(&request, "begun", true);
    assert_eq!(client.answer(stream).expect(200).body(), "early");
    // Nobody wants the rest, and the client does not have to send it.
    service.wait_for(1, "reset");
    assert!(service.told("closed").is_empty());
    client.get("/two/x", &[]).expect(200);
}

#[test]
fn a_broken_answer_is_passed_on_as_broken() {
    let service = Service::start();
    let stage = stage(&service);
    let answer = Client::to(stage.symbolon.address).get("/two/fail", &[]);
    assert!(answer.reset().is_some(), "{answer:?}");
    let mut connection = stage.connect();
    connection.send(b"GET /two/fail HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assert!(connection.try_response("GET").is_err());
}

#[test]
fn a_body_beyond_the_limit_is_refused() {
    let service = Service::start();
    let mut settings = settings(&service);
    settings.sections = "limits: { body: 8B }".to_owned();
    let stage = Stage::set(&settings, Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    client.post("/two/x", &[], "12345678").expect(200);
    client.post("/two/x", &[], "123456789").expect(413);
    client.post("/two/x", &[("content-length", "9")], "123456789").expect(413);
}

#[test]
fn a_service_that_speaks_http1_alone_is_a_bad_gateway() {
    let service = Upstream::plain();
    let settings = Settings {
        services: format!("  two: {{ targets: [http://{}], protocol: h2 }}", service.address),
        routes: "  - { name: two, paths: [/two], service: two, authenticate: none }".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/two/x")).expect(502);
    let websocket = Request::get("/two/x").with("Connection", "Upgrade");
    stage.exchange(&websocket.with("Upgrade", "websocket")).expect(502);
}
