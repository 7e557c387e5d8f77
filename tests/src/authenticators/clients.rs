//! Clients come, change and go while requests are answered: every change holds from the next
//! request on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::table::{add_basic, add_client, add_key};
use crate::harness::http::Request;
use crate::harness::patience::{Over, eventually};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

const ROUTES: &str = "
  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key, basic] }
  - name: staff
    paths: [/staff]
    service: api
    authenticate: [api_key]
    authorize: { any_group: [staff] }";

/// How many credentials are taken away under load.
const ROUNDS: usize = 12;

fn scene() -> Stage {
    stage("", Upstream::plain())
}

fn stage(sections: &str, api: Upstream) -> Stage {
    let (sections, routes) = (sections.to_owned(), ROUTES.to_owned());
    Stage::set(&Settings { sections, routes, ..Settings::default() }, api)
}

fn asking(key: &str) -> Request {
    Request::get("/keyed").with("apikey", key)
}

#[test]
fn every_change_holds_from_the_next_request_on() {
    let stage = scene();
    let symbolon = &stage.symbolon;
    add_client(symbolon, "robot");
    let key = add_key(symbolon, "robot", &[]);
    let mut connection = stage.connect();
    let mut claims = || {
        connection.exchange(&asking(&key)).expect(200);
        stage.api.last_request().claims()
    };
    assert_eq!(claims()["groups"], json!(["machines"]));
    for (words, claim, value) in [
        (&["groups", "robot", "staff", "night"][..], "groups", json!(["staff", "night"])),
        (&["roles", "robot", "customer"], "roles", json!(["customer"])),
        (
            &["scopes", "robot", "orders:read", "orders:write"],
            "scope",
            json!("orders:read orders:write"),
        ),
        (&["groups", "robot", "--none"], "groups", Value::Null),
    ] {
        symbolon.run(&[&["client"], words].concat());
        assert_eq!(claims()[claim], value, "{words:?}");
    }
    let mut connection = stage.connect();
    let mut status =
        |path: &str| connection.exchange(&Request::get(path).with("apikey", &key)).status;
    // Who is unknown is asked who they are; who is known and lacks a group is not.
    stage.exchange(&Request::get("/staff")).expect(401);
    stage.exchange(&Request::get("/staff").with("X-Consumer-Groups", "staff")).expect(401);
    assert_eq!(status("/staff"), 403);
    symbolon.run(&["client", "groups", "robot", "staff"]);
    assert_eq!(status("/staff"), 200);
    symbolon.run(&["client", "groups", "robot", "machines"]);
    assert_eq!(status("/staff"), 403);
    symbolon.run(&["client", "disable", "robot"]);
    assert_eq!(status("/keyed"), 401);
    symbolon.run(&["client", "enable", "robot"]);
    assert_eq!(status("/keyed"), 200);
    symbolon.run(&["client", "credential", "remove", "robot", "api-key-1"]);
    assert_eq!(status("/keyed"), 401);
    let second = add_key(symbolon, "robot", &[]);
    stage.exchange(&asking(&second)).expect(200);
    symbolon.run(&["client", "remove", "robot"]);
    stage.exchange(&asking(&second)).expect(401);
    // A client of the same name is another one.
    add_client(symbolon, "robot");
    stage.exchange(&asking(&second)).expect(401);
}

#[test]
fn a_key_is_replaced_with_an_overlap() {
    let stage = scene();
    let symbolon = &stage.symbolon;
    add_client(symbolon, "robot");
    let old = add_key(symbolon, "robot", &[]);
    let rotate = |overlap: &str, of: &str| {
        let words = ["client", "credential", "rotate", "robot", of, "--overlap", overlap];
        symbolon.run(&words).trim().to_owned()
    };
    let new = rotate("24h", "api-key-1");
    stage.exchange(&asking(&old)).expect(200);
    stage.exchange(&asking(&new)).expect(200);
    let newest = rotate("0s", "api-key-2");
    stage.exchange(&asking(&new)).expect(401);
    stage.exchange(&asking(&newest)).expect(200);
    stage.exchange(&asking(&old)).expect(200);
}

#[test]
fn what_is_listed_is_everything_but_secrets() {
    let mut stage = stage(
        "clients:
  of-file:
    groups: [night]
    credentials: [{ mtls: { san: robot.example } }]",
        Upstream::plain(),
    );
    let symbolon = &stage.symbolon;
    let facts =
        ["--role", "customer", "--scope", "a:b", "--label", "team=blue", "--custom-id", "7"];
    symbolon.run(&[&["client", "add", "robot", "--group", "machines"], &facts[..]].concat());
    let key = add_key(symbolon, "robot", &["--expires-at", "2100-01-01T00:00:00Z"]);
    let password = "a password of a machine";
    add_basic(symbolon, "robot", "robo", password);
    let made = symbolon.run(&["client", "credential", "add", "robot", "hmac", "--key-id", "h"]);
    let secret = "a shared secret of thirty-two by";
    let jwt = ["client", "credential", "add", "robot", "jwt", "--key", "j", "--algorithm", "HS256"];
    symbolon.run_with(&[&jwt[..], &["--secret-stdin"]].concat(), secret);
    stage.exchange(&asking(&key)).expect(200);
    let listed = symbolon.list(&["client", "list"]);
    let [of_file, robot] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&of_file["name"], &of_file["source"]), (&json!("of-file"), &json!("file")));
    assert_eq!(of_file["credentials"][0]["shown"], "san:robot.example");
    assert_eq!((&robot["source"], &robot["enabled"]), (&json!("store"), &json!(true)));
    assert_eq!(robot["labels"], json!({ "team": "blue" }));
    assert_eq!((&robot["custom_id"], &robot["scopes"]), (&json!("7"), &json!(["a:b"])));
    let kinds: Vec<&Value> =
        robot["credentials"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["api_key", "basic", "hmac", "jwt"]);
    let first = &robot["credentials"][0];
    assert_eq!((&first["id"], &first["expired"]), (&json!("api-key-1"), &json!(false)));
    assert_eq!(first["expires_at"], "2100-01-01T00:00:00Z");
    assert!(first["last_used"].is_string(), "{first}");
    assert!(robot["credentials"][1]["last_used"].is_null());
    // Neither in what is listed, nor in what is logged, nor in the files.
    let mut everything = format!("{listed:?}{}", symbolon.run(&["client", "list"]));
    everything += &symbolon.run(&["client", "show", "robot"]);
    everything += &symbolon.log().all().join("\n");
    everything += &symbolon.access_log().all().join("\n");
    assert_eq!(stage.symbolon.stop().code(), Some(0));
    for file in ["symbolon.db", "symbolon.db-wal"] {
        let bytes = std::fs::read(stage.symbolon.folder().join("data").join(file));
        everything += &String::from_utf8_lossy(&bytes.unwrap_or_default());
    }
    for secret in [&key, password, made.trim(), secret] {
        assert!(!everything.contains(secret), "`{secret}` stands somewhere");
    }
    // Without a server, and after it: what was used was written.
    let listed = stage.symbolon.list(&["client", "list"]);
    assert!(listed[1]["credentials"][0]["last_used"].is_string(), "{listed:?}");
    stage.symbolon.run(&["client", "disable", "robot"]);
    stage.symbolon.start_again();
    stage.exchange(&asking(&key)).expect(401);
}

#[test]
fn what_is_wrong_is_told() {
    let stage = stage("clients: { of-file: {} }", Upstream::plain());
    let symbolon = &stage.symbolon;
    add_client(symbolon, "robot");
    add_client(symbolon, "other");
    add_basic(symbolon, "robot", "robo", "a password of a machine");
    let add = |kind: &[&str], input: &str| {
        let words = [&["client", "credential", "add", "other"], kind].concat();
        symbolon.command(&words, input)
    };
    let plain = |words: &[&str]| symbolon.command(words, "");
    let jwt = |algorithm| ["jwt", "--key", "j", "--algorithm", algorithm, "--secret-stdin"];
    let basic = ["basic", "--username", "robo", "--password-stdin"];
    for (output, code, says) in [
        (plain(&["client", "add", "robot"]), 1, "client `robot` exists already"),
        (plain(&["client", "add", "of-file"]), 1, "stands in the configuration file"),
        (plain(&["client", "disable", "of-file"]), 1, "stands in the configuration file"),
        (plain(&["client", "add", "no name"]), 2, "may hold only"),
        (plain(&["client", "add", "symbolon"]), 1, "belongs to the pages of this system"),
        (plain(&["client", "remove", "nobody"]), 1, "there is no client `nobody`"),
        (plain(&["client", "show", "nobody"]), 1, "there is no client `nobody`"),
        (plain(&["client", "groups", "robot"]), 2, "required"),
        (
            plain(&["client", "credential", "remove", "robot", "x"]),
            1,
            "there is no credential `x` of client `robot`",
        ),
        (
            plain(&["client", "credential", "rotate", "robot", "basic-1"]),
            1,
            "only API keys are made anew",
        ),
        (add(&basic, "another long password"), 1, "client `robot` has this credential already"),
        (add(&basic, "short"), 1, "at least 15 characters"),
        (add(&["api-key", "--expires-at", "2020-01-01T00:00:00Z"], ""), 1, "would be over already"),
        (add(&["hmac", "--key-id", "k", "--secret-stdin"], "short"), 1, "the key cannot be used"),
        (add(&["mtls", "--fingerprint", "12"], ""), 1, "64 hexadecimal digits"),
        (add(&jwt("none"), "a secret"), 1, "no algorithm"),
        (add(&jwt("HS256"), "a secret"), 1, "at least 32 bytes"),
        (add(&jwt("RS256"), "a secret of thirty-two characters"), 1, "a public key as PEM"),
        (add(&jwt("HS256"), "-----BEGIN PUBLIC KEY-----\nthe key of another"), 1, "shared secret"),
    ] {
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(said.contains(says) && output.status.code() == Some(code), "{says}: {output:?}");
    }
}

#[test]
fn what_the_file_comes_to_name_is_the_files() {
    let settings = |sections: &str| Settings {
        sections: sections.to_owned(),
        routes: ROUTES.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings(""), Upstream::plain());
    add_client(&stage.symbolon, "robot");
    let key = add_key(&stage.symbolon, "robot", &[]);
    stage.exchange(&asking(&key)).expect(200);
    let named = settings("clients: { robot: {} }").yaml(stage.api.address, stage.other.address);
    stage.symbolon.write_config(&named);
    stage.symbolon.program().signal("HUP");
    stage.symbolon.log().wait_for("why", |line| {
        line.contains("the configuration names this client too").then_some(())
    });
    stage.exchange(&asking(&key)).expect(401);
    let listed = stage.symbolon.list(&["client", "list"]);
    let shadowed: Vec<&Value> = listed.iter().map(|row| &row["shadowed"]).collect();
    assert_eq!(shadowed, [&json!(false), &json!(true)]);
}

/// No request that starts after the answer is let in.
#[test]
fn a_removal_under_load_is_effective_on_the_next_request() {
    let api = Upstream::forgetful(|peer| {
        while peer.request().is_some() {
            peer.write(&ok("{}"));
        }
    });
    let stage = stage("workers: 2", api);
    let symbolon = &stage.symbolon;
    let (served, refused, late) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    for round in 0..ROUNDS {
        add_client(symbolon, "robot");
        let key = add_key(symbolon, "robot", &[]);
        let (is_gone, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            let _over = Over(&is_over);
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut connection = stage.connect();
                    let request = asking(&key);
                    while !is_over.load(Ordering::SeqCst) {
                        // Read before the request begins.
                        let was_gone = is_gone.load(Ordering::SeqCst);
                        match connection.exchange(&request).status {
                            200 if was_gone => late.fetch_add(1, Ordering::SeqCst),
                            200 => served.fetch_add(1, Ordering::SeqCst),
                            401 | 429 => refused.fetch_add(1, Ordering::SeqCst),
                            other => panic!("{other}"),
                        };
                    }
                });
            }
            let before = served.load(Ordering::SeqCst);
            eventually("requests", || {
                (served.load(Ordering::SeqCst) >= before + 100).then_some(())
            });
            match round % 3 {
                0 => symbolon.run(&["client", "credential", "remove", "robot", "api-key-1"]),
                1 => symbolon.run(&["client", "disable", "robot"]),
                _ => symbolon.run(&["client", "remove", "robot"]),
            };
            is_gone.store(true, Ordering::SeqCst);
            let before = refused.load(Ordering::SeqCst);
            eventually("refusals", || {
                let is_late = late.load(Ordering::SeqCst) > 0;
                (is_late || refused.load(Ordering::SeqCst) >= before + 100).then_some(())
            });
        });
        if round % 3 != 2 {
            symbolon.run(&["client", "remove", "robot"]);
        }
    }
    let [served, refused, late] =
        [&served, &refused, &late].map(|count| count.load(Ordering::SeqCst));
    println!("{ROUNDS} removals: {served} served before, {refused} refused, {late} let in after");
    assert_eq!(late, 0, "let in after the answer");
}
