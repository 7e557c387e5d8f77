//! What could tell a foreign page something by its length (BREACH), and what must not leave at all.

use super::{accepting, curl, stage, text};
use crate::harness::http::Request;
use crate::harness::upstream::{Upstream, answer};

fn html(body: &str) -> Vec<u8> {
    answer::with("200 OK", &[("Content-Type", "text/html")], body)
}

#[test]
fn an_answer_to_a_cookie_is_compressed_for_a_page_of_the_same_origin_only() {
    let stage = stage("", Upstream::answering(|_| html(&text())));
    let alice = stage.alice();
    let is_compressed = |request: Request| {
        let answer = stage.exchange(&request.with("Accept-Encoding", "gzip")).expect(200);
        answer.header("content-encoding") == Some("gzip")
    };
    let own = |site: &str| Request::get("/mine/x").with("Sec-Fetch-Site", site);
    for site in ["cross-site", "same-site", "none", "nonsense"] {
        assert!(!is_compressed(alice.dress(own(site))), "{site}");
    }
    assert!(!is_compressed(alice.dress(Request::get("/mine/x"))));
    assert!(is_compressed(alice.dress(own("same-origin"))));
    assert!(!is_compressed(alice.dress(own("same-origin").with("Sec-Fetch-Site", "same-origin"))));
    // Cookies of the service itself, and what browsers keep for `Basic`, are no different.
    for (name, value) in [("Cookie", "theirs=1"), ("Authorization", "Basic YTpi")] {
        let request = || Request::get("/zip/x").with(name, value);
        assert!(!is_compressed(request()), "{name}");
        assert!(is_compressed(request().with("Sec-Fetch-Site", "same-origin")), "{name}");
    }
    // No page makes a browser send a bearer token that it does not have.
    let token = alice.cookie("symbolon").unwrap();
    let bearer = Request::get("/mine/x").with("Authorization", &format!("Bearer {token}"));
    assert!(is_compressed(bearer));
    assert!(is_compressed(Request::get("/zip/x")));
}

#[test]
fn the_internal_token_is_struck_out_before_the_answer_is_compressed() {
    let api = Upstream::answering(|request| {
        html(&format!("{}{}", text(), request.token().unwrap_or("none")))
    });
    let stage = stage("", api);
    let alice = stage.alice();
    let cookie = format!("Cookie: symbolon={}", alice.cookie("symbolon").unwrap());
    for encoding in ["br", "gzip"] {
        let accept = format!("Accept-Encoding: {encoding}");
        let site = "Sec-Fetch-Site: same-origin";
        let arguments = ["--include", "-H", &cookie, "-H", &accept, "-H", site];
        let said = curl(&stage, "/mine/x", &arguments);
        assert!(said.contains(&format!("content-encoding: {encoding}")), "{}", &said[..400]);
        let token = stage.api.last_request().token().unwrap().to_owned();
        assert!(said.ends_with(&"*".repeat(token.len())), "{}", &said[said.len() - 400..]);
        assert!(!said.contains("eyJ"));
    }
    let answer = stage.exchange(&accepting("/zip/x", "gzip")).expect(200);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
}
