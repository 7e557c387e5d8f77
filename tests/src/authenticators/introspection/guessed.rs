//! Tokens that somebody tries out: each costs a question, and is charged.

use serde_json::json;

use super::{answering, ask, json_answer};

/// What a source has free of wrong tokens.
const FREE: usize = 100;

#[test]
fn after_too_many_wrong_tokens_nobody_is_asked_about_further_ones() {
    let (server, stage) = answering(json_answer(&json!({ "active": false }).to_string()), "");
    let guess = |number: usize| ask(&stage, "/mine", &format!("guess-{number}")).status;
    let statuses: Vec<u16> = (0..FREE + 20).map(guess).collect();
    assert!(statuses[..FREE].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[FREE..].contains(&429), "{statuses:?}");
    let unasked = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!(server.hits() + unasked, statuses.len());
}

#[test]
fn the_same_token_again_is_one_guess_for_as_long_as_the_answer_is_known() {
    let further = "      negative_cache: 1h\n";
    let (server, stage) = answering(json_answer(&json!({ "active": false }).to_string()), further);
    for _ in 0..FREE + 20 {
        ask(&stage, "/mine", "run-out").expect(401);
    }
    assert_eq!(server.hits(), 1);
    ask(&stage, "/mine", "another").expect(401);
}
