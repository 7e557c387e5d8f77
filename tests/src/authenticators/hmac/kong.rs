//! Kong's form, case by case as its own suite asserts them, and stricter where that is safer.

use aws_lc_rs::hmac;

use super::scene::{Scene, kong, kong_request, mac, mac_under};
use crate::harness::http::Request;

#[test]
fn a_request_that_kongs_client_signs_is_a_client() {
    let scene = Scene::new();
    let date = scene.date(0);
    scene.takes(&kong_request("GET", "/signed/a", &date));
    let received = scene.stage.api.last_request();
    assert!(!received.headers().has("signature"));
    assert!(received.token().is_some_and(|token| token.starts_with("ey")), "our token instead");
    assert_eq!(received.claims()["sub"], "client:reporting");
    assert_eq!(received.claims()["amr"], serde_json::json!(["hmac"]));
}

#[test]
fn nothing_offered_is_told_what_to_offer() {
    let scene = Scene::new();
    let (answer, is_heard) = scene.ask(&Request::get("/signed/a"));
    let challenge = answer.header("www-authenticate").unwrap().to_owned();
    assert_eq!(challenge, "hmac realm=\"symbolon\", Signature realm=\"symbolon\"");
    assert!(answer.expect(401).json()["reason"].is_null() && !is_heard);
    // Another scheme is no signature.
    let basic = Request::get("/signed/a").with("Authorization", "Basic YTpi");
    assert_eq!(scene.ask(&basic).0.expect(401).json()["code"], "no_credentials");
}

#[test]
fn path_query_and_repeated_parameters_count_as_they_were_sent() {
    let scene = Scene::new();
    let date = scene.date(0);
    for target in [
        "/signed/a?x=1&x=2",
        "/signed/a%20b?x=%7e+%C3%A4",
        // Canonical and as sent differ here.
        "/signed/%7euser/%3ax%40%2B/%c3%a4?a[]=1&a[]=2&empty=&flag",
    ] {
        scene.takes(&kong_request("GET", target, &date));
        let line = format!("date: {date}\nGET {target} HTTP/1.1");
        let other = format!("{target}&more=1");
        let request = Request::get(&other)
            .with("Date", &date)
            .with("Authorization", &kong("date request-line", &line));
        scene.refuses(&request, "signature_mismatch");
    }
    // The same parameters in another order are another request.
    let line = format!("date: {date}\nGET /signed/b?x=1&x=2 HTTP/1.1");
    let swapped = Request::get("/signed/b?x=2&x=1")
        .with("Date", &date)
        .with("Authorization", &kong("date request-line", &line));
    scene.refuses(&swapped, "signature_mismatch");
}

#[test]
fn the_request_line_has_the_version_in_which_it_came() {
    let scene = Scene::new();
    let date = scene.date(0);
    let sent = |version: &str, signed: &str| {
        let lines = format!("date: {date}\nGET /signed/{version} HTTP/{signed}");
        let authorization = kong("date request-line", &lines);
        let mut connection = scene.stage.connect();
        connection.send(
            format!(
                "GET /signed/{version} HTTP/{version}\r\nHost: shop.test\r\nDate: {date}\r\n\
                 Authorization: {authorization}\r\nConnection: close\r\n\r\n"
            )
            .as_bytes(),
        );
        connection.response().status
    };
    assert_eq!([sent("1.0", "1.1"), sent("1.1", "1.0")], [401, 401]);
    assert_eq!([sent("1.0", "1.0"), sent("1.1", "1.1")], [200, 200]);
}

#[test]
fn request_target_names_the_method_in_lower_case() {
    let scene = Scene::new();
    let date = scene.date(0);
    let lines = format!("@request-target: get /signed/t?q=1\nhost: shop.test\ndate: {date}");
    let request = Request::get("/signed/t?q=1")
        .with("Date", &date)
        .with("Authorization", &kong("@request-target host date", &lines));
    scene.takes(&request);
}

#[test]
fn what_is_not_the_signature_is_refused_and_tells_of_no_key() {
    let scene = Scene::new();
    let date = scene.date(0);
    let lines = format!("date: {date}\nGET /signed/x HTTP/1.1");
    let good = mac(hmac::HMAC_SHA256, &lines);
    let with = |username: &str, algorithm: &str, signature: &str| {
        let value = format!(
            "hmac username=\"{username}\", algorithm=\"{algorithm}\", \
             headers=\"date request-line\", signature=\"{signature}\""
        );
        Request::get("/signed/x").with("Date", &date).with("Authorization", &value)
    };
    let another = mac_under("some other secret of that length", hmac::HMAC_SHA256, &lines);
    let sha512 = mac(hmac::HMAC_SHA512, &lines);
    let sha1 = mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &lines);
    let mismatches = [
        with("alice", "hmac-sha256", &another),
        with("nobody", "hmac-sha256", &good),
        with("alice", "hmac-sha256", &sha512),
        // Longer, shorter, and of another algorithm than the credential's.
        with("alice", "hmac-sha256", "AAAA"),
        with("alice", "hmac-sha1", &sha1),
        with("new", "hmac-sha256", &good),
        with("old", "hmac-sha256", &good),
        with("past", "hmac-sha256", &good),
        with("gone", "hmac-sha256", &good),
        with("ed25519", "hmac-sha256", &good),
    ];
    for request in &mismatches {
        scene.refuses(request, "signature_mismatch");
    }
    scene.takes(&with("old", "hmac-sha1", &sha1));
    scene.takes(&with("new", "hmac-sha512", &sha512));
    for (algorithm, reason) in [
        ("hmac-md5", "algorithm_not_accepted"),
        ("none", "algorithm_not_accepted"),
        ("ed25519", "algorithm_not_accepted"),
        ("", "algorithm_not_accepted"),
    ] {
        scene.refuses(&with("alice", algorithm, &good), reason);
    }
    scene.refuses(&with("", "hmac-sha256", &good), "malformed_signature");
    scene.takes(&with("alice", "hmac-sha256", &good));
}

#[test]
fn garbage_never_gets_further_than_a_refusal() {
    let scene = Scene::new();
    let date = scene.date(0);
    let lines = format!("date: {date}\nGET /signed/x HTTP/1.1");
    let good = kong("date request-line", &lines);
    for length in 0..good.len() {
        let request =
            Request::get("/signed/x").with("Date", &date).with("Authorization", &good[..length]);
        let (answer, is_heard) = scene.ask(&request);
        assert!(answer.status == 401 && !is_heard, "{length}: {answer:?}");
    }
    for value in [
        &good.replace("username", "user"),
        &good.replace("signature=", "signature=\"AAAA\", signature="),
        &good.replace("headers=\"date", "headers=\"  date"),
        &format!("{good}, created=\"1\""),
        &good.replace('=', ""),
        &good.replace('"', "'"),
        &format!("hmac {}", "x".repeat(8000)),
    ] {
        let request = Request::get("/signed/x").with("Date", &date).with("Authorization", value);
        let (answer, is_heard) = scene.ask(&request);
        assert!(answer.status == 401 && !is_heard, "{value}: {answer:?}");
    }
    let twice = Request::get("/signed/x")
        .with("Date", &date)
        .with("Authorization", &good)
        .with("Authorization", &good);
    scene.refuses(&twice, "several_signatures");
}

#[test]
fn a_date_is_needed_signed_and_near() {
    let scene = Scene::new();
    let undated = kong("request-line", "GET /dated/x HTTP/1.1");
    let request = Request::get("/dated/x").with("Authorization", &undated);
    scene.refuses(&request, "date_missing");
    // There, and not signed: Kong takes this as often as it comes.
    scene.refuses(&request.with("Date", &scene.date(0)), "date_missing");
    for (shift, reason) in [(-90, "date_out_of_range"), (90, "date_out_of_range")] {
        let date = scene.date(shift);
        scene.refuses(&kong_request("GET", "/signed/x", &date), reason);
    }
    for shift in [-30, 30] {
        let date = scene.date(shift);
        scene.takes(&kong_request("GET", "/signed/x", &date));
    }
    // The skew is the authenticator's.
    let date = scene.date(-800);
    scene.takes(&kong_request("GET", "/wide/x", &date));
    // A captured request with another date.
    let (now, later) = (scene.date(0), scene.date(20));
    let lines = format!("date: {now}\nGET /signed/y HTTP/1.1");
    let request = Request::get("/signed/y")
        .with("Date", &later)
        .with("Authorization", &kong("date request-line", &lines));
    scene.refuses(&request, "signature_mismatch");
}

#[test]
fn x_date_stands_for_date_and_date_for_an_x_date_that_is_none() {
    let scene = Scene::new();
    let date = scene.date(0);
    let sent = |x_date: &str, path: &str| {
        let lines = format!("x-date: {x_date}\ndate: {date}\nGET {path} HTTP/1.1");
        Request::get(path)
            .with("X-Date", x_date)
            .with("Date", &date)
            .with("Authorization", &kong("x-date date request-line", &lines))
    };
    scene.takes(&sent(&date, "/signed/1"));
    scene.takes(&sent("yesterday", "/signed/2"));
    scene.refuses(&sent(&scene.date(-600), "/signed/3"), "date_out_of_range");
    let lines = format!("x-date: {date}\nGET /signed/4 HTTP/1.1");
    let alone = Request::get("/signed/4")
        .with("X-Date", &date)
        .with("Authorization", &kong("x-date request-line", &lines));
    scene.takes(&alone);
}

#[test]
fn what_has_to_be_signed_is_the_routes_to_say() {
    let scene = Scene::new();
    let date = scene.date(0);
    let only_date = |path: &str| {
        Request::get(path)
            .with("Date", &date)
            .with("Authorization", &kong("date", &format!("date: {date}")))
    };
    scene.refuses(&only_date("/signed/x"), "component_not_signed");
    scene.takes(&only_date("/dated/x"));
    let untyped = kong_request("GET", "/typed/x", &date).with("Content-Type", "text/plain");
    scene.refuses(&untyped, "component_not_signed");
    let lines = format!("date: {date}\nGET /typed/x HTTP/1.1\nContent-Type: text/plain");
    let typed = Request::get("/typed/x")
        .with("Date", &date)
        .with("content-type", "text/plain")
        .with("Authorization", &kong("date request-line Content-Type", &lines));
    scene.takes(&typed);
}

#[test]
fn a_signed_header_that_is_not_there_or_twice_is_refused() {
    let scene = Scene::new();
    let date = scene.date(0);
    // Kong signs it as an empty line, so that it can be added later.
    let lines = format!("date: {date}\nGET /signed/x HTTP/1.1\nx-role:");
    let request = Request::get("/signed/x")
        .with("Date", &date)
        .with("Authorization", &kong("date request-line x-role", &lines));
    scene.refuses(&request, "component_missing");
    let lines = format!("date: {date}\nGET /signed/x HTTP/1.1\nx-mood: good");
    let request = Request::get("/signed/x")
        .with("Date", &date)
        .with("X-Mood", "good")
        .with("X-Mood", "bad")
        .with("Authorization", &kong("date request-line x-mood", &lines));
    scene.refuses(&request, "component_ambiguous");
}

#[test]
fn people_and_machines_share_a_route() {
    let scene = Scene::new();
    let mut alice = scene.stage.alice();
    alice.get("/either/x").expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["sub"], "alice");
    scene.takes(&kong_request("GET", "/either/x", &scene.date(0)));
    // The service never sees a name that a client gave itself.
    let spoofed = kong_request("GET", "/either/y", &scene.date(0))
        .with("X-Consumer-Username", "root")
        .with("X-Credential-Identifier", "root");
    scene.takes(&spoofed);
    let received = scene.stage.api.last_request();
    assert!(!received.headers().has("x-consumer-username"));
    assert!(!received.headers().has("x-credential-identifier"));
}
