//! Guessing is slow, and nobody is locked out by it.

use std::thread;
use std::time::Duration;

use crate::harness::patience::now;
use crate::harness::stage::Stage;
use crate::harness::symbolon::PASSWORD;

#[test]
fn guesses_are_slowed_down_and_the_right_password_still_gets_in() {
    let stage = Stage::plain();
    let mut session = stage.alice();
    // Many at once, as fast as they go.
    let refused: usize = thread::scope(|scope| {
        let guesses: Vec<_> = (0..40)
            .map(|number| {
                let mut guesser = stage.visitor();
                scope.spawn(move || {
                    let guess = format!("a wrong guess, number {number}");
                    guesser.try_log_in("alice", &guess).unwrap().status
                })
            })
            .collect();
        guesses
            .into_iter()
            .map(|guess| guess.join().unwrap())
            .filter(|status| *status == 429)
            .count()
    });
    assert!(refused >= 20, "only {refused} of 40 parallel guesses were turned away");

    let began = now();
    let answer = stage.visitor().try_log_in("alice", PASSWORD).unwrap();
    assert_eq!(answer.status, 303, "the right password is kept out: {answer:?}");
    let waited = now() - began;
    assert!(waited < Duration::from_secs(15), "the right password waited {waited:?}");
    // Whoever is logged in notices nothing.
    session.get("/api/x").expect(200);
}

#[test]
fn guesses_on_one_account_do_not_slow_another_persons_log_in() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    stage.symbolon.add_user("bob", &[]);
    // Bob's machine has proved itself before.
    stage.visitor().log_in("bob");
    for number in 0..12 {
        stage.visitor().try_log_in("alice", &format!("a wrong guess, number {number}")).unwrap();
    }
    let began = now();
    stage.visitor().log_in("bob");
    let waited = now() - began;
    assert!(waited < Duration::from_secs(3), "bob waited {waited:?}");
}
