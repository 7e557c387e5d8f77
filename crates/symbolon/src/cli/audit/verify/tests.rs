//! What is told of an export, and of what is not in it.

use symbolon_core::audit::{By, Record};

use super::*;

#[test]
fn nothing_is_not_what_was_expected() {
    let expected = Expected { sequence: 1, hash: Hash::default() };
    assert!(outcome(None, Some(expected)).is_err());
    assert_eq!(outcome(None, None).ok().unwrap(), "0 records\n");
}

/// So many records in a row, and another one in the place of the second.
fn records(count: u64) -> (Vec<Entry>, Entry) {
    let mut previous = Hash::default();
    let sealed = |sequence: u64, previous: Hash, word: &str| {
        let by = By::system(Timestamp::from_secs(1_800_000_000));
        Entry::seal(sequence, previous, Record::new(Kind::Started, &by).with("word", word))
    };
    let all: Vec<Entry> = (1..=count)
        .map(|sequence| {
            let entry = sealed(sequence, previous, "as it was");
            previous = entry.hash;
            entry
        })
        .collect();
    let other = sealed(2, all[0].hash, "as it was not");
    (all, other)
}

/// What is said of an export with these records.
fn verified(entries: &[&Entry]) -> Result<String, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.jsonl");
    let lines: Vec<String> = entries.iter().map(|entry| entry.to_line() + "\n").collect();
    std::fs::write(&path, lines.concat()).unwrap();
    outcome(along(&path, None)?, None)
}

#[test]
fn a_batch_that_was_told_twice_is_no_break() {
    let (all, other) = records(1200);
    let each = || all.iter();
    for again in [1, 2, 700, TOLD_AGAIN] {
        // The last batch again, in the middle and at the end, and more than once.
        let (begun, rest) = all.split_at(1100);
        let twice = || begun.iter().skip(1100 - again);
        let entries: Vec<&Entry> = begun.iter().chain(twice()).chain(twice()).chain(rest).collect();
        let said = verified(&entries).ok().unwrap();
        assert!(said.starts_with("1200 records are whole; the last is 1200:"), "{said}");
        let entries: Vec<&Entry> = each().chain(each().skip(1200 - again)).collect();
        assert!(verified(&entries).is_ok(), "{again}");
    }
    // Another one under the same number, and the same one with something else in it.
    let mut changed = all[1].clone();
    changed.record.actor = "subject:mallory".into();
    for second in [&other, &changed] {
        let told: Vec<&Entry> = all[..3].iter().chain([second]).chain(&all[2..]).collect();
        assert!(verified(&told).is_err());
    }
    // Further back than any batch begins.
    let entries: Vec<&Entry> = each().chain([&all[0]]).collect();
    assert!(verified(&entries).is_err());
}

#[test]
fn a_cut_is_told_with_the_record_of_it() {
    let cut = Cut { sequence: 7, hash: Hash::of(b"the seventh") };
    let record = |hash: Hash| {
        let by = By::system(Timestamp::from_secs(1_800_000_000));
        Record::new(Kind::AuditCut, &by).with("hash", hash.to_string())
    };
    let walk = |hash: Hash| {
        let mut walk = Walk::new(Some(cut), None);
        assert!(walk.follow(&Entry::seal(8, cut.hash, record(hash))).is_ok());
        outcome(Some(walk), None)
    };
    let says = walk(cut.hash).ok().unwrap();
    let told = "records up to 7 were removed by record 8 at 2027-01-15T08:00:00Z (system)\n";
    assert!(says.starts_with(told), "{says}");
    assert!(walk(Hash::of(b"another")).is_err(), "of another cut");
}

#[test]
fn a_file_that_begins_later_says_where_and_after_what() {
    let entry = Entry::seal(8, Hash::of(b"the seventh"), Record::new(Kind::Started, &by()));
    let mut walk = Walk::of_file(&entry, None);
    assert!(walk.follow(&entry).is_ok());
    let says = outcome(Some(walk), None).ok().unwrap();
    let told = format!(
        "begins at record 8, after {}; what was before is not in this file\n",
        Hash::of(b"the seventh")
    );
    assert!(says.starts_with(&told), "{says}");
    let first = Entry::seal(1, Hash::default(), Record::new(Kind::Started, &by()));
    let mut walk = Walk::of_file(&first, None);
    assert!(walk.follow(&first).is_ok());
    assert!(outcome(Some(walk), None).ok().unwrap().starts_with("1 records are whole"));
}

fn by() -> By {
    By::system(Timestamp::from_secs(1_800_000_000))
}
