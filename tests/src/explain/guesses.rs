//! Whoever may ask for explanations guesses no faster by them than by requests.

use std::fs;
use std::sync::Barrier;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::http::{Request, exchange};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The password of the client `robot`, which stands in the file.
const SECRET: &str = "a password of a machine";

/// How many guesses are made at the same time.
const GUESSES: u8 = 60;

fn scene() -> (Stage, TempDir) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("robot.pw"), SECRET).unwrap();
    let place = folder.path().display();
    let settings = Settings {
        sections: format!(
            "clients:
  robot: {{ credentials: [{{ basic: {{ username: robot, password_file: {place}/robot.pw }} }}] }}"
        ),
        routes: "
  - { name: basic, paths: [/basic], service: api, authenticate: [basic] }"
            .to_owned(),
        ..Settings::default()
    };
    (Stage::set(&settings, Upstream::plain()), folder)
}

fn header(password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("robot:{password}")))
}

/// What `basic` is said to answer to this password, from this address.
fn explained(stage: &Stage, password: &str, source: &str) -> Value {
    let question = json!({
        "method": "GET",
        "url": "/basic",
        "headers": [["Authorization", header(password)]],
        "source": source,
    });
    let host = stage.symbolon.admin.to_string();
    let request = Request::post("/v1/explain").with("Host", &host).json(&question);
    let told = exchange(stage.symbolon.admin, &request).expect(200).json();
    assert!(!told.to_string().contains(SECRET), "{told}");
    told["authenticators"]["asked"][0].clone()
}

#[test]
fn a_password_is_not_guessed_faster_by_explanations() {
    let (stage, _folder) = scene();
    let start = Barrier::new(usize::from(GUESSES));
    let told: Vec<Value> = thread::scope(|scope| {
        let guess = |number: u8| {
            let (stage, start) = (&stage, &start);
            scope.spawn(move || {
                start.wait();
                // Each says that it comes from somewhere else.
                let source = format!("203.0.113.{number}");
                explained(stage, &format!("guess number {number}"), &source)
            })
        };
        let guesses: Vec<_> = (0..GUESSES).map(guess).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let compared = told.iter().filter(|told| told["answer"] == "failed").count();
    let turned_away = told.iter().filter(|told| told["answer"] == "unavailable");
    assert!(compared <= 20, "{compared} guesses were compared: {told:?}");
    for told in turned_away {
        assert_eq!(told["detail"], "too many wrong passwords were tried in explanations");
    }
    // Neither the client nor who explains its right password is shut out by it.
    let right = Request::get("/basic").with("Authorization", &header(SECRET));
    stage.exchange(&right).expect(200);
    assert_eq!(explained(&stage, SECRET, "198.51.100.7")["answer"], "authenticated");
}

#[test]
fn a_right_password_is_explained_as_often_as_asked() {
    let (stage, _folder) = scene();
    for _ in 0..200 {
        assert_eq!(explained(&stage, SECRET, "198.51.100.7")["answer"], "authenticated");
    }
    // What was explained is not known again: the first request hashes, as any first one does.
    let hashes = || {
        let host = stage.symbolon.admin.to_string();
        let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
        let name = "symbolon_password_hashes_total ";
        let count = metrics.text().lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
        count.unwrap_or(0_u64)
    };
    assert_eq!(hashes(), 0);
    let right = Request::get("/basic").with("Authorization", &header(SECRET));
    stage.exchange(&right).expect(200);
    assert_eq!(hashes(), 1);
}
