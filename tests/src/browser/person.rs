//! Somebody who logs in, looks at their account and logs out: with scripts and without.

use super::driver::{Browser, Scripts, is_skipped};
use crate::demo::running::Demo;

#[test]
fn a_person_logs_in_and_out() {
    if !is_skipped() {
        visit(Scripts::Run);
    }
}

#[test]
fn a_person_without_javascript_logs_in_and_out() {
    if !is_skipped() {
        visit(Scripts::Off);
    }
}

fn visit(scripts: Scripts) {
    let demo = Demo::start();
    let browser = Browser::start(scripts);
    check_scripts(&browser, scripts);
    let site = format!("http://{}", demo.address);
    browser.open(&format!("{site}/profile"));
    assert_eq!(browser.url(), format!("{site}/auth/login?return_to=/profile"));
    assert!(browser.title().starts_with("Log in"), "{}", browser.title());

    browser.write("#username", "alice");
    browser.write("#password", "not the password at all");
    browser.follow("#login");
    assert!(browser.text("#error").contains("not right"), "{}", browser.text("#error"));
    // The name is still there, the password is not.
    browser.write("#password", "open sesame, please");
    browser.follow("#login");
    assert_eq!(browser.url(), format!("{site}/profile"));
    assert!(browser.text("body").contains("alice"));
    check_cookie(&browser, scripts);

    browser.open(&format!("{site}/auth/account"));
    assert!(browser.title().starts_with("Your account"), "{}", browser.title());
    assert_eq!(browser.count("#sessions > li"), 1);
    assert!(browser.text("#sessions").contains("Chrom"), "{}", browser.text("#sessions"));
    browser.follow("#logout");
    assert!(browser.text("#notice").contains("logged out"), "{}", browser.text("#notice"));
    assert!(browser.cookies().iter().all(|cookie| cookie["name"] != "symbolon"));
    browser.open(&format!("{site}/profile"));
    assert!(browser.url().starts_with(&format!("{site}/auth/login")), "{}", browser.url());
    check_complaints(&browser);
}

/// Otherwise a browser that ignores its settings would pass for one without scripts.
fn check_scripts(browser: &Browser, scripts: Scripts) {
    browser.open("data:text/html,<p>off</p><script>document.body.textContent='run'</script>");
    let expected = if scripts == Scripts::Run { "run" } else { "off" };
    assert_eq!(browser.text("body"), expected);
}

fn check_cookie(browser: &Browser, scripts: Scripts) {
    let cookies = browser.cookies();
    let cookie = cookies.iter().find(|cookie| cookie["name"] == "symbolon").unwrap();
    assert_eq!(cookie["httpOnly"], true, "{cookie}");
    assert_eq!(cookie["sameSite"], "Lax", "{cookie}");
    assert_eq!(cookie["path"], "/", "{cookie}");
    assert!(cookie["expiry"].is_null(), "it outlives the browser: {cookie}");
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    if scripts == Scripts::Run {
        assert_eq!(browser.run("return document.cookie"), "");
    }
}

/// The browser names refused answers in its log; everything else would be our mistake.
fn check_complaints(browser: &Browser) {
    for complaint in browser.complaints() {
        if complaint["level"] == "INFO" {
            continue;
        }
        let text = complaint["message"].as_str().unwrap();
        assert!(text.contains("Failed to load resource"), "{complaint}");
        assert!(text.contains("422") || text.contains("favicon"), "{complaint}");
    }
}
