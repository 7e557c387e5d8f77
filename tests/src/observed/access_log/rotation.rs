//! A log that is renamed away under load: no line is lost, none is written twice.

use std::fs;

use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn stage() -> Stage {
    let sections = "access_log: FOLDER/access.log".to_owned();
    Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain())
}

#[test]
fn a_file_that_is_renamed_away_is_opened_anew() {
    let mut stage = stage();
    let at = |stage: &Stage, name: &str| stage.symbolon.folder().join(name);
    let mut connection = stage.connect();
    for turn in 0..5 {
        for number in 0..40 {
            connection.exchange(&Request::get(&format!("/public/{turn}-{number}"))).expect(200);
        }
        let (from, to) = (at(&stage, "access.log"), at(&stage, &format!("access.log.{turn}")));
        eventually("a new file", || fs::rename(&from, &to).ok());
    }
    // An idle log comes back as well, so that whoever follows it finds something.
    eventually("a file without any line", || fs::metadata(at(&stage, "access.log")).ok());
    drop(connection);
    assert!(stage.symbolon.stop().success());
    let names = (0..5).map(|turn| format!("access.log.{turn}")).chain(["access.log".to_owned()]);
    let texts: Vec<String> =
        names.map(|name| fs::read_to_string(at(&stage, &name)).unwrap()).collect();
    let whole = texts.concat();
    for turn in 0..5 {
        for number in 0..40 {
            let path = format!("\"/public/{turn}-{number}\"");
            assert_eq!(whole.matches(&path).count(), 1, "{path}");
        }
    }
    assert!(whole.lines().all(|line| line.starts_with('{') && line.ends_with('}')));
}

#[test]
fn the_hang_up_of_logrotate_changes_nothing_else() {
    let stage = stage();
    let at = |name: &str| stage.symbolon.folder().join(name);
    stage.exchange(&Request::get("/public/before")).expect(200);
    eventually("the first line", || {
        fs::read_to_string(at("access.log")).ok().filter(|text| text.contains("before"))
    });
    fs::rename(at("access.log"), at("access.log.1")).unwrap();
    stage.symbolon.program().signal("HUP");
    stage.exchange(&Request::get("/public/after")).expect(200);
    eventually("the second line", || {
        fs::read_to_string(at("access.log")).ok().filter(|text| text.contains("after"))
    });
    assert!(!fs::read_to_string(at("access.log.1")).unwrap().contains("after"));
}
