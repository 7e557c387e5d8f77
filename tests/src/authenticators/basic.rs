//! `basic`: a user name and a password with every request (RFC 7617).

use std::process::Command;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::table::Then::{Failed, Missing, Served};
use super::table::{Then, add_basic, add_client, check, meter};
use crate::harness::http::Request;
use crate::harness::patience::now;
use crate::harness::program::run;
use crate::harness::settings::{HOST, Settings};
use crate::harness::stage::Stage;
use crate::harness::symbolon::PASSWORD;
use crate::harness::upstream::Upstream;

const CHALLENGE: &[&str] = &["Basic realm=\"symbolon\", charset=\"UTF-8\""];

/// The password of the client.
const SECRET: &str = "a password with: colons: in it";

const HASHES: &str = "symbolon_password_hashes_total";

/// The gateway with an account `alice`, and a client `reporting` with the user name `reports`. Who
/// asks is whom `X-Forwarded-For` names, so that guesses come from many places.
fn scene() -> Stage {
    let settings = Settings {
        sections: "trusted_proxies: [127.0.0.0/8]
authenticators:
  machines: { basic: { accounts: false } }"
            .to_owned(),
        routes: "
  - { name: basic, paths: [/basic], service: api, authenticate: [basic] }
  - { name: machines, paths: [/machines], service: api, authenticate: [machines] }
  - name: perhaps
    paths: [/perhaps]
    service: api
    authenticate: { any: [basic], optional: true }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.symbolon.add_user("alice", &["customer"]);
    add_client(&stage.symbolon, "reporting");
    add_basic(&stage.symbolon, "reporting", "reports", SECRET);
    stage
}

fn pair(name: &str, password: &str) -> Request {
    raw(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

fn raw(authorization: &str) -> Request {
    Request::get("/basic").with("Authorization", authorization)
}

#[test]
fn what_is_a_name_and_a_password_and_what_is_not() {
    let stage = scene();
    let encoded = |text: &str| raw(&format!("Basic {}", STANDARD.encode(text)));
    let good = STANDARD.encode(format!("alice:{PASSWORD}"));
    let wrong = Failed("basic", "wrong");
    let malformed = Failed("basic", "malformed");
    let cases: Vec<(&str, Request, Then<'_>)> = vec![
        ("an account", pair("alice", PASSWORD), Served),
        ("its name in another case", pair("Alice", PASSWORD), Served),
        ("a client; colons in its password", pair("reports", SECRET), Served),
        ("another case of the scheme", raw(&format!("bAsIc {good}")), Served),
        ("no padding", raw(&format!("Basic {}", good.trim_end_matches('='))), Served),
        ("spaces before it", raw(&format!("Basic   {good}")), Served),
        ("nothing", Request::get("/basic"), Missing),
        ("another scheme", raw("Bearer x"), Missing),
        ("a longer scheme", raw(&format!("Basics {good}")), Missing),
        ("of a proxy", Request::get("/basic").with("Proxy-Authorization", "Basic eA=="), Missing),
        ("the scheme alone", raw("Basic"), malformed),
        ("no base64", raw("Basic !!!"), malformed),
        ("of a URL", raw("Basic YT_-Og"), malformed),
        ("no colon", encoded("alice"), malformed),
        ("a name alone", encoded("alice:"), malformed),
        ("a password alone", encoded(":secret"), malformed),
        ("a colon alone", encoded(":"), malformed),
        ("a control character", encoded("alice:a\0b"), malformed),
        ("no UTF-8", raw(&format!("Basic {}", STANDARD.encode(b"alice:\xff"))), malformed),
        ("far too long", encoded(&format!("alice:{}", "x".repeat(2000))), malformed),
        (
            "twice",
            raw(&format!("Basic {good}")).with("Authorization", &format!("Basic {good}")),
            malformed,
        ),
        ("junk behind it", pair("alice", &format!("{PASSWORD}:junk")), wrong),
        ("a space behind it", pair("alice", &format!("{PASSWORD} ")), wrong),
        ("a space before it", pair("alice", &format!(" {PASSWORD}")), wrong),
        ("another case of the password", pair("alice", &PASSWORD.to_uppercase()), wrong),
        ("half of a client's password", pair("reports", "a password with"), wrong),
        ("another case of a client's user name", pair("Reports", SECRET), wrong),
        ("a client's name instead of its user name", pair("reporting", SECRET), wrong),
        ("nobody", pair("nobody", PASSWORD), wrong),
        ("nobody, with odd letters", pair("no body*)(uid=*", PASSWORD), wrong),
        ("a wrong one where none is needed", pair("alice", "x").at("/perhaps"), wrong),
        (
            "an account where only clients are taken",
            pair("alice", PASSWORD).at("/machines"),
            Failed("machines", "wrong"),
        ),
        ("a client there", pair("reports", SECRET).at("/machines"), Served),
    ];
    // Every one from somewhere else: this is not about how many guesses there are.
    let cases: Vec<_> = cases
        .into_iter()
        .enumerate()
        .map(|(number, (what, request, then))| {
            (what, request.with("X-Forwarded-For", &format!("203.0.113.{number}")), then)
        })
        .collect();
    check(&stage, CHALLENGE, &cases);
}

#[test]
fn the_service_sees_who_it_is_and_no_password() {
    let stage = scene();
    stage.exchange(&pair("alice", PASSWORD)).expect(200);
    let seen = stage.api.last_request();
    let claims = seen.claims();
    assert_eq!((&claims["sub"], &claims["roles"]), (&"alice".into(), &["customer"][..].into()));
    let proxied = pair("reports", SECRET).with("Proxy-Authorization", "Basic eDp5");
    stage.exchange(&proxied).expect(200);
    let seen = stage.api.last_request();
    let claims = seen.claims();
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&"client:reporting".into(), &"reporting".into())
    );
    assert_eq!(claims["groups"], serde_json::json!(["machines"]));
    for (name, value) in seen.headers().iter() {
        assert!(!value.contains("Basic") && name != "proxy-authorization", "{name}: {value}");
    }
    stage.exchange(&Request::get("/perhaps")).expect(200);
    assert!(stage.api.last_request().token().is_none());
}

/// RFC 9068 section 5.
#[test]
fn no_client_is_taken_for_an_account_of_its_name() {
    let stage = scene();
    add_client(&stage.symbolon, "alice");
    add_basic(&stage.symbolon, "alice", "another-alice", SECRET);
    let subject = |name: &str, password: &str| {
        stage.exchange(&pair(name, password)).expect(200);
        stage.api.last_request().claims()["sub"].clone()
    };
    assert_eq!(subject("alice", PASSWORD), "alice");
    assert_eq!(subject("another-alice", SECRET), "client:alice");
}

#[test]
fn an_unknown_name_is_as_much_work_as_a_wrong_password_and_looks_the_same() {
    let stage = scene();
    let mut bodies = Vec::new();
    let tried = [
        ("/basic", "alice"),
        ("/basic", "reports"),
        ("/basic", "nobody"),
        ("/basic", "no body"),
        ("/machines", "reports"),
        ("/machines", "nobody"),
    ];
    for (number, (path, name)) in tried.into_iter().enumerate() {
        let before = meter(&stage, HASHES);
        let from = format!("198.51.100.{number}");
        let guess = pair(name, "not the one").at(path);
        let answer = stage.exchange(&guess.with("X-Forwarded-For", &from));
        assert_eq!(meter(&stage, HASHES) - before, 1, "{name}");
        let mut body = answer.expect(401).json();
        body["request_id"] = "any".into();
        body["authenticator"] = "any".into();
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|two| two[0] == two[1]), "{bodies:?}");
}

#[test]
fn what_was_right_a_moment_ago_is_not_hashed_again() {
    let stage = scene();
    let before = meter(&stage, HASHES);
    for _ in 0..20 {
        stage.exchange(&pair("alice", PASSWORD)).expect(200);
        stage.exchange(&pair("reports", SECRET)).expect(200);
    }
    assert_eq!(meter(&stage, HASHES) - before, 2);
    // It is right as long as it is the password, and the account or client is there.
    stage.symbolon.run_with(&["user", "passwd", "alice", "--password-stdin"], "a lamp and a ring");
    stage.exchange(&pair("alice", PASSWORD)).expect(401);
    stage.exchange(&pair("alice", "a lamp and a ring")).expect(200);
    stage.symbolon.run(&["user", "disable", "alice"]);
    stage.exchange(&pair("alice", "a lamp and a ring")).expect(401);
    stage.symbolon.run(&["client", "disable", "reporting"]);
    stage.exchange(&pair("reports", SECRET)).expect(401);
    stage.symbolon.run(&["client", "enable", "reporting"]);
    stage.exchange(&pair("reports", SECRET)).expect(200);
    stage.symbolon.run(&["client", "credential", "remove", "reporting", "basic-1"]);
    stage.exchange(&pair("reports", SECRET)).expect(401);
}

#[test]
fn guesses_are_slowed_down_and_the_right_password_gets_in_from_elsewhere() {
    let stage = scene();
    let guess = |name: &str, number: usize| {
        let guess = pair(name, &format!("a wrong guess, number {number}"));
        let answer = stage.exchange(&guess.with("X-Forwarded-For", "203.0.113.66"));
        if answer.status == 429 {
            let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{answer:?}");
            assert_eq!(answer.json()["code"], "throttled");
        } else {
            assert_eq!(answer.status, 401, "{answer:?}");
        }
        answer.status
    };
    for (name, password) in [("alice", PASSWORD), ("reports", SECRET)] {
        let refused = thread::scope(|scope| {
            let guess = &guess;
            let guesses: Vec<_> =
                (0..40).map(|number| scope.spawn(move || guess(name, number))).collect();
            guesses.into_iter().map(|guess| guess.join().unwrap()).filter(|s| *s == 429).count()
        });
        assert!(refused >= 20, "only {refused} of 40 guesses at `{name}` were turned away");
        let right = pair(name, password).with("X-Forwarded-For", "198.51.100.7");
        stage.exchange(&right).expect(200);
    }
}

/// A program that people have.
/// Else a client's name would be the one that waits for nothing.
#[test]
fn what_was_guessed_at_the_log_in_page_slows_names_of_clients_like_any_others() {
    let stage = scene();
    for name in ["reports", "nobody"] {
        let mut visitor = stage.visitor();
        for guess in 0..14 {
            visitor.try_log_in(name, &format!("guess {guess}")).unwrap();
        }
        let before = now();
        stage.exchange(&pair(name, "guess")).expect(401);
        assert!(before.elapsed().as_millis() >= 800, "{name}: {:?}", before.elapsed());
    }
}

#[test]
fn curl_with_a_user_is_let_in() {
    let stage = scene();
    let curl = |user: &str| {
        let mut command = Command::new("curl");
        let url = format!("http://{}/basic?x=1", stage.symbolon.address);
        command.args(["--silent", "--show-error", "--output", "/dev/null"]);
        command.args(["--write-out", "%{http_code}", "--header", &format!("Host: {HOST}")]);
        let output = run(command.args(["--user", user, &url]), "");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(curl(&format!("alice:{PASSWORD}")), "200");
    assert_eq!(curl(&format!("reports:{SECRET}")), "200");
    assert_eq!(curl("alice:wrong"), "401");
}
