//! A page of another origin, in a real browser: what its scripts can do is what the route's `cors`
//! says.

use std::net::SocketAddr;

use super::driver::{Browser, Scripts, is_skipped};
use crate::harness::reserved::Reserved;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::with;

/// What a script gets of an answer, or `blocked`.
fn fetch(browser: &Browser, site: &str, path: &str, options: &str) -> String {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         fetch('{site}{path}', {options}).then(
             answer => done(`${{answer.status}} ${{answer.headers.get('etag')}} \
                             ${{answer.headers.get('x-other')}}`),
             () => done('blocked'));"
    );
    browser.wait_for(&script).as_str().unwrap().to_owned()
}

fn stage(address: SocketAddr, app: SocketAddr) -> Stage {
    let routes = format!(
        "
  - name: shared
    paths: [/shared]
    methods: [GET, PUT]
    service: api
    authenticate: [session]
    cors:
      origins: [\"http://{app}\"]
      headers: [x-allowed, content-type]
      expose: [etag]
      credentials: true
  - name: strangers
    paths: [/strangers]
    service: api
    authenticate: none
    cors: {{ origins: [\"https://app.example\"] }}
  - name: open
    paths: [/open]
    service: api
    authenticate: none
    cors: {{ origins: [\"*\"] }}"
    );
    let api =
        Upstream::answering(|_| with("200 OK", &[("ETag", "\"1\""), ("X-Other", "hidden")], "{}"));
    let settings = Settings {
        address: address.to_string(),
        public_url: format!("http://{address}"),
        routes,
        ..Settings::default()
    };
    Stage::set(&settings, api)
}

#[test]
fn a_page_of_another_origin_can_do_what_the_route_says() {
    if is_skipped() {
        return;
    }
    let page = || with("200 OK", &[("Content-Type", "text/html")], "<title>app</title>");
    let app = Upstream::answering(move |_| page());
    // The browser names the address, so the public URL has to be that.
    let reserved = Reserved::new();
    let address = reserved.address;
    let site = format!("http://{address}");
    let stage = stage(address, app.address);
    stage.symbolon.add_user("alice", &[]);
    let browser = Browser::start(Scripts::Run);
    browser.open(&format!("{site}/auth/login?return_to=/shared/x"));
    browser.write("#username", "alice");
    browser.write("#password", "open sesame, please");
    browser.follow("#login");
    browser.open(&format!("http://{}/", app.address));
    let fetch = |path, options| fetch(&browser, &site, path, options);

    let put = "{ method: 'PUT', credentials: 'include', body: '{}',
                 headers: { 'content-type': 'application/json', 'x-allowed': '1' } }";
    assert_eq!(fetch("/shared/put", put), "200 \"1\" null");
    let received = stage.api.last_request();
    assert_eq!((received.method(), received.target()), ("PUT", "/shared/put"));
    assert_eq!(received.claims()["sub"], "alice");
    // A refusal can be read.
    assert_eq!(fetch("/shared/x", "{ credentials: 'omit' }"), "401 null null");

    let before = stage.api.hits();
    let other_header = "{ credentials: 'include', headers: { 'x-forbidden': '1' } }";
    assert_eq!(fetch("/shared/x", other_header), "blocked");
    assert_eq!(fetch("/shared/x", "{ method: 'DELETE', credentials: 'include' }"), "blocked");
    assert_eq!(fetch("/strangers", "{ method: 'PUT' }"), "blocked");
    assert_eq!(stage.api.hits(), before, "a service saw what the browser asked about first");
    // What needs no question is made, and its answer kept from the page.
    assert_eq!(fetch("/strangers", "{}"), "blocked");
    assert_eq!(fetch("/public/x", "{}"), "blocked");
    assert_eq!(fetch("/open", "{}"), "200 null null");
    assert_eq!(fetch("/open", "{ credentials: 'include' }"), "blocked");
}
