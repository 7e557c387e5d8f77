//! What the page of the documentation shows works as it stands there.

use std::fs;
use std::process::Command;

use super::scene::SECRET;
use crate::harness::program;
use crate::harness::stage::Stage;
use crate::harness::surroundings;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

/// The first block of a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_shell_of_the_page_signs_for_its_configuration() {
    let page = surroundings::repository().join("docs/authenticators/hmac.md");
    let page = fs::read_to_string(page).unwrap();
    let (api, folder) = (Upstream::plain(), tempfile::TempDir::new().unwrap());
    fs::write(folder.path().join("reporting.key"), SECRET).unwrap();
    let yaml = block(&page, "yaml")
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("http://127.0.0.1:9001", &format!("http://{}", api.address))
        .replace("secrets/reporting.key", folder.path().join("reporting.key").to_str().unwrap())
        + "admin: { address: 127.0.0.1:0 }\nstore: { url: \"sqlite:FOLDER/symbolon.db\" }\n";
    let other = Upstream::plain();
    let stage = Stage { symbolon: Symbolon::start(&yaml), api, other };
    let script = block(&page, "sh")
        .replace("https://shop.example.com", &format!("http://{}", stage.symbolon.address))
        .replace("curl ", "curl -sS -H 'Host: shop.example.com' ");
    let mut shell = Command::new("sh");
    let output = program::run(shell.args(["-ec", &script]).env("SECRET", SECRET), "");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stage.api.only_request().claims()["client_id"], "reporting", "{output:?}");
}
