//! Clients: what operators can do to them, and how it is carried out.

mod command;
mod proof;
mod row;

use std::time::Duration;

use symbolon_core::audit::{By, Kind};
use symbolon_core::client::{Client, CredentialId, Proof, ProofKind};
use symbolon_core::internal_token::OWN_CLIENT;
use symbolon_core::{ClientId, PlainToken, Timestamp, TokenKind};
use symbolon_store::{ClientsError, Directory};
use zeroize::Zeroizing;

use super::{Password, Reply};
use crate::services::Services;

pub(crate) use command::{Certificate, Change, ClientCommand, Expiry, Facts, NewProof};
pub(crate) use proof::ProofError;
pub(crate) use row::ClientRow;

/// Why a command about clients was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientCommandError {
    #[error("the client name `{OWN_CLIENT}` belongs to the pages of this system")]
    OwnName,
    #[error("a credential that ends at {0} would be over already")]
    Over(Timestamp),
    #[error("only API keys are made anew here: add another credential, and remove this one later")]
    NotRotated,
    #[error(transparent)]
    Proof(#[from] ProofError),
    #[error(transparent)]
    Clients(#[from] ClientsError),
}

/// Carries out one command.
pub(super) async fn execute(
    services: &Services,
    command: ClientCommand,
    by: &By,
) -> Result<Reply, ClientCommandError> {
    let clients = &services.clients;
    match command {
        ClientCommand::Add { id, .. } if id.as_str() == OWN_CLIENT => {
            Err(ClientCommandError::OwnName)
        }
        ClientCommand::Add { id, facts } => {
            clients.add(facts.client(id.clone()), by).await?;
            Ok(Reply::Done(format!("client `{id}` added")))
        }
        ClientCommand::List => Ok(Reply::Clients(list(services))),
        ClientCommand::Show { id } => show(services, &id),
        ClientCommand::Change { id, change } => {
            let says = change.says();
            clients.change(id.clone(), (change.kind(), by), |client| change.make(client)).await?;
            Ok(Reply::Done(format!("client `{id}` {says}")))
        }
        ClientCommand::Remove { id } => {
            clients.remove(id.clone(), by).await?;
            Ok(Reply::Done(format!("client `{id}` removed")))
        }
        ClientCommand::CredentialAdd { client, id, expiry, proof } => {
            let expires_at = expires_at(expiry, by.at)?;
            let (proof, secret) = proof.make(services).await?;
            let added = clients.add_credential(client.clone(), (id, proof), expires_at, by);
            let id = added.await?;
            Ok(credential(&client, &id, "added", secret))
        }
        ClientCommand::CredentialRemove { client, id } => {
            clients.remove_credential(client.clone(), id.clone(), by).await?;
            Ok(Reply::Done(format!("credential `{id}` of client `{client}` removed")))
        }
        ClientCommand::CredentialRotate { client, id, overlap, expiry } => {
            rotate(services, (client, id), (overlap, expiry), by).await
        }
    }
}

/// A new key beside the old one, which ends after the overlap.
async fn rotate(
    services: &Services,
    (client, replaced): (ClientId, CredentialId),
    (overlap, expiry): (Duration, Option<Expiry>),
    by: &By,
) -> Result<Reply, ClientCommandError> {
    let current = services.clients.current();
    let credentials = current.credentials(&client).iter();
    let mut old = credentials.filter(|registered| registered.credential().id == replaced);
    let old = old.next().map(|registered| registered.credential());
    if old.is_some_and(|old| old.proof.kind() != ProofKind::ApiKey) {
        return Err(ClientCommandError::NotRotated);
    }
    let own_end = old.and_then(|old| old.expires_at);
    let expires_at = expires_at(expiry, by.at)?;
    let key = PlainToken::generate(TokenKind::ApiKey, &*services.random);
    let proof = Proof::ApiKey { hash: key.hash() };
    let times = (overlap, expires_at);
    let rotated =
        services.clients.rotate_credential(client.clone(), replaced.clone(), proof, times, by);
    let id = rotated.await?;
    // As the store takes it: nothing lives longer for being replaced.
    let overlap_end = by.at.plus(overlap);
    let ends_at = own_end.map_or(overlap_end, |at| at.min(overlap_end));
    let mut says = format!("added, `{replaced}` ends at {ends_at}");
    if own_end.is_some() && expires_at.is_none() {
        says.push_str(", and the new one does not expire, as the old one did");
    }
    Ok(credential(&client, &id, &says, Some(secret(key.reveal()))))
}

fn show(services: &Services, id: &ClientId) -> Result<Reply, ClientCommandError> {
    let rows = list(services);
    // The file's comes first, where both have one.
    let row = rows.into_iter().find(|row| row.name == id.as_str());
    let row = row.ok_or_else(|| ClientsError::NoClient(id.clone()))?;
    Ok(Reply::Client(Box::new(row)))
}

/// All of them in the order of their names.
fn list(services: &Services) -> Vec<ClientRow> {
    let (file, store) = (services.clients.file(), services.clients.current());
    let now = services.clock.now();
    let rows = |directory: &Directory, source| -> Vec<ClientRow> {
        let row = |client: &std::sync::Arc<Client>| {
            let is_shadowed = source == row::STORE && file.client(&client.id).is_some();
            ClientRow::new(client, directory.credentials(&client.id), (source, is_shadowed), now)
        };
        directory.clients().map(row).collect()
    };
    let mut all = rows(&file, row::FILE);
    all.extend(rows(&store, row::STORE));
    all.sort_by(|one, other| (&one.name, &one.source).cmp(&(&other.name, &other.source)));
    all
}

fn credential(client: &ClientId, id: &CredentialId, says: &str, secret: Option<Password>) -> Reply {
    Reply::Credential {
        says: format!("credential `{id}` of client `{client}` {says}"),
        client: client.to_string(),
        credential: id.to_string(),
        secret,
    }
}

fn secret(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned()))
}

fn expires_at(
    expiry: Option<Expiry>,
    now: Timestamp,
) -> Result<Option<Timestamp>, ClientCommandError> {
    let at = expiry.map(|expiry| match expiry {
        Expiry::At(at) => at,
        Expiry::In(span) => now.plus(span),
    });
    match at {
        Some(at) if at <= now => Err(ClientCommandError::Over(at)),
        at => Ok(at),
    }
}

impl Change {
    fn kind(&self) -> Kind {
        match self {
            Self::Enabled(true) => Kind::ClientEnabled,
            Self::Enabled(false) => Kind::ClientDisabled,
            _ => Kind::ClientChanged,
        }
    }
}
