//! Wrong keys are charged to their source, and a right one passes all the same.

use std::fs;

use super::stage;
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

/// What a source has free.
const FREE: usize = 30;

#[test]
fn wrong_keys_are_answered_429_once_there_were_too_many() {
    let stage = stage();
    let wrong = Request::get("/machines").with("apikey", &Symbolon::new_key());
    let statuses: Vec<u16> = (0..FREE + 10).map(|_| stage.exchange(&wrong).status).collect();
    assert!(statuses[..FREE].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[FREE..].contains(&429), "{statuses:?}");
}

#[test]
fn the_right_key_passes_from_a_source_of_wrong_ones() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("robot.key");
    let key = Symbolon::new_key();
    fs::write(&file, &key).unwrap();
    let settings = Settings {
        sections: format!(
            "clients:\n  robot:\n    credentials: [{{ api_key: {{ secret_file: \"{}\" }} }}]",
            file.display()
        ),
        routes: "
  - { name: machines, paths: [/machines], service: api, authenticate: [api_key] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let wrong = Request::get("/machines").with("apikey", &Symbolon::new_key());
    for _ in 0..FREE * 3 {
        stage.exchange(&wrong);
        stage.exchange(&Request::get("/machines").with("apikey", &key)).expect(200);
    }
}
