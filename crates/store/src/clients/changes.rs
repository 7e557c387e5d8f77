//! Changing clients: in the store first, then for every request, then the answer.
//!
//! Every change runs in a task of its own. Whoever asked for it may hang up; it is finished all the
//! same, so that requests never see less than what the store has acknowledged.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use symbolon_core::audit::{By, Kind, Record};
use symbolon_core::client::{Client, Credential, CredentialId, Proof};
use symbolon_core::{ClientId, Role, Timestamp};

use super::{Clients, ClientsError, Directory};

/// The most clients in the store.
pub const MAX_CLIENTS: usize = 100_000;
/// The most credentials of one client.
pub const MAX_CREDENTIALS: usize = 64;

impl Clients {
    /// Adds a client without credentials.
    pub async fn add(self: &Arc<Self>, client: Client, by: &By) -> Result<(), ClientsError> {
        let (this, by) = (Arc::clone(self), by.clone());
        to_the_end(async move {
            let _changing = this.begin().await?;
            let current = this.current.load_full();
            this.is_changed_here(&client.id)?;
            if current.client(&client.id).is_some() {
                return Err(ClientsError::ClientExists(client.id));
            }
            if current.len() >= MAX_CLIENTS {
                return Err(ClientsError::TooMany("clients", MAX_CLIENTS));
            }
            let record = Record::new(Kind::ClientAdded, &by).client(&client.id);
            let record = what_changed(record, &Client::new(client.id.clone()), &client);
            let mark = this.store.add_client(&client, &record).await?;
            this.show(current.with(client), mark);
            Ok(())
        })
        .await
    }

    /// Changes what is known of a client; `kind` is what the audit log calls that. One that is not
    /// enabled any more loses what it has opened for others.
    pub async fn change(
        self: &Arc<Self>,
        id: ClientId,
        (kind, by): (Kind, &By),
        change: impl FnOnce(&mut Client) + Send + 'static,
    ) -> Result<(), ClientsError> {
        let (this, by) = (Arc::clone(self), by.clone());
        to_the_end(async move {
            let changing = this.begin().await?;
            let (current, before) = this.find(&id)?;
            let mut client = Client::clone(&before);
            change(&mut client);
            let record = what_changed(Record::new(kind, &by).client(&id), &before, &client);
            let mark = this.store.change_client(&client, &record).await?;
            let mark = mark.ok_or_else(|| ClientsError::NoClient(id.clone()))?;
            let is_over = !client.enabled;
            this.show(current.with(client), mark);
            drop(changing);
            if is_over {
                this.sessions.end_all_for_client(&id, &by).await?;
            }
            Ok(())
        })
        .await
    }

    /// Removes a client with its credentials and what it has opened for others.
    pub async fn remove(self: &Arc<Self>, id: ClientId, by: &By) -> Result<(), ClientsError> {
        let (this, by) = (Arc::clone(self), by.clone());
        to_the_end(async move {
            let changing = this.begin().await?;
            this.find(&id)?;
            drop(changing);
            // First, so that a crash leaves a client that can be removed again, and no session of
            // a client that is gone; and once more for what was opened meanwhile.
            this.sessions.end_all_for_client(&id, &by).await?;
            let changing = this.begin().await?;
            let (current, _) = this.find(&id)?;
            let record = Record::new(Kind::ClientRemoved, &by).client(&id);
            let mark = this.store.remove_client(&id, &record).await?;
            let mark = mark.ok_or_else(|| ClientsError::NoClient(id.clone()))?;
            this.show(current.without(&id), mark);
            drop(changing);
            this.sessions.end_all_for_client(&id, &by).await?;
            Ok(())
        })
        .await
    }

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
            let (current, before) = this.find(&client)?;
            let record = Record::new(Kind::CredentialRemoved, &by).client(&client);
            let record = record.with("credential", id.as_str());
            let mark = this.store.remove_credential(&client, &id, &record).await?;
            let mark =
                mark.ok_or_else(|| ClientsError::NoCredential(client.clone(), id.clone()))?;
            let mut after = Client::clone(&before);
            after.credentials.retain(|credential| credential.id != id);
            this.show(current.with(after), mark);
            drop(changing);
            this.sessions.end_all_for_client(&client, &by).await?;
            Ok(())
        })
        .await
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
        // As they are read.
        after.credentials.sort_by(|one, other| one.id.cmp(&other.id));
        self.show(current.with(after), mark);
        Ok(id)
    }

    /// Leave to change something, knowing all that was changed before.
    async fn begin(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, ClientsError> {
        let changing = self.changing.lock().await;
        self.read_what_is_new().await?;
        Ok(changing)
    }

    /// A client of the store, among all of them.
    fn find(&self, id: &ClientId) -> Result<(Arc<Directory>, Arc<Client>), ClientsError> {
        self.is_changed_here(id)?;
        let current = self.current.load_full();
        match current.client(id).cloned() {
            Some(client) => Ok((current, client)),
            None => Err(ClientsError::NoClient(id.clone())),
        }
    }

    fn is_changed_here(&self, id: &ClientId) -> Result<(), ClientsError> {
        if self.file().client(id).is_some() {
            return Err(ClientsError::InFile(id.clone()));
        }
        Ok(())
    }
}

/// Puts what is known of a client into the record, as far as it changes. None of it is secret.
fn what_changed(mut record: Record, before: &Client, after: &Client) -> Record {
    if after.custom_id != before.custom_id {
        record = record.with("custom_id", after.custom_id.as_deref());
    }
    if after.groups != before.groups {
        record = record.with("groups", after.groups.clone());
    }
    if after.roles != before.roles {
        let names: Vec<&str> = after.roles.iter().map(Role::as_str).collect();
        record = record.with("roles", names);
    }
    if after.scopes != before.scopes {
        record = record.with("scopes", after.scopes.clone());
    }
    if after.labels != before.labels {
        let labels = after.labels.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        record = record.with("labels", serde_json::Value::Object(labels.collect()));
    }
    record
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

async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, ClientsError>> + Send + 'static,
) -> Result<T, ClientsError> {
    tokio::spawn(change).await?
}
