//! The chain: whatever is done to it shows, and where.

use std::time::Duration;

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_123_456);

fn chain(length: u64) -> Vec<Entry> {
    let mut previous = Hash::default();
    (1..=length)
        .map(|sequence| {
            let at = NOW.plus(Duration::from_secs(sequence));
            let by = By::new(Actor::Operator(1000), Some("::ffff:192.0.2.1".parse().unwrap()), at);
            let record = Record::new(Kind::AccountCreated, &by.because("test"))
                .subject(&"alice".parse().unwrap())
                .with("roles", vec!["a", "\u{2028}\"b"]);
            let entry = Entry::seal(sequence, previous, record);
            previous = entry.hash;
            entry
        })
        .collect()
}

fn verify(entries: &[Entry]) -> Result<Chain, Broken> {
    let mut chain = Chain::default();
    entries.iter().try_for_each(|entry| chain.follow(entry))?;
    Ok(chain)
}

#[test]
fn an_untouched_chain_is_whole_to_its_end() {
    let entries = chain(5);
    let walked = verify(&entries).unwrap();
    assert_eq!((walked.last(), walked.hash()), (5, entries[4].hash));
    let cut = Cut { sequence: 2, hash: entries[1].hash };
    let mut rest = Chain::from(Some(cut));
    assert!(entries[2..].iter().all(|entry| rest.follow(entry).is_ok()));
}

#[test]
fn every_change_of_every_field_shows_where_it_is() {
    type Change = fn(&mut Entry);
    let changes: [Change; 11] = [
        |entry| entry.record.at = NOW,
        |entry| entry.record.kind = "account_enabled".into(),
        |entry| entry.record.actor = "system".into(),
        |entry| entry.record.subject = Some("alicf".into()),
        |entry| entry.record.subject = None,
        |entry| entry.record.client = Some("".into()),
        |entry| entry.record.session = Some("0".into()),
        |entry| entry.record.source = None,
        |entry| entry.record.outcome = "failure".into(),
        |entry| entry.record.detail = "{}".to_owned(),
        |entry| entry.hash.0[31] ^= 1,
    ];
    for change in changes {
        let mut entries = chain(5);
        change(&mut entries[2]);
        assert_eq!(verify(&entries), Err(Broken::Changed { sequence: 3 }));
    }
}

#[test]
fn a_record_that_is_made_anew_shows_at_the_next() {
    let mut entries = chain(5);
    let mut record = entries[2].record.clone();
    record.subject = Some("mallory".into());
    entries[2] = Entry::seal(3, entries[1].hash, record);
    assert_eq!(verify(&entries), Err(Broken::Unbound { sequence: 4 }));
}

#[test]
fn what_is_missing_or_stands_elsewhere_shows() {
    let mut entries = chain(5);
    entries.remove(2);
    assert_eq!(verify(&entries), Err(Broken::Missing { expected: 3, found: 4 }));
    let mut entries = chain(5);
    entries.swap(1, 2);
    assert_eq!(verify(&entries), Err(Broken::Missing { expected: 2, found: 3 }));
    assert!(verify(&chain(5)[1..]).is_err());
}

#[test]
fn a_line_brings_back_what_is_under_the_hash() {
    for entry in chain(3) {
        let line = entry.to_line();
        assert!(!line.contains('\n'));
        assert_eq!(Entry::from_line(&line), Ok(entry));
    }
    assert_eq!(Entry::from_line("{\"sequence\":1}"), Err(LineError));
}

#[test]
fn a_line_that_says_more_or_otherwise_is_none() {
    let line = chain(1)[0].to_line();
    let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
    let time = entry["time"].as_str().unwrap();
    let later = format!("{}+00:00", time.trim_end_matches('Z'));
    for (from, to) in [
        ("{\"sequence\"", "{\"message\":\"removed by operator:1000\",\"sequence\""),
        ("\"kind\":", "\"KIND\":\"x\",\"kind\":"),
        ("{", "{ "),
        (time, &*later),
        (time, &*time.replace('Z', "000Z")),
    ] {
        let other = line.replacen(from, to, 1);
        assert!(other != line && Entry::from_line(&other) == Err(LineError), "{other}");
    }
}

#[test]
fn what_somebody_else_wrote_has_its_line_and_shows() {
    for detail in ["no JSON", "{\"a\":1}\n", " {}", "", "{\"a\":\n1}", "\u{fffd}"] {
        let mut entries = chain(3);
        entries[1].record.detail = detail.to_owned();
        let lines: Vec<String> = entries.iter().map(Entry::to_line).collect();
        assert!(lines.iter().all(|line| !line.contains('\n')), "{lines:?}");
        let read: Vec<Entry> =
            lines.iter().map(|line| Entry::from_line(line).expect(line)).collect();
        assert_eq!(verify(&read), Err(Broken::Changed { sequence: 2 }), "{detail:?}");
    }
    // And a time that no calendar has.
    let mut entries = chain(3);
    entries[1].record.at = Timestamp::from_micros(i64::MAX);
    let read = Entry::from_line(&entries[1].to_line()).unwrap();
    assert_eq!(read.record.at, entries[1].record.at);
}

/// The bytes under the hash never change: other programs check them.
#[test]
fn the_hash_is_the_one_of_the_first_release() {
    let record = Record::new(Kind::Started, &By::system(NOW));
    let entry = Entry::seal(1, Hash::default(), record);
    assert_eq!(
        entry.hash.to_string(),
        "4b5f0e2e794f853a5e17ced8c32229e912dd9d13ee5e21669bde8d33193a7a26"
    );
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let names: std::collections::HashSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
}
