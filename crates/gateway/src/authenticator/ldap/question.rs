//! Whether a name and a password belong together, and whose they are: one question in two parts,
//! each of some operations. Between them the directory has nothing to do: there, attempts wait.
//!
//! A name that nobody has takes as many operations as one that somebody has: the password is tried
//! on an entry that is not there, so that the time of the answer does not tell names.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ldap3::{Scope, SearchEntry};
use tokio::time::Instant;

use super::connection::{Connection, Found, Query};
use super::error::DirectoryError;
use super::groups;
use super::pool::{Pool, Purpose};
use super::typed::Typed;
use crate::config::authenticators::ldap::{Find, FindGroups, Ldap, Template};

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

/// Whose password is to be tried.
pub(super) struct Sought {
    dn: String,
    /// As it was found; `None` where nobody has the name, or where nobody looked.
    entry: Option<SearchEntry>,
    /// By what attempts at this entry are counted, whatever name led to it.
    whose: Option<String>,
    /// The time that is left for the rest.
    left: Duration,
}

/// One question.
pub(super) struct Question<'a> {
    pub(super) settings: &'a Ldap,
    pub(super) pool: &'a Pool,
    pub(super) typed: &'a Typed,
}

/// Looks for whoever has the name, in its turn and within its time; or why they cannot log in.
pub(super) async fn seek(
    settings: Arc<Ldap>,
    pool: Arc<Pool>,
    typed: Arc<Typed>,
) -> Result<Result<Sought, Cow<'static, str>>, DirectoryError> {
    let began = Instant::now();
    let question = Question { settings: &settings, pool: &pool, typed: &typed };
    let (base, filter) = match &settings.find {
        Find::Direct { dn } => {
            let dn = dn.dn(|_| typed.name().to_owned());
            return Ok(Ok(Sought { dn, entry: None, whose: None, left: settings.timeout }));
        }
        Find::Search { base, filter, .. } => (base, filter),
    };
    let seek = Box::pin(question.seek(base, filter));
    let sought = in_turn(&pool, settings.timeout, seek).await?;
    let left = settings.timeout.saturating_sub(began.elapsed());
    Ok(sought.map(|sought| Sought { left, ..sought }))
}

/// Tries the password, and reads whose it is; in its turn and within its time.
pub(super) async fn prove(
    settings: Arc<Ldap>,
    pool: Arc<Pool>,
    typed: Arc<Typed>,
    sought: Sought,
) -> Result<Said, DirectoryError> {
    let question = Question { settings: &settings, pool: &pool, typed: &typed };
    let left = sought.left;
    let answer = async {
        match &settings.find {
            // What talks to a directory keeps much while it waits.
            Find::Direct { .. } => Box::pin(question.directly(&sought.dn)).await,
            Find::Search { .. } => Box::pin(question.as_found(sought)).await,
        }
    };
    in_turn(&pool, left, answer).await
}

async fn in_turn<T>(
    pool: &Pool,
    limit: Duration,
    question: impl Future<Output = Result<T, DirectoryError>>,
) -> Result<T, DirectoryError> {
    let asked = async {
        let _turn = pool.turns.next().await.ok_or(DirectoryError::Crowded)?;
        question.await
    };
    tokio::time::timeout(limit, asked).await.unwrap_or(Err(DirectoryError::Timeout))
}

impl Sought {
    /// Who it is by the directory's word, where that was asked: the name by which people know
    /// them, so that it is one budget with the account that has it; else the entry's own.
    pub(super) fn whose(&self) -> Option<&str> {
        self.whose.as_deref()
    }
}

impl Question<'_> {
    /// The entry's name is known: the person proves it and reads their own entry.
    async fn directly(&self, dn: &str) -> Result<Said, DirectoryError> {
        let Some(mut connection) = self.prove(dn).await? else {
            return Ok(wrong("the directory does not take this password"));
        };
        let own = self.query(dn, Scope::Base, ANY_ENTRY, 1);
        let Found::All(entries) = connection.search(&own).await? else {
            return Err(DirectoryError::OwnEntry);
        };
        let entry = entries.into_iter().next().ok_or(DirectoryError::OwnEntry)?;
        let said = self.person(entry, Some(&mut connection)).await;
        // Otherwise a search may still be under way on it.
        if said.is_ok() {
            self.pool.give_back(connection, Purpose::Prove);
        }
        said
    }

    /// The entry is looked for.
    async fn seek(
        &self,
        base: &str,
        filter: &Template,
    ) -> Result<Result<Sought, Cow<'static, str>>, DirectoryError> {
        let filter = filter.filter(|_| self.typed.name().to_owned());
        let found = self.read(&self.query(base, Scope::Subtree, &filter, 1)).await?;
        let Found::All(entries) = found else {
            return Ok(Err("the name is that of several entries".into()));
        };
        let entry = entries.into_iter().next();
        let dn = match &entry {
            Some(entry) => entry.dn.clone(),
            None => format!("cn=nobody-{},{base}", self.typed.nonce()),
        };
        let whose = entry.as_ref().map(|entry| {
            let mut names = values(entry, &self.settings.subject);
            match (names.next(), names.next()) {
                (Some(name), None) if !name.is_empty() => name.to_owned(),
                _ => entry.dn.clone(),
            }
        });
        Ok(Ok(Sought { dn, entry, whose, left: Duration::ZERO }))
    }

    /// Of the entry that was found, or of one that is not there.
    async fn as_found(&self, sought: Sought) -> Result<Said, DirectoryError> {
        let proved = self.prove(&sought.dn).await?;
        match (proved, sought.entry) {
            (Some(connection), entry) => {
                self.pool.give_back(connection, Purpose::Prove);
                match entry {
                    Some(entry) => self.person(entry, None).await,
                    None => Ok(wrong("nobody has this name")),
                }
            }
            (None, Some(_)) => Ok(wrong("the directory does not take this password")),
            (None, None) => Ok(wrong("nobody has this name")),
        }
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

    /// Searches as the service account, or as nobody where there is none.
    async fn read(&self, query: &Query<'_>) -> Result<Found, DirectoryError> {
        let account = match &self.settings.find {
            Find::Search { service_account, .. } => service_account.as_ref(),
            Find::Direct { .. } => None,
        };
        let purpose = Purpose::Read(account);
        let mut connection = self.pool.take(purpose).await?;
        let mut found = connection.search(query).await;
        if connection.is_reused && found.as_ref().is_err_and(DirectoryError::is_worth_another) {
            connection = self.pool.fresh(purpose).await?;
            found = connection.search(query).await;
        }
        let found = found?;
        // What comes after too many is of no interest: then the connection goes.
        if matches!(found, Found::All(_)) {
            self.pool.give_back(connection, purpose);
        }
        Ok(found)
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

    /// Who it is, once that is proved; groups are read on their own connection, where they have
    /// one.
    async fn person(
        &self,
        entry: SearchEntry,
        own: Option<&mut Connection>,
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
                let found = match own {
                    Some(connection) => connection.search(&query).await?,
                    None => self.read(&query).await?,
                };
                groups::found(found, wanted)?
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
