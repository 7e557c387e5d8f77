//! Carries out the commands: the one place where the command line, the control socket and later
//! the admin API meet the system.

use std::time::Duration;

use symbolon_auth::AccountError;
use symbolon_core::audit::{Actor, By, Entry, Kind, Record};
use symbolon_core::client_token::ProvedClient;
use symbolon_core::internal_token::KeyState;
use symbolon_core::{ClientId, KeyId, Role, Session, SessionId, SubjectId};
use symbolon_gateway::{Question, QuestionError};
use symbolon_store::keys::{KeyListing, KeysError};
use symbolon_store::{Account, StoreError};

use super::clients::{self, ClientCommandError};
use super::reset_password::{ResetError, reset_password};
use super::{
    AuditRows, Command, KeyRow, MAX_LISTED_ACCOUNTS, MAX_LISTED_SESSIONS, Password, Reply,
    SessionRow, UserRow,
};
use crate::services::Services;

/// Accounts read at once.
const ACCOUNTS_PER_PAGE: u32 = 1_000;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("there is no account `{0}`")]
    NoAccount(SubjectId),
    #[error("there is no session `{0}`")]
    NoSession(SessionId),
    #[error("there is no enabled client `{0}`")]
    NoClient(ClientId),
    #[error("there is no key `{0}`")]
    NoKey(KeyId),
    #[error(transparent)]
    Client(#[from] ClientCommandError),
    #[error(transparent)]
    Password(#[from] ResetError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("there is no gateway here")]
    NoGateway,
    #[error(transparent)]
    Question(#[from] QuestionError),
}

/// Carries out one command of the user of this process.
pub(crate) async fn execute(services: &Services, command: Command) -> Result<Reply, CommandError> {
    let user = rustix::process::getuid().as_raw();
    execute_as(services, Actor::Operator(user), command).await
}

/// Carries out one command. What it acknowledges is durable, and recorded as done by `actor`.
pub(crate) async fn execute_as(
    services: &Services,
    actor: Actor,
    command: Command,
) -> Result<Reply, CommandError> {
    let by = By::new(actor.clone(), None, services.clock.now());
    let accounts = || services.auth.accounts().by(actor);
    match command {
        Command::UserAdd { name, password, roles, groups } => {
            let account = accounts().create(name, password.reveal(), roles, groups).await?;
            done(format!("account `{}` added", account.subject))
        }
        Command::UserList => list_users(services).await,
        Command::UserPassword { name, password } => {
            let ended = reset_password(services, &name, &password, &by).await?;
            done(format!("account `{name}` has a new password, {ended} sessions ended"))
        }
        Command::UserDisable { name } => {
            let is_known = accounts().disable(&name).await?;
            known_account(is_known, name, "disabled, its sessions ended")
        }
        Command::UserEnable { name } => {
            let is_known = accounts().enable(&name).await?;
            known_account(is_known, name, "enabled")
        }
        Command::UserRoles { name, roles } => {
            let is_known = accounts().set_roles(&name, &roles).await?;
            let says = format!("has now the roles [{}]", joined(&roles));
            known_account(is_known, name, &says)
        }
        Command::UserGroups { name, groups } => {
            let is_known = accounts().set_groups(&name, &groups).await?;
            let says = format!("has now the groups [{}]", groups.join(", "));
            known_account(is_known, name, &says)
        }
        Command::SessionList { subject } => {
            let listed = services.sessions.list(subject.as_ref(), MAX_LISTED_SESSIONS).await?;
            Ok(Reply::Sessions(listed.iter().map(session_row).collect()))
        }
        Command::SessionEnd { id } => {
            if services.sessions.end_by(id, &by).await? {
                done(format!("session `{id}` ended"))
            } else {
                Err(CommandError::NoSession(id))
            }
        }
        Command::SessionEndAll { subject } => {
            let count = services.sessions.end_all_by(&subject, &by).await?;
            done(format!("{count} sessions of `{subject}` ended"))
        }
        Command::Client(command) => Ok(clients::execute(services, command, &by).await?),
        Command::Explain { method, url, headers, source } => {
            explain(services, Question { method, url, headers, source }).await
        }
        Command::KeyList => {
            let listed = services.keys.list(services.clock.now());
            Ok(Reply::Keys(listed.iter().map(key_row).collect()))
        }
        Command::KeyRotate => {
            let id = services.keys.rotate(&by).await?;
            done(format!("key `{id}` is published and will sign next"))
        }
        Command::ClientJwt { id, lifetime } => client_token(services, id, lifetime, &by).await,
        Command::KeyPull { id } => {
            if services.keys.pull(&id, &by).await? {
                done(format!("key `{id}` pulled: what it signed is refused"))
            } else {
                Err(CommandError::NoKey(id))
            }
        }
        Command::AuditPage { after, since, limit } => {
            let page = services.core.audit(after, since, limit).await?;
            let cut = page.cut.map(|cut| (cut.sequence, cut.hash.to_string()));
            let lines = page.entries.iter().map(Entry::to_line).collect();
            Ok(Reply::Audit(AuditRows { cut, lines }))
        }
    }
}

/// A token in the name of a client, by somebody who may do everything here: on record before
/// anybody has it.
async fn client_token(
    services: &Services,
    id: ClientId,
    lifetime: Duration,
    by: &By,
) -> Result<Reply, CommandError> {
    let gateway = services.gateway.get().ok_or(CommandError::NoGateway)?;
    let client = gateway.client(&id).filter(|client| client.enabled);
    if client.is_none() {
        return Err(CommandError::NoClient(id));
    }
    let record = Record::new(Kind::ClientTokenMade, by).client(&id);
    let proved = ProvedClient { client: id, credential: None };
    let (now, random) = (services.clock.now(), &*services.random);
    let issued = services.client_tokens.issue(&proved, lifetime, now, random);
    let record = record.with("lifetime", issued.lifetime.as_secs());
    services.core.record(&[record]).await?;
    Ok(Reply::Token(Password::new(issued.token.into())))
}

async fn explain(services: &Services, question: Question) -> Result<Reply, CommandError> {
    let Some(gateway) = services.gateway.get() else { return Err(CommandError::NoGateway) };
    Ok(Reply::Explained(Box::pin(gateway.explain(question)).await?))
}

#[expect(clippy::unnecessary_wraps, reason = "every arm of `execute` gives a result")]
fn done(says: String) -> Result<Reply, CommandError> {
    Ok(Reply::Done(says))
}

fn known_account(is_known: bool, name: SubjectId, says: &str) -> Result<Reply, CommandError> {
    if is_known {
        done(format!("account `{name}` {says}"))
    } else {
        Err(CommandError::NoAccount(name))
    }
}

async fn list_users(services: &Services) -> Result<Reply, CommandError> {
    let accounts = services.auth.accounts();
    let mut listed: Vec<Account> = Vec::new();
    loop {
        let after = listed.last().map(|account| &account.subject);
        let page = accounts.list(after, ACCOUNTS_PER_PAGE).await?;
        let is_last = page.is_empty();
        listed.extend(page);
        if is_last || listed.len() >= MAX_LISTED_ACCOUNTS {
            listed.truncate(MAX_LISTED_ACCOUNTS);
            return Ok(Reply::Users(listed.iter().map(user_row).collect()));
        }
    }
}

fn user_row(account: &Account) -> UserRow {
    UserRow {
        name: account.subject.to_string(),
        roles: account.roles.iter().map(Role::to_string).collect(),
        groups: account.groups.clone(),
        disabled: account.disabled,
        created_at: account.created_at.to_string(),
    }
}

fn session_row(session: &Session) -> SessionRow {
    let device = session.device.as_deref();
    let source = device.and_then(|device| device.source);
    SessionRow {
        id: session.id.to_string(),
        subject: session.subject.to_string(),
        created_at: session.created_at.to_string(),
        last_seen: session.last_seen.to_string(),
        ends_at: session.ends_at().to_string(),
        source: source.map(|source| source.to_string()).unwrap_or_default(),
        user_agent: device.map(|device| device.user_agent.clone()).unwrap_or_default(),
    }
}

fn key_row(key: &KeyListing) -> KeyRow {
    let state = match key.state {
        KeyState::Pending => "pending",
        KeyState::Signing => "signing",
        KeyState::Retired => "retired",
        KeyState::Pulled => "pulled",
    };
    KeyRow {
        id: key.id.to_string(),
        state: state.to_owned(),
        created_at: key.created_at.to_string(),
        active_from: key.active_from.to_string(),
        pulled_at: key.pulled_at.map(|at| at.to_string()),
    }
}

fn joined(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
    names.join(", ")
}
