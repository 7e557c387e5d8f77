//! What is judged is what is forwarded.

use std::fmt::Write as _;

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
        ("/public/%21%24%26%27%28%29%2a%2b%2C%3D%3A%40", "/public/!$&'()*+,=:@"),
        ("/public/%3f%23%5b%5D", "/public/%3F%23%5B%5D"),
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

/// What may stand in a segment as it is and otherwise means nothing (RFC 3986 section 3.3); `;` is
/// refused in both spellings.
const STANDS_RAW: &str = "!$&'()*+,=:@";

#[test]
fn an_escape_does_not_lead_around_a_stricter_route() {
    let mut routes = "
  - { name: books, paths: [/v1/books], service: other, authenticate: none }
  - { name: export, paths: [\"~ ^/v1/books/[0-9]+:export$\"], service: api, authenticate: [session] }"
        .to_owned();
    for (number, character) in STANDS_RAW.chars().enumerate() {
        write!(
            routes,
            "\n  - {{ name: strict{number}, paths: [\"= /v1/books/a{character}b\"], service: api, \
             authenticate: [session] }}"
        )
        .unwrap();
    }
    let settings = Settings { routes, ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    for path in ["/v1/books/7:export", "/v1/books/7%3Aexport", "/v1/books/7%3aexport"] {
        stage.exchange(&Request::get(path)).expect(401);
    }
    for character in STANDS_RAW.chars() {
        let code = u32::from(character);
        for spelling in [character.to_string(), format!("%{code:02X}"), format!("%{code:02x}")] {
            let path = format!("/v1/books/a{spelling}b");
            assert_eq!(stage.exchange(&Request::get(&path)).status, 401, "{path}");
        }
    }
    assert_eq!((stage.api.hits(), stage.other.hits()), (0, 0));
    stage.exchange(&Request::get("/v1/books/7%3Aread")).expect(200);
    assert_eq!(stage.other.only_request().target(), "/v1/books/7:read");
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
