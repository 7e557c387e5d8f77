//! Roles that include others, and groups that have roles.

use proptest::prelude::*;

use super::*;

fn role(name: &str) -> Role {
    name.parse().unwrap()
}

fn roles(names: &[&str]) -> Vec<Role> {
    names.iter().map(|name| role(name)).collect()
}

fn hierarchy(
    of_roles: &[(&str, &[&str])],
    of_groups: &[(&str, &[&str])],
) -> Result<Hierarchy, Vec<HierarchyError>> {
    let of_roles = of_roles.iter().map(|(name, includes)| (role(name), roles(includes)));
    let of_groups = of_groups.iter().map(|(name, brings)| ((*name).to_owned(), roles(brings)));
    Hierarchy::new(&of_roles.collect(), &of_groups.collect())
}

#[test]
fn a_role_brings_what_its_roles_include_and_a_group_as_well() {
    let hierarchy =
        hierarchy(&[("admin", &["editor"]), ("editor", &["reader"])], &[("staff", &["editor"])])
            .unwrap();
    let effective = |names: &[&str], groups: &[&str]| {
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let granted = roles(names);
        let all = hierarchy.effective(&granted, &groups);
        all.iter().map(Role::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(effective(&["admin"], &[]), "admin editor reader");
    assert_eq!(effective(&["editor", "other"], &[]), "editor other reader");
    assert_eq!(effective(&[], &["staff", "unknown"]), "editor reader");
    assert_eq!(effective(&["reader"], &[]), "reader");
    let wanted = hierarchy.wanted(&role("reader"));
    for (names, groups, held) in [
        (&["admin"][..], &[][..], true),
        (&["reader"], &[], true),
        (&[], &["staff"], true),
        (&["other"], &["other"], false),
        (&[], &[], false),
    ] {
        let groups: Vec<String> = groups.iter().map(|name: &&str| (*name).to_owned()).collect();
        assert_eq!(wanted.is_held(&roles(names), &groups), held, "{names:?} {groups:?}");
    }
    // Nothing flows upwards.
    assert!(!hierarchy.wanted(&role("admin")).is_held(&roles(&["editor"]), &[]));
}

#[test]
fn a_role_that_includes_itself_is_refused_and_only_that() {
    let errors =
        hierarchy(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &["d"])], &[]).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "role `b` includes itself, by way of `c`, `b`",
            "role `c` includes itself, by way of `b`, `c`",
            "role `d` includes itself, by way of `d`",
        ]
    );
}

#[test]
fn another_hierarchy_has_another_revision() {
    let one = hierarchy(&[("a", &["b"])], &[]).unwrap();
    assert_eq!(one.revision(), hierarchy(&[("a", &["b"])], &[]).unwrap().revision());
    assert_ne!(one.revision(), hierarchy(&[("a", &["c"])], &[]).unwrap().revision());
    assert_ne!(one.revision(), hierarchy(&[], &[("a", &["b"])]).unwrap().revision());
    assert_eq!(hierarchy(&[("a", &[])], &[]).unwrap().revision(), 0);
}

proptest! {
    /// What is asked once at load and what is derived for a token agree on everybody.
    #[test]
    fn who_holds_a_role_is_who_has_it_among_the_effective_ones(
        includes in proptest::collection::vec((0_u8..6, 0_u8..6), 0..8),
        brings in proptest::collection::vec((0_u8..3, 0_u8..6), 0..4),
        granted in proptest::collection::vec(0_u8..6, 0..3),
        joined in proptest::collection::vec(0_u8..3, 0..2),
    ) {
        let name = |number: u8| role(&format!("r{number}"));
        let group = |number: u8| format!("g{number}");
        let mut of_roles: BTreeMap<Role, Vec<Role>> = BTreeMap::new();
        for (from, to) in includes {
            of_roles.entry(name(from)).or_default().push(name(to));
        }
        let mut of_groups: BTreeMap<String, Vec<Role>> = BTreeMap::new();
        for (from, to) in brings {
            of_groups.entry(group(from)).or_default().push(name(to));
        }
        let Ok(hierarchy) = Hierarchy::new(&of_roles, &of_groups) else { return Ok(()) };
        let granted: Vec<Role> = granted.into_iter().map(name).collect();
        let joined: Vec<String> = joined.into_iter().map(group).collect();
        let effective = hierarchy.effective(&granted, &joined);
        for number in 0..6 {
            let asked = name(number);
            prop_assert_eq!(
                hierarchy.wanted(&asked).is_held(&granted, &joined),
                effective.contains(&asked)
            );
        }
    }
}
