//! `rate_limit` and `max_concurrent`: how often, and how many at once.

use symbolon_gateway::config::{Authenticate, Route};
use symbolon_gateway::limit::{CountBy, RateLimit};

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) const KEY: Key = Key::optional(
    "rate_limit",
    "How many requests in which time; one rule or a list of rules",
    Shape::Either(FORMS),
);

const FORMS: &[Shape] =
    &[Shape::Section(&SECTION), Shape::List { of: &Shape::Section(&SECTION), min: 1 }];

pub(super) const MAX_CONCURRENT: Key = Key::optional(
    "max_concurrent",
    "Most requests under way at once",
    Shape::Integer { min: 1, max: 1_000_000 },
);

static SECTION: Section = Section {
    is: "a rate limit",
    doc: "So many requests in such a time",
    keys: &[
        Key::required("requests", "How many requests", COUNT),
        Key::required("per", "In which time", Shape::Duration { min: SECOND, max: DAY }),
        Key::default(
            "by",
            "What is counted separately: `source`, `principal`, `client`, `route`, or \
             `{ header: NAME }`",
            Shape::Either(&[
                Shape::Choice { of: &["source", "principal", "client", "route"], later: &[] },
                Shape::Section(&BY_HEADER),
            ]),
            "source",
        ),
        Key::optional("burst", "How many at once. Default: `requests`", COUNT),
    ],
};

static BY_HEADER: Section = Section {
    is: "`by`",
    doc: "Each value of a header is counted separately",
    keys: &[Key::required("header", "The name of the header", Shape::Text)],
};

const COUNT: Shape = Shape::Integer { min: 1, max: 1_000_000 };

pub(super) fn read(fields: Fields<'_>, route: &Route, mistakes: &mut Mistakes) -> Vec<RateLimit> {
    let mut rules: Vec<RateLimit> = Vec::new();
    for node in nodes(fields) {
        let Some(rule) = read_one(node, route, mistakes) else { continue };
        if rules.contains(&rule) {
            mistakes.add(node.place, "this rule stands here twice");
        } else if rules.iter().any(|other| other.name() == rule.name()) {
            // One of them would never refuse anything, and callers could not tell them apart.
            let name = rule.name();
            let message = format!("two rules of this route are called `{name}` in `RateLimit`");
            let hint = Some("one rule is enough for the same `by` and `per`".to_owned());
            mistakes.push(Mistake::new(node.place, message).hint(hint));
        }
        rules.push(rule);
    }
    rules
}

/// The headers by whose values a route counts.
pub(super) fn headers(route: Fields<'_>) -> impl Iterator<Item = &Node> {
    let by = nodes(route).iter().filter_map(|node| Fields::new(node, &SECTION).get("by"));
    by.filter(|by| matches!(by.value, Value::Mapping(_)))
        .filter_map(|by| Fields::new(by, &BY_HEADER).get("header"))
}

/// One rule or a list of rules.
fn nodes(route: Fields<'_>) -> &[Node] {
    match route.get("rate_limit") {
        Some(Node { value: Value::List(items), .. }) => items.as_slice(),
        Some(node) => std::slice::from_ref(node),
        None => &[],
    }
}

pub(super) fn read_max_concurrent(fields: Fields<'_>) -> Option<u32> {
    u32::try_from(fields.integer("max_concurrent")?).ok()
}

fn read_one(node: &Node, route: &Route, mistakes: &mut Mistakes) -> Option<RateLimit> {
    let fields = Fields::new(node, &SECTION);
    let count = |key| fields.integer(key).and_then(|count| u32::try_from(count).ok());
    let by = by(fields, route, mistakes)?;
    let rule = RateLimit::new(count("requests")?, fields.duration("per"), count("burst"), by);
    // Numbers outside the shape were reported before.
    rule.ok()
}

fn by(rule: Fields<'_>, route: &Route, mistakes: &mut Mistakes) -> Option<CountBy> {
    let node = rule.get("by")?;
    if let Value::Mapping(_) = node.value {
        let name = Fields::new(node, &BY_HEADER).text("header");
        let by = CountBy::header(name);
        if by.is_none() {
            let message = format!(
                "`header`: `{name}` is refused: not a header, or one that is removed from every \
                 request on entry"
            );
            mistakes.add(node.place, message);
        }
        return by;
    }
    let by = match node.scalar() {
        Some("principal") => CountBy::Principal,
        Some("client") => CountBy::Client,
        Some("route") => CountBy::Route,
        _ => CountBy::Source,
    };
    if matches!(by, CountBy::Principal | CountBy::Client)
        && route.authenticate == Authenticate::None
    {
        let text = node.scalar().unwrap_or_default();
        mistakes.add(node.place, format!("`by: {text}` has no meaning with `authenticate: none`"));
    }
    Some(by)
}
