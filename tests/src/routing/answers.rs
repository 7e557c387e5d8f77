//! Routes that lead to no service.

use super::with_routes;
use crate::harness::http::Request;

const ROUTES: &str = "
  - { name: moved, paths: [\"~ ^/old/(.*)$\"], authenticate: none, redirect: { to: \"/new/$1\", status: 308 } }
  - { name: away, paths: [/away], authenticate: none, redirect: { to: \"https://new.example${path}\" } }
  - { name: up, paths: [\"= /up\"], authenticate: none, respond: { body: \"up\\n\" } }
  - name: closed
    paths: [/closed]
    authenticate: [session]
    respond: { status: 503, body: \"{}\", content_type: application/json }
    response_headers: { set: { retry-after: \"120\" } }";

#[test]
fn a_redirect_says_where_to_go() {
    let stage = with_routes(ROUTES);
    let location = |target: &str, status| {
        let answer = stage.exchange(&Request::get(target)).expect(status);
        assert_eq!(answer.text(), "");
        answer.header("location").unwrap().to_owned()
    };
    assert_eq!(location("/old/a/b?c=d", 308), "/new/a/b?c=d");
    assert_eq!(location("/away/x", 302), "https://new.example/away/x");
    let post = stage.exchange(&Request::post("/old/a").body(b"body")).expect(308);
    assert_eq!(post.header("location"), Some("/new/a"));
    assert_eq!(stage.api.hits() + stage.other.hits(), 0);
}

#[test]
fn no_request_bends_a_redirect_to_another_site() {
    let stage = with_routes(
        "
  - { name: bend, paths: [\"~ ^/bend(.*)$\"], authenticate: none, redirect: { to: \"/$1\" } }",
    );
    for target in ["/bend//evil.example", "/bend/evil.example", "/bend/%5cevil.example"] {
        let answer = stage.exchange(&Request::get(target)).expect(400);
        assert_eq!(answer.header("location"), None, "{target}");
    }
    let answer = stage.exchange(&Request::get("/bender")).expect(302);
    assert_eq!(answer.header("location"), Some("/er"));
}

#[test]
fn a_fixed_answer_is_given_to_whoever_may_have_it() {
    let stage = with_routes(ROUTES);
    let up = stage.exchange(&Request::get("/up")).expect(200);
    assert_eq!(up.text(), "up\n");
    assert_eq!(up.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(up.header("x-request-id").is_some());
    let head = stage.exchange(&Request::new("HEAD", "/up")).expect(200);
    assert_eq!(head.header("content-length"), Some("3"));
    let line = stage
        .symbolon
        .access_log()
        .wait_for("the line", |line| line.contains("\"route\":\"up\"").then(|| line.to_owned()));
    assert!(line.contains("\"service\":\"\""), "{line}");
    stage.exchange(&Request::get("/closed")).expect(401);
    let mut alice = stage.alice();
    let closed = alice.get("/closed").expect(503);
    assert_eq!((closed.text(), closed.header("retry-after")), ("{}", Some("120")));
    assert_eq!(closed.header("content-type"), Some("application/json"));
}
