//! A person that does not exist takes as long as a wrong password: otherwise names could be found
//! out with a watch.

use std::time::Duration;

use crate::harness::http::{Request, exchange};
use crate::harness::patience::now;
use crate::harness::stage::Stage;

/// Few enough that nobody has to wait for having guessed too often.
const SAMPLES: usize = 8;

#[test]
fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let guess = |name: &str| {
        let (hashes, began) = (hashes(&stage), now());
        let answer = stage.visitor().try_log_in(name, "not the password at all").unwrap();
        let took = now() - began;
        assert_eq!(answer.status, 422);
        assert_eq!(self::hashes(&stage), hashes + 1, "{name}");
        took
    };
    let (known, unknown): (Vec<_>, Vec<_>) =
        (0..SAMPLES).map(|number| (guess("alice"), guess(&format!("nobody{number}")))).unzip();
    // The shortest of each are what a busy machine distorts least.
    let (known, unknown) = (shortest(&known), shortest(&unknown));
    let is_alike = unknown * 4 > known && known * 4 > unknown;
    assert!(is_alike, "{known:?} for a wrong password, {unknown:?} for an unknown name");
}

/// How many passwords were hashed so far.
fn hashes(stage: &Stage) -> u64 {
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let mut lines = metrics.text().lines();
    let line = lines.find_map(|line| line.strip_prefix("symbolon_password_hashes_total "));
    line.unwrap().parse().unwrap()
}

fn shortest(samples: &[Duration]) -> Duration {
    samples.iter().min().copied().unwrap()
}
