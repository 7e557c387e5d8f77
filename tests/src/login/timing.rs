//! A person that does not exist takes as long as a wrong password: otherwise names could be found
//! out with a watch.

use std::time::Duration;

use crate::harness::patience::now;
use crate::harness::stage::Stage;

/// Few enough that nobody has to wait for having guessed too often.
const SAMPLES: usize = 8;

#[test]
fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let took = |name: &str| {
        let began = now();
        let answer = stage.visitor().try_log_in(name, "not the password at all").unwrap();
        assert_eq!(answer.status, 422);
        now() - began
    };
    let (mut known, mut unknown): (Vec<_>, Vec<_>) =
        (0..SAMPLES).map(|number| (took("alice"), took(&format!("nobody{number}")))).unzip();
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    // Without a hash it would be a tenth; that much is seen on any machine, however busy.
    let is_alike = unknown * 2 > known && known * 2 > unknown;
    assert!(is_alike, "{known:?} for a wrong password, {unknown:?} for an unknown name");
}

fn median(samples: &mut [Duration]) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}
