//! What a browser makes of the pages: names for everything, no scripts, nothing from elsewhere.

use super::driver::{Browser, Scripts, is_skipped};
use crate::demo::running::Demo;

#[test]
fn everything_on_the_pages_has_a_name() {
    if is_skipped() {
        return;
    }
    let demo = Demo::start();
    let browser = Browser::start(Scripts::Run);
    let site = format!("http://{}", demo.address);
    browser.open(&format!("{site}/auth/login"));
    for (selector, role, label) in [
        ("#username", "textbox", "name"),
        ("#login", "button", "log in"),
        ("#password", "textbox", "password"),
    ] {
        assert_eq!(browser.computed(selector, "role"), role, "{selector}");
        let name = browser.computed(selector, "label").to_lowercase();
        assert!(name.contains(label), "{selector} is called `{name}`");
    }
    assert_eq!(browser.run("return document.documentElement.lang"), "en");
    assert_eq!(browser.run("return document.scripts.length"), 0);
    assert_eq!(browser.run("return document.querySelectorAll('h1').length"), 1);
    let loaded = browser.run(
        "return performance.getEntriesByType('resource').map(entry => entry.name)
             .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:'))",
    );
    assert_eq!(loaded, serde_json::json!([]));
    // The style sheet was loaded and is applied.
    let font = browser.run("return getComputedStyle(document.querySelector('#login')).cursor");
    assert_eq!(font, "pointer");

    browser.write("#username", "alice");
    browser.write("#password", "open sesame, please");
    browser.follow("#login");
    browser.open(&format!("{site}/auth/account"));
    let nameless = browser.run(
        "return [...document.querySelectorAll('button, input:not([type=hidden]):not(.hidden)')]
             .filter(control => !control.textContent.trim() && !control.labels?.length)
             .map(control => control.outerHTML)",
    );
    assert_eq!(nameless, serde_json::json!([]));
}
