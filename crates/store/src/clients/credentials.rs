//! Adding, replacing and removing credentials of clients: as [`super::changes`], in the store first.

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::audit::{By, Kind, Record};
use symbolon_core::client::{Client, Credential, CredentialId, Proof};
use symbolon_core::{ClientId, Timestamp};

use super::changes::to_the_end;
use super::{Clients, ClientsError};

/// The most credentials of one client.
pub const MAX_CREDENTIALS: usize = 64;

impl Clients {
    /// Adds a credential; without a name it gets one of its kind with the next number. The name.
    pub async fn add_credential(
        self: &Arc<Self>,
        client: ClientId,
        (id, proof): (Option<CredentialId>, Proof),
        expires_at: Option<Timestamp>,
        by: &By,
    ) -> Result<CredentialId, ClientsError> {
        let (this, by) = (Arc::clone(self), by.clone());
        to_the_end(async move {
            let _changing = this.begin().await?;
            let new = New { id, proof, expires_at };
            this.put_credential(&client, new, None, &by).await
        })
        .await
    }

    /// Adds a credential in the place of another, which stays good for `overlap`. The name of the
    /// new one.
    pub async fn rotate_credential(
        self: &Arc<Self>,
        client: ClientId,
        replaced: CredentialId,
        proof: Proof,
        (overlap, expires_at): (Duration, Option<Timestamp>),
        by: &By,
    ) -> Result<CredentialId, ClientsError> {
        let (this, by) = (Arc::clone(self), by.clone());
        to_the_end(async move {
            let _changing = this.begin().await?;
            this.drop_expired(&client, &replaced, &by).await?;
            let new = New { id: None, proof, expires_at };
            let ends_at = by.at.plus(overlap);
            this.put_credential(&client, new, Some((replaced, ends_at)), &by).await
        })
        .await
    }

    /// Removes a credential. What it opened for others ends with those of its client.
    pub async fn remove_credential(
        self: &Arc<Self>,
        client: ClientId,
        id: CredentialId,
        by: &By,
    ) -> Result<(), ClientsError> {
        let (this, by) = (Arc::clone(self), by.clone());
        to_the_end(async move {
            let changing = this.begin().await?;
            this.take_out(&client, &id, &by).await?;
            drop(changing);
            this.sessions.end_all_for_client(&client, &by).await?;
            Ok(())
        })
        .await
    }

    /// Makes room for the successor of a credential, where there is none: whatever of its kind has
    /// run out goes. Until then it stays, so that whoever shows it hears that it has run out.
    async fn drop_expired(
        &self,
        client: &ClientId,
        replaced: &CredentialId,
        by: &By,
    ) -> Result<(), ClientsError> {
        let (_, before) = self.find(client)?;
        let kind = before.credentials.iter().find(|credential| credential.id == *replaced);
        let Some(kind) = kind.map(|credential| credential.proof.kind()) else { return Ok(()) };
        if before.credentials.len() < MAX_CREDENTIALS {
            return Ok(());
        }
        let has_run_out = |credential: &&Credential| {
            credential.proof.kind() == kind
                && credential.id != *replaced
                && credential.expires_at.is_some_and(|at| at <= by.at)
        };
        for credential in before.credentials.iter().filter(has_run_out) {
            self.take_out(client, &credential.id, by).await?;
        }
        Ok(())
    }

    /// Removes a credential, and nothing that it has opened.
    async fn take_out(
        &self,
        client: &ClientId,
        id: &CredentialId,
        by: &By,
    ) -> Result<(), ClientsError> {
        let (current, before) = self.find(client)?;
        let record = Record::new(Kind::CredentialRemoved, by).client(client);
        let record = record.with("credential", id.as_str());
        let mark = self.store.remove_credential(client, id, &record).await?;
        let mark = mark.ok_or_else(|| ClientsError::NoCredential(client.clone(), id.clone()))?;
        let mut after = Client::clone(&before);
        after.credentials.retain(|credential| credential.id != *id);
        self.show(current.with(after), mark);
        self.ended.credential(client, id, by.at);
        Ok(())
    }

    async fn put_credential(
        &self,
        client: &ClientId,
        new: New,
        replaces: Option<(CredentialId, Timestamp)>,
        by: &By,
    ) -> Result<CredentialId, ClientsError> {
        let (current, before) = self.find(client)?;
        let credential = new.named(&before)?;
        let file = self.file();
        let taken = file.looking_like(&credential.proof);
        if let Some(taken) = taken.or_else(|| current.looking_like(&credential.proof)) {
            return Err(ClientsError::Taken(taken.client().id.clone()));
        }
        let mut after = Client::clone(&before);
        let kind = match &replaces {
            None => Kind::CredentialAdded,
            Some((id, ends_at)) => {
                let mut credentials = after.credentials.iter_mut();
                let old = credentials.find(|credential| credential.id == *id);
                let old =
                    old.ok_or_else(|| ClientsError::NoCredential(client.clone(), id.clone()))?;
                let earlier = old.expires_at.map_or(*ends_at, |at| at.min(*ends_at));
                old.expires_at = Some(earlier);
                Kind::CredentialRotated
            }
        };
        let mut record = Record::new(kind, by).client(client);
        record = record.with("credential", credential.id.as_str());
        record = record.with("kind", credential.proof.kind().name());
        if let Some((id, _)) = &replaces {
            record = record.with("replaces", id.as_str());
        }
        let stored = self.seals.close(client, &credential)?;
        let replaces = replaces.as_ref().map(|(id, ends_at)| (id, *ends_at));
        let mark = self.store.add_credential(client, &stored, replaces, &record).await?;
        let mark = mark.ok_or_else(|| ClientsError::NoClient(client.clone()))?;
        let id = credential.id.clone();
        after.credentials.push(credential);
        self.ended.again(client, Some(&id), by.at);
        // As they are read.
        after.credentials.sort_by(|one, other| one.id.cmp(&other.id));
        self.show(current.with(after), mark);
        Ok(id)
    }
}

/// A credential that is to be added.
struct New {
    id: Option<CredentialId>,
    proof: Proof,
    expires_at: Option<Timestamp>,
}

impl New {
    /// With a name that no other credential of the client has.
    fn named(self, client: &Client) -> Result<Credential, ClientsError> {
        let Self { id, proof, expires_at } = self;
        if client.credentials.len() >= MAX_CREDENTIALS {
            return Err(ClientsError::TooMany("credentials", MAX_CREDENTIALS));
        }
        let is_taken = |id: &CredentialId| client.credentials.iter().any(|other| other.id == *id);
        let id = match id {
            Some(id) if is_taken(&id) => {
                return Err(ClientsError::CredentialExists(client.id.clone(), id));
            }
            Some(id) => id,
            None => {
                let mut free = (1..).map(|number| CredentialId::numbered(proof.kind(), number));
                // INVARIANT: fewer names are taken than there are numbers.
                free.find(|id| !is_taken(id))
                    .ok_or(ClientsError::TooMany("credentials", MAX_CREDENTIALS))?
            }
        };
        Ok(Credential { id, expires_at, proof })
    }
}
