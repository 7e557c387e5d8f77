//! Secrets with known values, a tour through everything, and then a search: in answers, logs and
//! files (security.md, S6).

use std::fs;

use serde_json::json;

use crate::harness::http::{Request, Response};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{ok, patch, with};

/// The words of the password that alice types wrongly, and the one she changes hers to.
const WRONG: &str = "canary of a wrong guess";
const CHANGED: &str = "canary of a new password";

/// Everything that came back to the client, as text.
#[derive(Default)]
struct Answers(Vec<String>);

impl Answers {
    fn keep(&mut self, answer: Response) -> Response {
        let body = String::from_utf8_lossy(&answer.message.body).into_owned();
        // The one place where a token may stand: the cookie that carries it.
        let fields = answer.headers().iter().filter(|(name, _)| *name != "set-cookie");
        let fields: Vec<String> = fields.map(|(name, value)| format!("{name}: {value}")).collect();
        self.0.push(format!("{}\n{body}", fields.join("\n")));
        answer
    }
}

#[test]
fn no_secret_is_found_outside_its_place() {
    let api = Upstream::answering(|request| {
        let token = request.token().unwrap_or_default();
        match request.target() {
            "/api/leak" => with("200 OK", &[("X-Leak", token), ("Location", token)], "{}"),
            "/api/refused" => {
                let change = patch(&json!({ "forbidden": token }));
                with("200 OK", &[("Symbolon-Session", &change), ("X-Leak", token)], "{}")
            }
            "/api/broken" => format!("HTTP/1.1 {token} broken\r\n\r\n").into_bytes(),
            "/api/garbage" => token.as_bytes().to_vec(),
            _ => ok("{}"),
        }
    });
    let mut stage = Stage::with(api);
    let mut alice = stage.alice();
    let mut answers = Answers::default();
    let mut secrets = vec!["open sesame".to_owned(), WRONG.to_owned(), CHANGED.to_owned()];

    answers.keep(stage.visitor().try_log_in("alice", WRONG).unwrap());
    // The password typed as the name: shown to whoever typed it, and to nobody else.
    stage.visitor().try_log_in("open sesame, please", WRONG).unwrap();
    for target in ["/api/x", "/api/leak", "/api/refused", "/api/broken", "/api/garbage", "/admin/x"]
    {
        answers.keep(alice.get(target));
        answers.keep(alice.open(target));
    }
    let token = alice.token().to_owned();
    for (name, value) in [
        ("Authorization", format!("Bearer {token}x")),
        ("Authorization", format!("Bearer {token} {token}")),
        ("Cookie", format!("symbolon={token}; symbolon={token}")),
        ("Cookie", format!("symbolon={token}garbage")),
        ("X-User", token.clone()),
        ("Host", format!("{token}!")),
        ("Content-Length", format!("{token}!")),
    ] {
        answers.keep(stage.exchange(&Request::get("/api/x").with(name, &value)));
        answers.keep(stage.exchange(&Request::get("/api/x").navigating().with(name, &value)));
    }
    let page = answers.keep(alice.open("/auth/account"));
    let typed = [("current", "open sesame, please"), ("new", CHANGED)];
    answers.keep(alice.submit(&page, "/auth/account/password", &typed).expect(303));
    secrets.extend([token, alice.token().to_owned()]);
    answers.keep(alice.open("/auth/account"));
    alice.log_out();
    secrets.extend(
        stage.api.requests().iter().filter_map(|request| request.token().map(str::to_owned)),
    );

    let log = stage.symbolon.log().clone();
    let access_log = stage.symbolon.access_log().clone();
    assert!(stage.symbolon.stop().success());
    let answers = answers.0.join("\n");
    let logs = [log.to_the_end(), access_log.to_the_end()].concat().join("\n");
    for secret in &secrets {
        assert!(!answers.contains(secret.as_str()), "`{secret}` in an answer:\n{answers}");
        assert!(!logs.contains(secret.as_str()), "`{secret}` in a log:\n{logs}");
    }
    for place in [&answers, &logs] {
        assert!(!place.contains("eyJ"), "something like a JWT:\n{place}");
    }
    assert_files_are_clean(&stage, &secrets);
}

fn assert_files_are_clean(stage: &Stage, secrets: &[String]) {
    let folder = stage.symbolon.folder().join("data");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = fs::read(&path) else { continue };
        for secret in secrets.iter().map(String::as_str).chain(["eyJ"]) {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "`{secret}` in {}", path.display());
        }
    }
}
