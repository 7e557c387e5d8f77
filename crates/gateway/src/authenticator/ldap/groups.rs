//! What groups somebody is in.
//!
//! Only groups below the base count, wherever a directory lets others make some; and only those
//! whose name can stand in a list: services read them separated by commas.

use ldap3::SearchEntry;

use super::connection::Found;
use super::dn::Dn;
use super::error::DirectoryError;
use super::question::values;
use crate::config::authenticators::ldap::Groups;

/// The most groups of one person. More are an error: which of them count would be chance.
pub(super) const MAX_GROUPS: usize = 256;
/// The longest name of a group, in bytes.
const MAX_NAME: usize = 128;

/// The groups whose entries were found.
pub(super) fn found(found: Found, wanted: &Groups) -> Result<Vec<String>, DirectoryError> {
    let Found::All(entries) = found else { return Err(DirectoryError::TooManyGroups) };
    let name = |entry: &SearchEntry| {
        let mut names = values(entry, &wanted.name);
        let name = names.next()?.to_owned();
        // Of several names, the one in the entry's own name is meant.
        match names.next() {
            None => Some(name),
            Some(_) => Some(Dn::parse(&entry.dn)?.first(&wanted.name)?.to_owned()),
        }
    };
    Ok(plain(entries.iter().filter_map(name)))
}

/// The groups that an entry names.
pub(super) fn named<'a>(
    names: impl Iterator<Item = &'a str>,
    wanted: &Groups,
) -> Result<Vec<String>, DirectoryError> {
    let names: Vec<&str> = names.take(MAX_GROUPS + 1).collect();
    if names.len() > MAX_GROUPS {
        return Err(DirectoryError::TooManyGroups);
    }
    let Some(base) = Dn::parse(&wanted.base) else { return Ok(Vec::new()) };
    let name = |name: &&str| {
        let dn = Dn::parse(name).filter(|dn| dn.is_below(&base))?;
        dn.first(&wanted.name).map(str::to_owned)
    };
    Ok(plain(names.iter().filter_map(name)))
}

fn plain(names: impl Iterator<Item = String>) -> Vec<String> {
    let is_plain = |name: &String| {
        let is_odd = |letter: char| letter.is_control() || letter == ',';
        !name.is_empty() && name.len() <= MAX_NAME && !name.contains(is_odd)
    };
    let mut names: Vec<String> = names.filter(is_plain).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::authenticators::ldap::FindGroups;

    fn wanted() -> Groups {
        Groups {
            base: "ou=groups,dc=example".to_owned(),
            find: FindGroups::MemberOf("memberOf".to_owned()),
            name: "cn".to_owned(),
        }
    }

    #[test]
    fn only_groups_below_the_base_count() {
        let names = [
            "cn=staff,ou=groups,dc=example",
            "CN=Staff Two,OU=Groups,DC=Example",
            "cn=admins,ou=people,dc=example",
            r"cn=admins\,ou=groups,dc=example",
            "ou=groups,dc=example",
            "nonsense",
        ];
        assert_eq!(named(names.into_iter(), &wanted()).unwrap(), ["Staff Two", "staff"]);
    }

    #[test]
    fn a_name_that_would_be_two_in_a_list_is_none() {
        let names = [r"cn=staff\2cadmins,ou=groups,dc=example", r"cn=a\0db,ou=groups,dc=example"];
        assert_eq!(named(names.into_iter(), &wanted()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn too_many_groups_are_an_error() {
        let names: Vec<String> =
            (0..=MAX_GROUPS).map(|n| format!("cn=g{n},ou=groups,dc=example")).collect();
        let too_many = named(names.iter().map(String::as_str), &wanted());
        assert!(matches!(too_many, Err(DirectoryError::TooManyGroups)));
    }
}
