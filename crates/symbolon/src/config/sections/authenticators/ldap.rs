//! `ldap`: the directory, how people are found in it, and what their groups mean.

use std::collections::BTreeMap;

use symbolon_core::Role;
use symbolon_gateway::config::authenticators::ldap::{
    Find, FindGroups, Groups, Ldap, Scheme, Security, ServiceAccount, Template, TemplateError,
    check_dn, check_filter,
};
use symbolon_gateway::tls::TargetTls;

use super::endpoint::{self, Address};
use super::secret;
use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::shape::{HOUR, Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::Node;

pub(super) static SECTION: Section = Section {
    is: "`ldap`",
    doc: "Name and password, which a directory knows",
    keys: &[
        Key::required("url", "`ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]`", Shape::Text),
        Key::default(
            "start_tls",
            "Whether a connection to `ldap://` is made secure before anything else is said",
            Shape::Truth,
            "false",
        ),
        endpoint::TLS,
        endpoint::UNENCRYPTED,
        Key::default(
            "schemes",
            "Under which schemes of `Authorization` name and password come",
            Shape::List { of: &Shape::Choice { of: &["basic", "ldap"], later: &[] }, min: 1 },
            "[basic]",
        ),
        Key::optional(
            "user_dn",
            "The entry of somebody, such as `uid={username},ou=people,dc=example`",
            Shape::Text,
        ),
        Key::optional("search", SEARCH.doc, Shape::Section(&SEARCH)),
        Key::default("subject", "The attribute that names the principal", Shape::Text, "uid"),
        Key::optional("groups", GROUPS.doc, Shape::Section(&GROUPS)),
        Key::default(
            "roles",
            "The roles that groups bring, by the names of the groups",
            Shape::Mapping { of: &Shape::List { of: &Shape::Text, min: 0 } },
            "{}",
        ),
        Key::default(
            "cache",
            "How long a right password is believed without asking again",
            Shape::Duration { min: 0, max: HOUR },
            "1m",
        ),
        Key::default(
            "negative_cache",
            "How long a wrong password is refused without asking again",
            Shape::Duration { min: 0, max: HOUR },
            "5s",
        ),
        endpoint::CACHE_ENTRIES,
        endpoint::CONNECTIONS,
        endpoint::QUEUE,
        endpoint::CONNECT_TIMEOUT,
        endpoint::TIMEOUT,
    ],
};

static SEARCH: Section = Section {
    is: "`search`",
    doc: "How the entry of somebody is looked for",
    keys: &[
        Key::required("base", "The entry below which is looked", Shape::Text),
        Key::default("filter", "What for, with `{username}`", Shape::Text, "\"(uid={username})\""),
        Key::optional(
            "bind_dn",
            "The account that looks. Default: nobody in particular",
            Shape::Text,
        ),
        Key::optional("bind_password_file", "File with its password", Shape::Text),
        Key::optional("bind_password_env", "Environment variable with its password", Shape::Text),
    ],
};

static GROUPS: Section = Section {
    is: "`groups`",
    doc: "What groups somebody is in",
    keys: &[
        Key::required(
            "base",
            "The entry below which groups stand; others do not count",
            Shape::Text,
        ),
        Key::optional(
            "member_of",
            "The attribute of somebody's entry that names their groups, such as `memberOf`",
            Shape::Text,
        ),
        Key::rule(
            "filter",
            "How groups are looked for, with `{dn}` and `{username}`: `(member={dn})`",
            Shape::Text,
        ),
        Key::default("name", "The attribute that is a group's name", Shape::Text, "cn"),
    ],
};

pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Ldap> {
    let node = fields.get("url")?;
    let text = node.scalar()?;
    let address = Address::read(text, [("ldap", 389), ("ldaps", 636)]);
    let Some(address) = address.filter(|address| address.target.trim_matches('/').is_empty())
    else {
        mistakes.add(node.place, format!("`url`: `{text}` must be `ldaps://HOST[:PORT]`"));
        return None;
    };
    let security = security(fields, &address, surroundings, mistakes);
    let find = find(fields, surroundings, mistakes);
    let (security, find) = (security?, find?);
    if !security.can_name(address.host) {
        let message = format!("`url`: `tls.server_name` is needed for `{text}`");
        mistakes.add(node.place, message);
    }
    Some(Ldap {
        host: address.host.to_owned(),
        port: address.port,
        schemes: schemes(fields),
        security,
        find,
        subject: fields.text("subject").to_owned(),
        groups: fields.section("groups").and_then(|groups| self::groups(groups, mistakes)),
        roles: roles(fields, mistakes),
        cache: fields.duration("cache"),
        negative_cache: fields.duration("negative_cache"),
        cache_entries: endpoint::number(fields, "cache_entries"),
        connections: endpoint::number(fields, "connections"),
        queue: endpoint::number(fields, "queue"),
        connect_timeout: fields.duration("connect_timeout"),
        timeout: fields.duration("timeout"),
    })
}

fn security(
    fields: Fields<'_>,
    address: &Address<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Security> {
    let starts_tls = fields.is_true("start_tls");
    if address.is_secure && starts_tls {
        mistakes.add(fields.place(), "`start_tls` is of no use with `ldaps://`");
    }
    let is_secure = address.is_secure || starts_tls;
    endpoint::check_encrypted(fields, &Address { is_secure, ..*address }, mistakes);
    let load = TargetTls::load_for_directory;
    let tls = endpoint::tls(fields, is_secure, surroundings, mistakes, load);
    match tls {
        Some(tls) if address.is_secure => Some(Security::Tls(tls)),
        Some(tls) => Some(Security::StartTls(tls)),
        None if is_secure => None,
        None => Some(Security::None),
    }
}

fn schemes(fields: Fields<'_>) -> Vec<Scheme> {
    let scheme = |node: &Node| match node.scalar() {
        Some("ldap") => Scheme::Ldap,
        _ => Scheme::Basic,
    };
    fields.list("schemes").iter().map(scheme).collect()
}

fn find(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Find> {
    match (fields.get("user_dn"), fields.section("search")) {
        (Some(_), None) => {
            let dn = template(fields, "user_dn", &["username"], check_dn, mistakes)?;
            Some(Find::Direct { dn })
        }
        (None, Some(search)) => {
            let filter = template(search, "filter", &["username"], check_filter, mistakes);
            let service_account = service_account(search, surroundings, mistakes);
            let base = search.text("base").to_owned();
            Some(Find::Search { base, filter: filter?, service_account })
        }
        _ => {
            mistakes.add(fields.place(), "`ldap` must say either `user_dn` or `search`");
            None
        }
    }
}

fn service_account(
    search: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<ServiceAccount> {
    let keys = ["bind_password_file", "bind_password_env"];
    let has_password = keys.iter().any(|key| search.get(key).is_some());
    match search.optional_text("bind_dn") {
        Some(dn) => {
            let password = secret(search, keys, surroundings, mistakes)?;
            Some(ServiceAccount { dn: dn.to_owned(), password })
        }
        None if has_password => {
            mistakes.add(search.place(), "there is a password and no `bind_dn` for it");
            None
        }
        None => None,
    }
}

fn groups(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<Groups> {
    let find = match (fields.optional_text("member_of"), fields.get("filter")) {
        (Some(attribute), None) => FindGroups::MemberOf(attribute.to_owned()),
        (None, Some(_)) => {
            let known = ["dn", "username"];
            FindGroups::Filter(template(fields, "filter", &known, check_filter, mistakes)?)
        }
        _ => {
            mistakes.add(fields.place(), "`groups` must say either `member_of` or `filter`");
            return None;
        }
    };
    let (base, name) = (fields.text("base").to_owned(), fields.text("name").to_owned());
    Some(Groups { base, find, name })
}

fn roles(fields: Fields<'_>, mistakes: &mut Mistakes) -> BTreeMap<String, Vec<Role>> {
    let mut all = BTreeMap::new();
    for (group, node) in fields.entries("roles") {
        let roles = fields::items(node).iter();
        let roles = roles.filter_map(|node| fields::parse::<Role>(node, "roles", mistakes));
        all.insert(group.text.to_lowercase(), roles.collect());
    }
    all
}

fn template(
    fields: Fields<'_>,
    key: &'static str,
    known: &[&'static str],
    check: impl Fn(&Template) -> Result<(), TemplateError>,
    mistakes: &mut Mistakes,
) -> Option<Template> {
    let node = fields.get(key)?;
    let template = Template::parse(node.scalar()?, known);
    match template.and_then(|template| check(&template).map(|()| template)) {
        Ok(template) => Some(template),
        Err(error) => {
            mistakes.add(node.place, format!("`{key}` is refused: {error}"));
            None
        }
    }
}
