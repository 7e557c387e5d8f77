//! What is kept, and what only counted.

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn refusal(source: [u8; 4]) -> Observation<'static> {
    Observation {
        kind: Kind::Refused,
        outcome: Outcome::Refused,
        route: Some("orders"),
        subject: Some("alice"),
        client: None,
        authenticator: Some("session"),
        credential: None,
        source: Some(source.into()),
        reason: Some("forbidden"),
        failure: None,
        status: Some(403),
    }
}

#[test]
fn equal_ones_are_counted_and_different_ones_kept_apart() {
    let observer = Observer::default();
    for _ in 0..1000 {
        observer.observe(&refusal([192, 0, 2, 1]), NOW);
    }
    observer.observe(&refusal([192, 0, 2, 2]), NOW);
    let records = observer.take(NOW);
    assert_eq!(records.len(), 2);
    let first = records.iter().find(|record| record.source.as_deref() == Some("192.0.2.1"));
    let first = first.unwrap();
    assert!(first.detail.contains("\"count\":1000"), "{}", first.detail);
    assert_eq!((&*first.kind, &*first.actor), ("refused", "subject:alice"));
    assert_eq!(observer.take(NOW), []);
}

#[test]
fn a_crowd_is_counted_where_it_cannot_be_kept() {
    let observer = Observer::default();
    for number in 0..10_000_u32 {
        observer.observe(&refusal(number.to_be_bytes()), NOW);
    }
    let records = observer.take(NOW);
    assert_eq!(records.len(), UNSUCCESSFUL_PER_SECOND + 1);
    let dropped = records.last().unwrap();
    assert_eq!(dropped.kind, "observations_dropped");
    let count = 10_000 - UNSUCCESSFUL_PER_SECOND;
    let detail: serde_json::Value = serde_json::from_str(&dropped.detail).unwrap();
    assert_eq!(detail, serde_json::json!({ "count": count, "refused": count }));
}

#[test]
fn a_crowd_of_refusals_leaves_room_for_who_got_in() {
    let observer = Observer::default();
    for number in 0..10_000_u32 {
        observer.observe(&refusal(number.to_be_bytes()), NOW);
    }
    let success = Observation {
        kind: Kind::Authenticated,
        outcome: Outcome::Success,
        ..refusal([192, 0, 2, 1])
    };
    observer.observe(&success, NOW);
    let records = observer.take(NOW);
    assert_eq!(records.iter().filter(|record| record.kind == "authenticated").count(), 1);
}

#[test]
fn one_network_of_ipv6_is_one_source() {
    let observer = Observer::default();
    for number in 0..1000_u128 {
        let source = std::net::Ipv6Addr::from((0x2001_0db8 << 96) + number);
        let refused = Observation { source: Some(source.into()), ..refusal([0; 4]) };
        observer.observe(&refused, NOW);
    }
    let records = observer.take(NOW);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].source.as_deref(), Some("2001:db8::/64"));
}

#[test]
fn who_failed_did_not_act() {
    let observer = Observer::default();
    let failed = Observation { outcome: Outcome::Failure, ..refusal([192, 0, 2, 1]) };
    observer.observe(&failed, NOW);
    let records = observer.take(NOW);
    assert_eq!((&*records[0].actor, records[0].subject.as_deref()), ("nobody", Some("alice")));
}
