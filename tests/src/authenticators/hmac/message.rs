//! HTTP Message Signatures (RFC 9421).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scene::{Message, Scene, ecdsa, kong, mac};
use crate::harness::http::Request;

#[test]
fn every_kind_of_key_signs() {
    let scene = Scene::new();
    let created = scene.created(0);
    let of = |key: &str| {
        Message::get(
            "/signed/x?a=1",
            &format!(";created={created};keyid=\"{key}\";nonce=\"{key}\""),
        )
    };
    let request = || Request::get("/signed/x?a=1");
    scene.takes(&of("alice").signed(request()));
    let message = of("ed25519");
    let signature = scene.ed25519.sign(message.base.as_bytes());
    scene.takes(&message.on(request(), signature.as_ref()));
    let message = of("p256");
    scene.takes(&message.on(request(), &ecdsa(&scene.p256, &message.base)));
    let message = of("p384");
    scene.takes(&message.on(request(), &ecdsa(&scene.p384, &message.base)));
    // Each with the signature of another.
    for key in ["alice", "ed25519", "p256", "p384", "nobody"] {
        let message = Message::get(
            "/signed/x?a=1",
            &format!(";created={created};keyid=\"{key}\";nonce=\"other\""),
        );
        let wrong = ecdsa(if key == "p256" { &scene.p384 } else { &scene.p256 }, &message.base);
        scene.refuses(&message.on(request(), &wrong), "signature_mismatch");
    }
}

#[test]
fn signatures_that_are_too_long_too_short_or_none_are_refused() {
    let scene = Scene::new();
    let created = scene.created(0);
    for (key, length) in [("alice", 32), ("ed25519", 64), ("p256", 64), ("p384", 96)] {
        let message = Message::get("/signed/x", &format!(";created={created};keyid=\"{key}\""));
        for wrong in [1, length - 1, length, length + 1, 1024] {
            let request = message.on(Request::get("/signed/x"), &vec![1; wrong]);
            scene.refuses(&request, "signature_mismatch");
        }
        for wrong in [0, 1025] {
            let request = message.on(Request::get("/signed/x"), &vec![1; wrong]);
            scene.refuses(&request, "malformed_signature");
        }
    }
    let message = Message::get("/signed/x", &format!(";created={created};keyid=\"alice\""));
    let whole = message.signed(Request::get("/signed/x"));
    let text = String::from_utf8(whole.to_bytes()).unwrap();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    let (input, signature) = (value("Signature-Input"), value("Signature:"));
    for length in 0..input.len() {
        let request = Request::get("/signed/x")
            .with("Signature-Input", &input[..length])
            .with("Signature", &signature);
        assert_eq!(scene.ask(&request).0.status, 401, "{length}");
    }
    for length in 0..signature.len() {
        let request = Request::get("/signed/x")
            .with("Signature-Input", &input)
            .with("Signature", &signature[..length]);
        let (answer, is_heard) = scene.ask(&request);
        assert!(answer.status == 401 && !is_heard, "{length}");
    }
    scene.takes(&whole);
}

#[test]
fn algorithm_dates_and_tag_are_kept_to() {
    let scene = Scene::new();
    let created = scene.created(0);
    let sent = |path: &str, parameters: &str| {
        Message::get(path, &format!("{parameters};keyid=\"alice\"")).signed(Request::get(path))
    };
    let now = format!(";created={created}");
    scene.takes(&sent("/signed/1", &format!("{now};alg=\"hmac-sha256\"")));
    scene.refuses(&sent("/signed/2", &format!("{now};alg=\"ed25519\"")), "signature_mismatch");
    scene.refuses(&sent("/signed/2", &format!("{now};alg=\"none\"")), "algorithm_not_accepted");
    scene.refuses(&sent("/signed/2", ""), "date_missing");
    let past = format!(";created={}", scene.created(-90));
    scene.refuses(&sent("/signed/3", &past), "date_out_of_range");
    let future = format!(";created={}", scene.created(90));
    scene.refuses(&sent("/signed/3", &future), "date_out_of_range");
    let over = format!("{now};expires={created}");
    scene.refuses(&sent("/signed/3", &over), "signature_expired");
    scene.takes(&sent("/signed/4", &format!("{now};expires={}", created + 30)));
    scene.refuses(&sent("/rfc/5", &now), "tag_not_accepted");
    scene.takes(&sent("/rfc/5", &format!("{now};tag=\"shop\"")));
    let unnamed = Message::get("/signed/6", &now).signed(Request::get("/signed/6"));
    scene.refuses(&unnamed, "malformed_signature");
}

#[test]
fn every_component_is_what_was_sent() {
    let scene = Scene::new();
    let parameters = format!(";created={};keyid=\"alice\"", scene.created(0));
    let components = [
        ("\"@method\"", "GET"),
        ("\"@authority\"", "shop.test"),
        ("\"@scheme\"", "http"),
        ("\"@path\"", "/signed/%7ea%3a%40"),
        ("\"@query\"", "?b=1&c=%C3%A4+x"),
        ("\"@request-target\"", "/signed/%7ea%3a%40?b=1&c=%C3%A4+x"),
        ("\"@query-param\";name=\"c\"", "%C3%A4%20x"),
        ("\"host\"", "shop.test"),
        ("\"x-list\"", "a, b"),
        ("\"x-list\";bs", ":YQ==:, :Yg==:"),
        ("\"x-dict\";key=\"k\"", "1;p"),
        ("\"priority\";sf", "u=1, i"),
        ("\"cookie\"", "theme=dark"),
    ];
    let message = Message::new(&components, &parameters);
    let request = Request::get("/signed/%7ea%3a%40?b=1&c=%C3%A4+x")
        .with("X-List", "a")
        .with("X-List", " b ")
        .with("X-Dict", "j=2,  k=1;p")
        .with("Priority", "u=1,   i")
        .with("Cookie", "theme=dark");
    scene.takes(&message.signed(request.clone()));
    let (answer, _) = scene.ask(&message.signed(request.clone().with("X-List", "c")));
    assert_eq!(answer.expect(401).json()["reason"], "signature_mismatch");
    for (component, reason) in [
        ("\"@status\"", "unknown_component"),
        ("\"@query-param\";name=\"none\"", "component_missing"),
        ("\"x-list\";tr", "unknown_component"),
        ("\"@method\";req", "unknown_component"),
        ("\"x-unknown\"", "component_missing"),
        ("\"X-List\"", "unknown_component"),
        // What no request may bring along cannot be signed either.
        ("\"x-consumer-username\"", "component_missing"),
    ] {
        let message = Message::new(&[("\"@method\"", "GET"), (component, "")], &parameters);
        let request = request.clone().with("X-Consumer-Username", "");
        scene.refuses(&message.signed(request), reason);
    }
}

#[test]
fn one_good_signature_of_several_is_enough() {
    let scene = Scene::new();
    let created = scene.created(0);
    let parameters = |key: &str| format!(";created={created};keyid=\"{key}\"");
    let (mine, other) = (
        Message::get("/signed/x", &parameters("alice")),
        Message::new(&[("\"@status\"", "200")], &parameters("proxy")),
    );
    let signature = mac(hmac::HMAC_SHA256, &mine.base);
    let both = |first: &str, second: &str| {
        Request::get("/signed/x")
            .with("Signature-Input", &format!("proxy={}, mine={}", other.input, mine.input))
            .with("Signature", &format!("proxy=:{first}:, mine=:{second}:"))
    };
    scene.takes(&both("AAAA", &signature));
    // The same under the other's label is not.
    scene.refuses(&both(&signature, "AAAA"), "signature_mismatch");
    let many: Vec<_> = (0..5).map(|at| format!("s{at}={}", mine.input)).collect();
    let signatures: Vec<_> = (0..5).map(|at| format!("s{at}=:{signature}:")).collect();
    let request = Request::get("/signed/x")
        .with("Signature-Input", &many.join(", "))
        .with("Signature", &signatures.join(", "));
    scene.refuses(&request, "malformed_signature");
    // In two forms, it would be chance which of them decides.
    let date = scene.date(0);
    let lines = format!("date: {date}\nGET /signed/y HTTP/1.1");
    let two_forms = Message::get("/signed/y", &parameters("alice"))
        .signed(Request::get("/signed/y"))
        .with("Date", &date)
        .with("Authorization", &kong("date request-line", &lines));
    scene.refuses(&two_forms, "several_signatures");
}

#[test]
fn the_service_does_not_see_the_signature_unless_it_should() {
    let scene = Scene::new();
    let parameters = format!(";created={};keyid=\"alice\"", scene.created(0));
    scene.takes(&Message::get("/signed/x", &parameters).signed(Request::get("/signed/x")));
    let received = scene.stage.api.last_request();
    assert!(!received.headers().has("signature") && !received.headers().has("signature-input"));
    scene.takes(&Message::get("/shown/x", &parameters).signed(Request::get("/shown/x")));
    let received = scene.stage.api.last_request();
    assert!(received.headers().has("signature") && received.headers().has("signature-input"));
}

#[test]
fn a_public_key_is_not_taken_for_a_secret() {
    let scene = Scene::new();
    let message =
        Message::get("/signed/x", &format!(";created={};keyid=\"ed25519\"", scene.created(0)));
    let pem = std::fs::read_to_string(scene.folder.path().join("ed25519")).unwrap();
    for secret in [pem.as_str(), pem.trim()] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let forged = hmac::sign(&key, message.base.as_bytes());
        scene
            .refuses(&message.on(Request::get("/signed/x"), forged.as_ref()), "signature_mismatch");
        let signature = STANDARD.encode(forged);
        let kong = format!(
            "hmac username=\"ed25519\", algorithm=\"hmac-sha256\", headers=\"date request-line\", \
             signature=\"{signature}\""
        );
        let request =
            Request::get("/signed/x").with("Date", &scene.date(0)).with("Authorization", &kong);
        scene.refuses(&request, "signature_mismatch");
    }
}
