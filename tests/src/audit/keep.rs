//! Old records are cut off, and what is left is whole.

use serde_json::json;

use super::{records, wait_for};
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn nothing_is_cut_that_is_young_enough() {
    let settings = Settings { sections: "audit: { keep: 1d }".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/api/x")).expect(401);
    let refused = wait_for(&stage, "refused", |_| true);
    assert_eq!(refused["detail"]["reason"], json!("no_credentials"));
    assert_eq!(records(&stage.symbolon)[0]["sequence"], 1);
}

#[test]
fn a_shorter_time_than_a_day_is_refused() {
    let settings = Settings { sections: "audit: { keep: 1h }".to_owned(), ..Settings::default() };
    let stage = Stage::plain();
    stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
    let output = stage.symbolon.command(&["config", "check"], "");
    assert_eq!(output.status.code(), Some(64), "{output:?}");
}
