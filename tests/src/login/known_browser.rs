//! What a browser keeps of a log-in: strangers' guesses do not slow it any more.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn the_cookie_of_a_known_browser_goes_to_our_pages_only() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor();
    let answer = alice.log_in("alice");
    let line = answer.set_cookie("symbolon-browser").unwrap();
    for attribute in ["; Path=/auth", "; HttpOnly", "; SameSite=Strict", "; Max-Age=2592000"] {
        assert!(line.contains(attribute), "{line}");
    }
    assert!(!line.contains("alice") && !line.contains("Secure"), "{line}");
    // A program may send it everywhere; no service sees it.
    alice.get("/api/x").expect(200);
    assert_eq!(stage.api.only_request().headers().get("cookie"), None);
    // It is no session, and stays after one.
    alice.log_out();
    let kept = alice.cookie("symbolon-browser").unwrap();
    let request = Request::get("/api/x").with("Cookie", &format!("symbolon-browser={kept}"));
    stage.exchange(&request).expect(401);
}

#[test]
fn the_cookie_of_a_known_browser_is_secure_where_there_is_tls() {
    let settings = Settings { public_url: "https://shop.test".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor().at_origin("https://shop.test");
    let answer = alice.log_in("alice");
    let line = answer.set_cookie("__Secure-symbolon-browser").unwrap();
    assert!(line.contains("; Secure") && !line.to_lowercase().contains("domain"), "{line}");
}
