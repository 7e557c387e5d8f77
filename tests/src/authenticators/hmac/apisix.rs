//! APISIX's form, case by case.

use aws_lc_rs::hmac;

use super::scene::{Scene, mac};
use crate::harness::http::Request;

/// The header for these names of headers, over these lines behind the key's.
fn apisix(headers: &str, lines: &str) -> String {
    let signature = mac(hmac::HMAC_SHA256, &format!("alice\n{lines}"));
    format!(
        "Signature keyId=\"alice\",algorithm=\"hmac-sha256\",headers=\"{headers}\",\
         signature=\"{signature}\""
    )
}

fn signed(target: &str, date: &str) -> Request {
    let lines = format!("GET {target}\ndate: {date}\n");
    Request::get(target)
        .with("Date", date)
        .with("Authorization", &apisix("@request-target date", &lines))
}

#[test]
fn a_request_that_apisixs_client_signs_is_a_client() {
    let scene = Scene::new();
    let date = scene.date(0);
    for target in ["/signed/a", "/signed/a?x=1&x=2", "/signed/a%20b?q=%7e"] {
        scene.takes(&signed(target, &date));
    }
    let lines = format!("GET /signed/c\ndate: {date}\nx-custom-header-a: hello\n");
    let request = Request::get("/signed/c")
        .with("Date", &date)
        .with("X-Custom-Header-A", "hello")
        .with("Authorization", &apisix("@request-target date x-custom-header-a", &lines));
    scene.takes(&request);
}

#[test]
fn the_line_of_the_key_and_the_last_line_feed_belong_to_it() {
    let scene = Scene::new();
    let date = scene.date(0);
    for lines in [
        format!("GET /signed/x\ndate: {date}"),
        format!("get /signed/x\ndate: {date}\n"),
        format!("GET /signed/x\nDate: {date}\n"),
    ] {
        let request = Request::get("/signed/x")
            .with("Date", &date)
            .with("Authorization", &apisix("@request-target date", &lines));
        scene.refuses(&request, "signature_mismatch");
    }
}

#[test]
fn changing_only_the_date_of_a_captured_request_is_no_use() {
    let scene = Scene::new();
    let (then, now) = (scene.date(-50), scene.date(0));
    let captured = apisix("@request-target date", &format!("GET /signed/x\ndate: {then}\n"));
    let replayed = Request::get("/signed/x").with("Date", &now).with("Authorization", &captured);
    scene.refuses(&replayed, "signature_mismatch");
    // Nor where the date was not signed at all.
    let undated = apisix("@request-target", "GET /signed/x\n");
    let replayed = Request::get("/signed/x").with("Date", &now).with("Authorization", &undated);
    scene.refuses(&replayed, "date_missing");
    // APISIX knows no `x-date`.
    let lines = format!("GET /signed/x\nx-date: {now}\n");
    let request = Request::get("/signed/x")
        .with("X-Date", &now)
        .with("Authorization", &apisix("@request-target x-date", &lines));
    scene.refuses(&request, "date_missing");
}

#[test]
fn what_apisix_leaves_out_is_refused() {
    let scene = Scene::new();
    let date = scene.date(0);
    // A signed header that is not there is skipped over by APISIX.
    let request = Request::get("/signed/x").with("Date", &date).with(
        "Authorization",
        &apisix("@request-target date x-role", &format!("GET /signed/x\ndate: {date}\n")),
    );
    scene.refuses(&request, "component_missing");
    let good = apisix("@request-target date", &format!("GET /signed/x\ndate: {date}\n"));
    for value in [
        good.replace("keyId", "keyid"),
        good.replace(",algorithm=\"hmac-sha256\"", ""),
        format!("{good},created=1"),
        good.replace("signature=\"", "signature=\"!"),
    ] {
        let request = Request::get("/signed/x").with("Date", &date).with("Authorization", &value);
        scene.refuses(&request, "malformed_signature");
    }
    let unquoted = good.replace("\"hmac-sha256\"", "hmac-sha256");
    scene.takes(&Request::get("/signed/x").with("Date", &date).with("Authorization", &unquoted));
}

#[test]
fn a_route_takes_only_the_forms_that_it_names() {
    let scene = Scene::new();
    let (answer, is_heard) = scene.ask(&signed("/rfc/x", &scene.date(0)));
    assert!(!is_heard);
    assert_eq!(answer.header("www-authenticate"), Some("Signature realm=\"symbolon\""));
    assert_eq!(answer.expect(401).json()["code"], "no_credentials");
}
