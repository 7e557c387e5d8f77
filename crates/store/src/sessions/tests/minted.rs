//! Internal tokens that are used again.

use super::*;

fn put(minted: &MintedTokens, audience: &str, until: u64) {
    minted.put(audience.into(), 1, after(until), format!("for {audience}").into());
}

#[test]
fn a_token_is_used_again_for_its_audience_key_ring_and_time_only() {
    let minted = MintedTokens::default();
    put(&minted, "orders", 50);
    let reused = minted.get("orders", 1, after(49));
    assert_eq!(reused.as_deref(), Some("for orders"));
    assert_eq!(minted.get("profile", 1, NOW), None);
    assert_eq!(minted.get("orders", 2, NOW), None, "the keys have changed");
    assert_eq!(minted.get("orders", 1, after(50)), None, "its time is over");
}

#[test]
fn there_is_one_token_for_an_audience_and_a_bound_for_all() {
    let minted = MintedTokens::default();
    for number in 0..40 {
        put(&minted, "orders", 100 + number);
        put(&minted, &format!("service-{number}"), number);
    }
    let kept = (0..40)
        .filter(|number| minted.get(&format!("service-{number}"), 1, NOW).is_some())
        .collect::<Vec<_>>();
    // The last 15 and the one for `orders`.
    assert_eq!(kept, (25..40).collect::<Vec<_>>());
    assert!(minted.get("orders", 1, after(138)).is_some());
    assert!(minted.get("orders", 1, after(139)).is_none());
}

#[test]
fn only_tokens_whose_time_is_over_are_forgotten() {
    let minted = MintedTokens::default();
    put(&minted, "orders", 50);
    put(&minted, "profile", 51);
    let kept = |now| {
        minted.forget_expired(after(now));
        format!("{minted:?}")
    };
    assert_eq!(kept(49), "MintedTokens(2)");
    assert_eq!(kept(50), "MintedTokens(1)");
    assert!(minted.get("profile", 1, after(50)).is_some());
    assert_eq!(kept(51), "MintedTokens(0)");
}

#[test]
fn tokens_are_not_printed() {
    let minted = MintedTokens::default();
    put(&minted, "orders", 50);
    assert_eq!(format!("{minted:?}"), "MintedTokens(1)");
    let live = LiveSession::new(sample::session("alice", NOW), &Common::default());
    put(live.internal_tokens(), "orders", 50);
    assert!(!format!("{live:?}").contains("for orders"));
}
