//! Guesses at one person under many names: one budget, whatever was typed.

use super::super::directory::{ALICE_PASSWORD, Directory, OTHERS_PASSWORD};
use super::{ask, searching, stage};
use crate::harness::patience::now;
use crate::harness::stage::Stage;

/// Ten are free; then they wait 250 ms, 500 ms and 1 s.
const GUESSES: usize = 13;
const WAITS_MS: u128 = 1_750;

/// How long wrong passwords take under these names in turn, in milliseconds.
fn guess(stage: &Stage, names: &[&str]) -> u128 {
    let before = now();
    for (number, name) in names.iter().cycle().take(GUESSES).enumerate() {
        ask(stage, "/staff", name, &format!("guess {number}")).expect(401);
    }
    before.elapsed().as_millis()
}

#[test]
fn no_other_name_of_a_person_and_no_other_spelling_is_a_fresh_start() {
    let (directory, stage) = searching("      negative_cache: 0s\n");
    let names =
        ["alice", "ＡLICE", "alice@example.test", "ⓐlice", "Alice@Example.TEST", "  alice "];
    let took = guess(&stage, &names);
    directory.wait_for_logged("BIND dn=\"uid=alice,", GUESSES);
    assert!(took >= WAITS_MS, "{GUESSES} guesses in {took} ms");
    // The right password gets in, under any of them.
    ask(&stage, "/staff", "alice@example.test", ALICE_PASSWORD).expect(200);
    // Names of nobody are paced like names of somebody.
    let took = guess(&stage, &["nobody", "ＮOBODY", "ⓝobody", "  nobody "]);
    assert!(took >= WAITS_MS, "{GUESSES} guesses in {took} ms");
}

#[test]
fn where_the_name_makes_the_entry_its_spellings_are_one() {
    let directory = Directory::start(None);
    let stage = stage(&format!(
        "    ldap:
      url: {}
      user_dn: \"uid={{username}},ou=people,dc=example,dc=test\"
      cache: 0s
      negative_cache: 0s
",
        directory.url()
    ));
    let names = ["bob", "ＢOB", "ⓑob", "b𝐨b", " bob "];
    for name in names {
        ask(&stage, "/staff", name, OTHERS_PASSWORD).expect(200);
    }
    let took = guess(&stage, &names);
    assert!(took >= WAITS_MS, "{GUESSES} guesses in {took} ms");
}
