//! Pictures of every page, light, dark and on a phone; and that none of them needs scrolling to
//! the side.

use std::fs;

use serde_json::json;

use super::driver::{Browser, Scripts, is_skipped};
use crate::demo::running::Demo;
use crate::harness::surroundings::target;

/// Name, width and height in pixels, and the colour scheme.
const LOOKS: [(&str, u32, u32, &str); 3] =
    [("light", 1100, 820, "light"), ("dark", 1100, 820, "dark"), ("phone", 390, 844, "light")];

#[test]
fn every_page_fits_every_screen() {
    if is_skipped() {
        return;
    }
    let demo = Demo::start();
    let browser = Browser::start(Scripts::Run);
    let site = format!("http://{}", demo.address);
    browser.open(&format!("{site}/"));
    picture(&browser, "tour");
    browser.open(&format!("{site}/auth/login"));
    picture(&browser, "login");
    browser.write("#username", "alice");
    browser.write("#password", "wrong");
    browser.follow("#login");
    picture(&browser, "login-refused");
    browser.write("#password", "open sesame, please");
    browser.follow("#login");
    demo.person("alice");
    browser.open(&format!("{site}/"));
    picture(&browser, "tour-logged-in");
    browser.open(&format!("{site}/auth/account"));
    picture(&browser, "account");
    browser.open(&format!("{site}/auth/logout"));
    picture(&browser, "logout");
    browser.open(&format!("{site}/admin"));
    picture(&browser, "forbidden");
    browser.open(&format!("{site}/nowhere"));
    picture(&browser, "not-found");
    browser.open(&format!("{site}/auth/nowhere"));
    picture(&browser, "auth-not-found");
}

/// Takes the page in each look, the whole height of it.
fn picture(browser: &Browser, page: &str) {
    let folder = target().join("screenshots");
    fs::create_dir_all(&folder).unwrap();
    for (look, width, height, scheme) in LOOKS {
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        browser.command("Emulation.setEmulatedMedia", &json!({ "features": scheme }));
        let resize = |height: u64| {
            let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
                               "mobile": look == "phone" });
            browser.command("Emulation.setDeviceMetricsOverride", &size);
        };
        resize(height.into());
        let whole = browser.run("return document.documentElement.scrollHeight");
        resize(whole.as_u64().unwrap().clamp(height.into(), 3000));
        let too_wide = browser.run("return document.documentElement.scrollWidth - innerWidth");
        assert!(too_wide.as_i64().unwrap() <= 0, "{page} is {too_wide} px too wide on {look}");
        let picture = browser.screenshot();
        fs::write(folder.join(format!("{page}-{look}.png")), picture).unwrap();
    }
}
