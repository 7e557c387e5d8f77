//! What is judged is what is forwarded.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn the_canonical_form_is_forwarded() {
    let stage = Stage::plain();
    for (sent, forwarded) in [
        ("/public/%41%7e", "/public/A~"),
        ("/%70ublic/x", "/public/x"),
        ("/public/%e4%bd%a0", "/public/%E4%BD%A0"),
        ("/public/a%20b", "/public/a%20b"),
        ("/public/x/", "/public/x/"),
        ("/public", "/public"),
        ("/public/x?", "/public/x?"),
        ("/public/x?a=/../b;c=%2f//[]", "/public/x?a=/../b;c=%2f//[]"),
        ("/public/.well-known/...", "/public/.well-known/..."),
        ("/public/x:y@z!$&'()*+,=", "/public/x:y@z!$&'()*+,="),
    ] {
        stage.exchange(&Request::get(sent)).expect(200);
        assert_eq!(stage.api.last_request().target(), forwarded, "{sent}");
    }
}

#[test]
fn an_escaped_letter_does_not_lead_around_a_rule() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    for path in ["/admin", "/admin/x", "/%61dmin", "/adm%69n/x", "/%61%64%6d%69%6e"] {
        assert_eq!(alice.get(path).status, 403, "{path}");
        stage.exchange(&Request::get(path)).expect(401);
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn paths_are_compared_by_whole_segments_and_with_case() {
    let stage = Stage::plain();
    for path in ["/publication", "/publi", "/Public", "/PUBLIC/x", "/", "/public%20", "/x/public"] {
        stage.exchange(&Request::get(path)).expect(404);
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn the_more_exact_route_wins() {
    let routes = "
  - { name: exact, paths: [\"= /public/exact\"], service: other, authenticate: none }
  - { name: longer, paths: [/public/deep], service: other, authenticate: none }
  - { name: regex, paths: [\"~ ^/v[0-9]+/\"], service: other, authenticate: none }";
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    for (path, is_for_other) in [
        ("/public/exact", true),
        ("/public/exact/x", false),
        ("/public/exac%74", true),
        ("/public/deep", true),
        ("/public/deep/x", true),
        ("/public/deeper", false),
        ("/v12/x", true),
    ] {
        let before = stage.other.hits();
        stage.exchange(&Request::get(path)).expect(200);
        assert_eq!(stage.other.hits() > before, is_for_other, "{path}");
    }
    stage.exchange(&Request::get("/vx/x")).expect(404);
}
