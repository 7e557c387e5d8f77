//! A page that talks to a service over a WebSocket, through the gateway, as the person who is
//! logged in.

use super::driver::{Browser, Scripts, is_skipped};
use crate::harness::reserved::Reserved;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::with;

const TALK: &str = "
    const done = arguments[arguments.length - 1];
    const socket = new WebSocket(`ws://${location.host}/api/socket`);
    const heard = [];
    socket.onopen = () => socket.send('one');
    socket.onerror = () => done('refused');
    socket.onmessage = event => {
        heard.push(event.data);
        heard.length < 3 ? socket.send(event.data + '!') : socket.close();
    };
    socket.onclose = event => done(heard.join(' ') + ' ' + event.wasClean);";

#[test]
fn a_page_talks_to_a_service() {
    if is_skipped() {
        return;
    }
    let api = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            if request.headers().has("upgrade") {
                return peer.echo_messages(&request);
            }
            peer.write(&with("200 OK", &[("Content-Type", "text/html")], "<title>page</title>"));
        }
    });
    // The browser names the address, so the public URL has to be that.
    let reserved = Reserved::new();
    let address = reserved.address;
    let site = format!("http://{address}");
    let settings =
        Settings { address: address.to_string(), public_url: site.clone(), ..Settings::default() };
    let stage = Stage::set(&settings, api);
    stage.symbolon.add_user("alice", &[]);

    let browser = Browser::start(Scripts::Run);
    browser.open(&format!("{site}/public/page"));
    assert_eq!(browser.wait_for(TALK), "refused");
    browser.open(&format!("{site}/auth/login?return_to=/public/page"));
    browser.write("#username", "alice");
    browser.write("#password", "open sesame, please");
    browser.follow("#login");
    assert_eq!(browser.title(), "page");
    assert_eq!(browser.wait_for(TALK), "one one! one!! true");
    assert_eq!(stage.api.last_request().claims()["sub"], "alice");
}
