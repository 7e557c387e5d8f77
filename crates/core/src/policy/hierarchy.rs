//! Roles that include others, and groups that bring roles.
//!
//! A role includes what its included roles include. Two questions are asked of it: who holds a
//! role ([`Hierarchy::wanted`], answered once when a configuration is read, so that no request
//! walks anything), and which roles somebody holds altogether ([`Hierarchy::effective`], for the
//! internal token and for policies).

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::id::Role;

/// What follows from roles and groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// For each role that includes others: all of them, itself left out.
    included: BTreeMap<Role, BTreeSet<Role>>,
    /// For each group that brings roles: all of them, with what they include.
    of_groups: BTreeMap<String, BTreeSet<Role>>,
    revision: u64,
}

/// A role that is asked for, and who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The role.
    pub role: Role,
    /// Other roles that include it.
    by_roles: Vec<Role>,
    /// Groups that bring it.
    by_groups: Vec<String>,
}

/// Why roles make no hierarchy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// A role would include itself.
    #[error("role `{role}` includes itself, by way of {}", quoted(.through))]
    Cycle {
        /// The role.
        role: Role,
        /// The way back to it.
        through: Vec<Role>,
    },
}

impl Hierarchy {
    /// From what each role includes and what each group brings.
    ///
    /// # Errors
    /// Every role that includes itself.
    pub fn new(
        roles: &BTreeMap<Role, Vec<Role>>,
        groups: &BTreeMap<String, Vec<Role>>,
    ) -> Result<Self, Vec<HierarchyError>> {
        let cycles: Vec<HierarchyError> =
            roles.keys().filter_map(|role| cycle(role, roles)).collect();
        if !cycles.is_empty() {
            return Err(cycles);
        }
        let all = |direct: &[Role]| -> BTreeSet<Role> {
            let mut found: BTreeSet<Role> = BTreeSet::new();
            let mut open: Vec<&Role> = direct.iter().collect();
            while let Some(role) = open.pop() {
                if found.insert(role.clone()) {
                    open.extend(roles.get(role).into_iter().flatten());
                }
            }
            found
        };
        let included: BTreeMap<Role, BTreeSet<Role>> = roles
            .iter()
            .map(|(role, direct)| (role.clone(), all(direct)))
            .filter(|(_, all)| !all.is_empty())
            .collect();
        let of_groups: BTreeMap<String, BTreeSet<Role>> = groups
            .iter()
            .map(|(group, direct)| (group.clone(), all(direct)))
            .filter(|(_, all)| !all.is_empty())
            .collect();
        let mut hasher = DefaultHasher::new();
        (&included, &of_groups).hash(&mut hasher);
        let is_flat = included.is_empty() && of_groups.is_empty();
        let revision = if is_flat { 0 } else { hasher.finish() };
        Ok(Self { included, of_groups, revision })
    }

    /// Tells one hierarchy from another: what was derived under one is not used under another.
    /// 0 where nothing follows from anything.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// A role, with all that bring it.
    pub fn wanted(&self, role: &Role) -> Wanted {
        let holders = self.included.iter().filter(|(_, includes)| includes.contains(role));
        let groups = self.of_groups.iter().filter(|(_, brings)| brings.contains(role));
        Wanted {
            role: role.clone(),
            by_roles: holders.map(|(holder, _)| holder.clone()).collect(),
            by_groups: groups.map(|(group, _)| group.clone()).collect(),
        }
    }

    /// All roles of somebody with these roles and groups: those granted first, as they were.
    pub fn effective<'a>(&self, roles: &'a [Role], groups: &[String]) -> Cow<'a, [Role]> {
        let from_roles = roles.iter().filter_map(|role| self.included.get(role));
        let from_groups = groups.iter().filter_map(|group| self.of_groups.get(group));
        let more: BTreeSet<&Role> =
            from_roles.chain(from_groups).flatten().filter(|role| !roles.contains(role)).collect();
        if more.is_empty() {
            return Cow::Borrowed(roles);
        }
        Cow::Owned(roles.iter().chain(more).cloned().collect())
    }
}

impl Wanted {
    /// Whether somebody with these roles and groups holds it.
    pub fn is_held(&self, roles: &[Role], groups: &[String]) -> bool {
        let has = |role: &Role| roles.contains(role);
        has(&self.role)
            || self.by_roles.iter().any(has)
            || self.by_groups.iter().any(|group| groups.contains(group))
    }
}

/// The way from a role back to itself. Only where it begins and ends there: a role that leads
/// into somebody else's cycle is not to blame.
fn cycle(start: &Role, roles: &BTreeMap<Role, Vec<Role>>) -> Option<HierarchyError> {
    let mut open: Vec<Vec<&Role>> = vec![vec![start]];
    let mut seen: BTreeSet<&Role> = BTreeSet::new();
    while let Some(path) = open.pop() {
        for next in path.last().and_then(|last| roles.get(last)).into_iter().flatten() {
            if next == start {
                let through = path.iter().skip(1).chain([&start]).map(|role| Role::clone(role));
                return Some(HierarchyError::Cycle {
                    role: start.clone(),
                    through: through.collect(),
                });
            }
            if seen.insert(next) {
                open.push(path.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

fn quoted(roles: &[Role]) -> String {
    let quoted: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
    quoted.join(", ")
}
