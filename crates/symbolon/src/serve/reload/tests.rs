//! What a changed file does to a system that serves, as its own meters tell.

use std::fs;

use super::*;
use crate::testing::{FILE, system};

/// Counts of applied and refused reloads.
fn counts(gateway: &Handle) -> (u64, u64) {
    let text = gateway.metrics_text();
    let count = |outcome: &str| {
        let name = format!("symbolon_reloads_total{{outcome=\"{outcome}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        line.map_or(0, |count| count.parse().unwrap())
    };
    (count("applied"), count("refused"))
}

#[tokio::test]
async fn a_file_is_taken_over_whole_or_not_at_all() {
    let system = system().await;
    let gateway = system.gateway().handle();
    let journal = Journal::of(&system.services);
    let file = system.file.clone();
    let mut reloader = Reloader::start(&file, system.loaded, gateway.clone(), journal).await;

    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (0, 0), "nothing changed");

    let route = "services: { s: { targets: [http://127.0.0.1:1] } }\n\
        routes: [{ name: r, paths: [/], service: s, authenticate: none }]\n";
    let changed = FILE.replace("services: {}\nroutes: []\n", route);
    fs::write(&file, &changed).unwrap();
    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (1, 0));

    fs::write(&file, changed.replace("service: s", "service: t")).unwrap();
    reloader.reload_if_changed().await;
    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (1, 1), "a refused file is told once");

    fs::write(&file, &changed).unwrap();
    reloader.reload().await;
    assert_eq!(counts(&gateway), (2, 1));
}

#[tokio::test]
async fn a_moved_mount_waits_for_a_restart_with_all_that_was_judged_beside_it() {
    let system = system().await;
    let gateway = system.gateway().handle();
    let journal = Journal::of(&system.services);
    let file = system.file.clone();
    let mut reloader = Reloader::start(&file, system.loaded, gateway.clone(), journal).await;
    fs::write(&file, format!("{FILE}auth: {{ mount: /id }}\n")).unwrap();
    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (0, 1));
    fs::write(&file, format!("{FILE}limits: {{ drain: 1s }}\n")).unwrap();
    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (1, 1), "other keys are passed over until the restart");
}

#[tokio::test]
async fn a_file_that_is_gone_changes_nothing() {
    let system = system().await;
    let gateway = system.gateway().handle();
    let journal = Journal::of(&system.services);
    let file = system.file.clone();
    let mut reloader = Reloader::start(&file, system.loaded, gateway.clone(), journal).await;
    fs::remove_file(&file).unwrap();
    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (0, 1));
}

#[tokio::test]
async fn what_changes_while_the_system_starts_is_taken_over() {
    let system = system().await;
    let gateway = system.gateway().handle();
    let journal = Journal::of(&system.services);
    let file = system.file.clone();
    fs::write(&file, format!("{FILE}version: 1\n")).unwrap();
    let mut reloader = Reloader::start(&file, system.loaded, gateway.clone(), journal).await;
    assert_eq!(counts(&gateway), (1, 0), "changed before it was watched");
    fs::write(&file, format!("{FILE}version: 1\n\n")).unwrap();
    reloader.changed().await;
    reloader.reload_if_changed().await;
    assert_eq!(counts(&gateway), (2, 0), "changed while it is watched");
}
