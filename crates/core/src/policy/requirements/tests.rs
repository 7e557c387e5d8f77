//! Each rule, met and not met.

use std::collections::BTreeMap;

use super::*;
use crate::id::Role;
use crate::policy::{ContextClasses, Hierarchy, Who};

const NOW: Timestamp = Timestamp::from_secs(10_000);

fn role(name: &str) -> Role {
    name.parse().unwrap()
}

fn wanted(names: &[&str]) -> Vec<Wanted> {
    let includes = BTreeMap::from([(role("admin"), vec![role("customer")])]);
    let brings = BTreeMap::from([("staff".to_owned(), vec![role("customer")])]);
    let hierarchy = Hierarchy::new(&includes, &brings).unwrap();
    names.iter().map(|name| hierarchy.wanted(&role(name))).collect()
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

type Spoil = fn(&mut Somebody);

/// Somebody who has everything that is asked for below.
struct Somebody {
    roles: Vec<Role>,
    groups: Vec<String>,
    scopes: Vec<String>,
    client: Option<&'static str>,
    acr: Option<&'static str>,
    auth_time: Option<Timestamp>,
}

impl Somebody {
    fn good() -> Self {
        Self {
            roles: vec![role("customer"), role("editor")],
            groups: texts(&["staff"]),
            scopes: texts(&["orders:read", "orders:write"]),
            client: Some("shop"),
            acr: Some("mfa"),
            auth_time: Some(Timestamp::from_secs(9_950)),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            who: Who::User("alice"),
            client: self.client,
            roles: &self.roles,
            groups: &self.groups,
            scopes: &self.scopes,
            acr: self.acr,
            auth_time: self.auth_time,
            ..Facts::ANONYMOUS
        }
    }
}

fn everything() -> Requirements {
    Requirements {
        clients: vec!["shop".parse().unwrap(), "app".parse().unwrap()],
        any_role: wanted(&["customer", "other"]),
        all_roles: wanted(&["customer", "editor"]),
        any_group: texts(&["staff", "other"]),
        scopes: texts(&["orders:read", "orders:write"]),
        acr: Some(ContextClasses::default().from("mfa").unwrap()),
        max_age: Some(Duration::from_mins(1)),
    }
}

#[test]
fn all_rules_have_to_be_met_and_the_first_that_is_not_is_named() {
    let rules = everything();
    assert_eq!(rules.check(&Somebody::good().facts(), NOW), Ok(()));
    let spoil: [(&str, Spoil); 10] = [
        ("clients", |who| who.client = Some("other")),
        ("clients", |who| who.client = None),
        ("any_role", |who| {
            who.roles = vec![role("editor")];
            who.groups = Vec::new();
        }),
        ("all_roles", |who| who.roles = vec![role("customer")]),
        ("any_group", |who| who.groups = texts(&["staf", "staffs"])),
        ("scopes", |who| who.scopes = texts(&["orders:read"])),
        ("acr", |who| who.acr = Some("pwd")),
        ("acr", |who| who.acr = None),
        ("max_age", |who| who.auth_time = Some(Timestamp::from_secs(9_938))),
        ("max_age", |who| who.auth_time = None),
    ];
    for (rule, spoil) in spoil {
        let mut somebody = Somebody::good();
        spoil(&mut somebody);
        let refusal = rules.check(&somebody.facts(), NOW).unwrap_err();
        assert_eq!(refusal.rule, rule, "{}", refusal.why);
        let considered = rules.consider(&somebody.facts(), NOW);
        let unmet = considered.iter().find(|one| one.unmet.is_some());
        assert_eq!(unmet.map(|one| one.rule), Some(rule));
        assert_eq!(considered.len(), 7);
    }
}

#[test]
fn a_group_brings_its_roles_and_a_role_what_it_includes() {
    let rules = Requirements { any_role: wanted(&["customer"]), ..Requirements::default() };
    for (roles, groups, is_met) in [
        (vec![role("admin")], vec![], true),
        (vec![], texts(&["staff"]), true),
        (vec![role("editor")], texts(&["other"]), false),
    ] {
        let somebody = Somebody { roles, groups, ..Somebody::good() };
        assert_eq!(rules.check(&somebody.facts(), NOW).is_ok(), is_met);
    }
}

#[test]
fn nothing_asked_is_nothing_refused_and_anonymous_meets_no_rule() {
    assert!(Requirements::default().is_empty());
    assert_eq!(Requirements::default().check(&Facts::ANONYMOUS, NOW), Ok(()));
    let considered = everything().consider(&Facts::ANONYMOUS, NOW);
    assert!(considered.iter().all(|one| one.unmet.is_some()), "{considered:?}");
}

#[test]
fn the_age_of_a_log_in_counts_to_the_second() {
    let rules = Requirements { max_age: Some(Duration::from_mins(1)), ..Requirements::default() };
    let met = |auth_time: Timestamp| {
        let somebody = Somebody { auth_time: Some(auth_time), ..Somebody::good() };
        rules.check(&somebody.facts(), NOW).is_ok()
    };
    assert!(met(NOW.minus(Duration::from_secs(61))));
    assert!(!met(NOW.minus(Duration::from_micros(61_000_001))));
    // A clock that went back makes nobody old.
    assert!(met(NOW.plus(Duration::from_secs(5))));
}
