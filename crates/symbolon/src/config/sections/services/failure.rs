//! `ejection`, `retries` and `breaker`: what happens when targets fail or there is too much.

use std::str::FromStr;

use symbolon_gateway::config::balancing::{Breaker, Ejection, Retries, RetryOn};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{DAY, HOUR, Key, Section, Shape};

pub(super) static EJECTION: Section = Section {
    is: "`ejection`",
    doc: "When a target that fails requests is left out for a while",
    keys: &[
        Key::default(
            "consecutive_failures",
            "After so many requests in a row without an answer; 0 for never",
            ROW,
            "5",
        ),
        Key::default(
            "consecutive_5xx",
            "After so many answers from 500 on in a row; 0 for never",
            ROW,
            "0",
        ),
        Key::default(
            "base_time",
            "How long the first time; as much longer each time it fails again soon after",
            Shape::Duration { min: 100, max: HOUR },
            "10s",
        ),
        Key::default("max_time", "How long at most", Shape::Duration { min: 100, max: DAY }, "5m"),
        Key::default(
            "max_share",
            "The largest share of the targets that may be out at once, such as `50%`",
            Shape::Text,
            "50%",
        ),
    ],
};

pub(super) static RETRIES: Section = Section {
    is: "`retries`",
    doc: "When a request is tried again, at another target where there is one",
    keys: &[
        Key::default(
            "attempts",
            "How often at most, besides the first try",
            Shape::Integer { min: 0, max: 10 },
            "2",
        ),
        Key::default(
            "on",
            "After what; all but the first two only for idempotent requests without a body",
            Shape::List {
                of: &Shape::Choice {
                    of: &[
                        "connect_failure",
                        "refused",
                        "reset_before_response",
                        "502",
                        "503",
                        "504",
                    ],
                    later: &[],
                },
                min: 0,
            },
            "[connect_failure]",
        ),
        Key::optional(
            "per_try_timeout",
            "For the head of the answer of each try. Default: `timeouts` alone",
            Shape::Duration { min: 1, max: HOUR },
        ),
        Key::default(
            "budget",
            "Retries as a share of the requests of all workers, such as `20%`",
            Shape::Text,
            "20%",
        ),
    ],
};

pub(super) static BREAKER: Section = Section {
    is: "`breaker`",
    doc: "Bounds over all workers; what exceeds them is refused at once with 503",
    keys: &[
        Key::optional("max_connections", "Open connections to all targets", BOUND),
        Key::default("max_pending", "Requests that wait for a connection", BOUND, "1024"),
        Key::optional("max_requests", "Requests under way", BOUND),
    ],
};

const ROW: Shape = Shape::Integer { min: 0, max: 1_000 };
const BOUND: Shape = Shape::Integer { min: 1, max: 1_000_000 };

/// `20%`.
struct Percent(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be a share from `0%` to `100%`")]
struct PercentError;

impl FromStr for Percent {
    type Err = PercentError;

    fn from_str(text: &str) -> Result<Self, PercentError> {
        let digits = text.strip_suffix('%').filter(|digits| digits.len() <= 3);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok());
        number.filter(|number| *number <= 100).map(Self).ok_or(PercentError)
    }
}

pub(super) fn ejection(service: Fields<'_>, mistakes: &mut Mistakes) -> Option<Ejection> {
    let fields = service.section("ejection")?;
    let (base_time, max_time) = (fields.duration("base_time"), fields.duration("max_time"));
    if max_time < base_time {
        let place = fields.get("max_time").map_or(fields.place(), |node| node.place);
        mistakes.add(place, "`max_time` must not be shorter than `base_time`");
    }
    Some(Ejection {
        consecutive_failures: number(fields, "consecutive_failures"),
        consecutive_5xx: number(fields, "consecutive_5xx"),
        base_time,
        max_time,
        max_share: fields.parse::<Percent>("max_share", mistakes)?.0,
    })
}

pub(super) fn retries(service: Fields<'_>, mistakes: &mut Mistakes) -> Option<Retries> {
    let fields = service.section("retries")?;
    let words = fields.texts("on");
    let has = |word: &str| words.iter().any(|other| other == word);
    Some(Retries {
        attempts: number(fields, "attempts"),
        on: RetryOn {
            connect_failure: has("connect_failure"),
            refused: has("refused"),
            reset_before_response: has("reset_before_response"),
            bad_gateway: has("502"),
            unavailable: has("503"),
            gateway_timeout: has("504"),
        },
        per_try_timeout: fields.get("per_try_timeout").map(|_| fields.duration("per_try_timeout")),
        budget: fields.parse::<Percent>("budget", mistakes)?.0,
    })
}

pub(super) fn breaker(service: Fields<'_>) -> Option<Breaker> {
    let fields = service.section("breaker")?;
    let bound = |key| fields.integer(key).and_then(|bound| usize::try_from(bound).ok());
    Some(Breaker {
        max_connections: bound("max_connections"),
        max_pending: bound("max_pending").unwrap_or_default(),
        max_requests: bound("max_requests"),
    })
}

fn number(fields: Fields<'_>, key: &'static str) -> u32 {
    fields.integer(key).and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_whole_number_of_percent() {
        let percent = |text: &str| text.parse::<Percent>().map(|percent| percent.0);
        assert_eq!((percent("0%"), percent("100%")), (Ok(0), Ok(100)));
        for bad in ["", "%", "20", "101%", "+5%", "0.5%", "20 %", "0020%"] {
            assert_eq!(percent(bad), Err(PercentError), "{bad}");
        }
    }
}
