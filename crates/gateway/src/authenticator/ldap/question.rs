//! Whether a name and a password belong together, and whose they are: one question, some
//! operations.
//!
//! A name that nobody has takes as many operations as one that somebody has: the password is tried
//! on an entry that is not there, so that the time of the answer does not tell names.

use std::borrow::Cow;
use std::sync::Arc;

use ldap3::{Scope, SearchEntry};

use super::connection::{Connection, Found, Query};
use super::error::DirectoryError;
use super::groups;
use super::pool::{Pool, Purpose};
use super::typed::Typed;
use crate::config::authenticators::ldap::{Find, FindGroups, Ldap, ServiceAccount, Template};

/// What an entry is asked for only to see that it is there.
const ANY_ENTRY: &str = "(objectClass=*)";

/// Somebody whose password was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The name by which the directory knows them, whatever was typed.
    pub(crate) name: String,
    /// Groups by their names.
    pub(crate) groups: Vec<String>,
}

/// What the directory says.
pub(super) enum Said {
    Right(Person),
    Wrong(Cow<'static, str>),
}

/// One question.
pub(super) struct Question<'a> {
    pub(super) settings: &'a Ldap,
    pub(super) pool: &'a Pool,
    pub(super) typed: &'a Typed,
}

/// Asks a directory, in its turn and within its time.
pub(super) async fn ask(
    settings: Arc<Ldap>,
    pool: Arc<Pool>,
    typed: Typed,
) -> Result<Said, DirectoryError> {
    let asked = async {
        let _turn = pool.turns.next().await.ok_or(DirectoryError::Crowded)?;
        Question { settings: &settings, pool: &pool, typed: &typed }.answer().await
    };
    tokio::time::timeout(settings.timeout, asked).await.unwrap_or(Err(DirectoryError::Timeout))
}

impl Question<'_> {
    async fn answer(&self) -> Result<Said, DirectoryError> {
        match &self.settings.find {
            Find::Direct { dn } => self.directly(dn).await,
            Find::Search { base, filter, service_account } => {
                self.by_search(base, filter, service_account.as_ref()).await
            }
        }
    }

    /// The entry's name is known: the person proves it and reads their own entry.
    async fn directly(&self, dn: &Template) -> Result<Said, DirectoryError> {
        let dn = dn.dn(|_| self.typed.name().to_owned());
        let Some(mut connection) = self.prove(&dn).await? else {
            return Ok(wrong("the directory does not take this password"));
        };
        let own = self.query(&dn, Scope::Base, ANY_ENTRY, 1);
        let Found::All(entries) = connection.search(&own).await? else {
            return Err(DirectoryError::OwnEntry);
        };
        let entry = entries.into_iter().next().ok_or(DirectoryError::OwnEntry)?;
        let said = self.person(entry, &mut connection).await;
        // Otherwise a search may still be under way on it.
        if said.is_ok() {
            self.pool.give_back(connection, Purpose::Prove);
        }
        said
    }

    /// The entry is looked for first.
    async fn by_search(
        &self,
        base: &str,
        filter: &Template,
        account: Option<&ServiceAccount>,
    ) -> Result<Said, DirectoryError> {
        let read = Purpose::Read(account);
        let filter = filter.filter(|_| self.typed.name().to_owned());
        let (found, mut reader) =
            self.read(&self.query(base, Scope::Subtree, &filter, 1), read).await?;
        let entry = match found {
            Found::All(entries) => entries.into_iter().next(),
            Found::TooMany => {
                // What comes after is of no interest: the connection goes.
                return Ok(wrong("the name is that of several entries"));
            }
        };
        let dn = match &entry {
            Some(entry) => entry.dn.clone(),
            None => format!("cn=nobody-{},{base}", self.typed.nonce()),
        };
        let proved = self.prove(&dn).await;
        let said = match (proved, entry) {
            (Ok(Some(connection)), entry) => {
                self.pool.give_back(connection, Purpose::Prove);
                match entry {
                    Some(entry) => self.person(entry, &mut reader).await,
                    None => Ok(wrong("nobody has this name")),
                }
            }
            (Ok(None), Some(_)) => Ok(wrong("the directory does not take this password")),
            (Ok(None), None) => Ok(wrong("nobody has this name")),
            (Err(error), _) => Err(error),
        };
        if said.is_ok() {
            self.pool.give_back(reader, read);
        }
        said
    }

    /// Tries the password; the connection on which it was right.
    async fn prove(&self, dn: &str) -> Result<Option<Connection>, DirectoryError> {
        let limit = self.settings.timeout;
        let mut connection = self.pool.take(Purpose::Prove).await?;
        let mut proved = connection.bind(dn, self.typed.password(), limit).await;
        if connection.is_reused && proved.as_ref().is_err_and(DirectoryError::is_worth_another) {
            connection = self.pool.fresh(Purpose::Prove).await?;
            proved = connection.bind(dn, self.typed.password(), limit).await;
        }
        if proved? {
            return Ok(Some(connection));
        }
        // It is nobody now (RFC 4511 section 4.2.1), and the next one's.
        self.pool.give_back(connection, Purpose::Prove);
        Ok(None)
    }

    /// Searches on a connection of a purpose.
    async fn read(
        &self,
        query: &Query<'_>,
        purpose: Purpose<'_>,
    ) -> Result<(Found, Connection), DirectoryError> {
        let mut connection = self.pool.take(purpose).await?;
        let mut found = connection.search(query).await;
        if connection.is_reused && found.as_ref().is_err_and(DirectoryError::is_worth_another) {
            connection = self.pool.fresh(purpose).await?;
            found = connection.search(query).await;
        }
        found.map(|found| (found, connection))
    }

    fn query<'q>(
        &'q self,
        base: &'q str,
        scope: Scope,
        filter: &'q str,
        limit: usize,
    ) -> Query<'q> {
        let attributes = self.attributes();
        Query { base, scope, filter, attributes, limit, timeout: self.settings.timeout }
    }

    /// What of a person's entry is of use. Some directories give `memberOf` only when asked for it.
    fn attributes(&self) -> Vec<&str> {
        let groups = self.settings.groups.as_ref().map(|groups| &groups.find);
        let member_of = match groups {
            Some(FindGroups::MemberOf(attribute)) => Some(&**attribute),
            _ => None,
        };
        std::iter::once(&*self.settings.subject).chain(member_of).collect()
    }

    /// Who it is, once that is proved; groups are read on the connection.
    async fn person(
        &self,
        entry: SearchEntry,
        connection: &mut Connection,
    ) -> Result<Said, DirectoryError> {
        let mut names = values(&entry, &self.settings.subject);
        let name = match (names.next(), names.next()) {
            (Some(name), None) if !name.is_empty() => name.to_owned(),
            (None | Some(_), None) => return Ok(wrong("the entry has no name for the principal")),
            // Which of them comes first, nobody says: somebody would be now one, now the other.
            (_, Some(_)) => return Ok(wrong("the entry has several names for the principal")),
        };
        let Some(wanted) = &self.settings.groups else {
            return Ok(Said::Right(Person { name, groups: Vec::new() }));
        };
        let groups = match &wanted.find {
            FindGroups::MemberOf(attribute) => groups::named(values(&entry, attribute), wanted)?,
            FindGroups::Filter(filter) => {
                let value = |place: &str| match place {
                    "dn" => entry.dn.clone(),
                    _ => name.clone(),
                };
                let filter = filter.filter(value);
                let query = Query {
                    attributes: vec![&*wanted.name],
                    ..self.query(&wanted.base, Scope::Subtree, &filter, groups::MAX_GROUPS)
                };
                groups::found(connection.search(&query).await?, wanted)?
            }
        };
        Ok(Said::Right(Person { name, groups }))
    }
}

/// The values of an attribute, in whatever case the directory writes its name.
pub(super) fn values<'a>(
    entry: &'a SearchEntry,
    attribute: &'a str,
) -> impl Iterator<Item = &'a str> {
    let is_it = |name: &str| name.eq_ignore_ascii_case(attribute);
    let values = entry.attrs.iter().filter(move |(name, _)| is_it(name));
    values.flat_map(|(_, values)| values).map(String::as_str)
}

const fn wrong(why: &'static str) -> Said {
    Said::Wrong(Cow::Borrowed(why))
}
