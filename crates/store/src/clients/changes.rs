//! Changing clients: in the store first, then for every request, then the answer.
//!
//! Every change runs in a task of its own. Whoever asked for it may hang up; it is finished all the
//! same, so that requests never see less than what the store has acknowledged.

use std::future::Future;
use std::sync::Arc;

use symbolon_core::audit::{By, Kind, Record};
use symbolon_core::client::Client;
use symbolon_core::{ClientId, Role};

use super::{Clients, ClientsError, Directory};

/// The most clients in the store.
pub const MAX_CLIENTS: usize = 100_000;

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
            this.ended.again(&client.id, None, by.at);
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
            if client.enabled && !before.enabled {
                this.ended.again(&id, None, by.at);
            }
            this.show(current.with(client), mark);
            if is_over {
                this.ended.client(&id, by.at);
            }
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
            this.ended.client(&id, by.at);
            drop(changing);
            this.sessions.end_all_for_client(&id, &by).await?;
            Ok(())
        })
        .await
    }

    /// Leave to change something, knowing all that was changed before.
    pub(super) async fn begin(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, ClientsError> {
        let changing = self.changing.lock().await;
        self.read_what_is_new().await?;
        Ok(changing)
    }

    /// A client of the store, among all of them.
    pub(super) fn find(
        &self,
        id: &ClientId,
    ) -> Result<(Arc<Directory>, Arc<Client>), ClientsError> {
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

pub(super) async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, ClientsError>> + Send + 'static,
) -> Result<T, ClientsError> {
    tokio::spawn(change).await?
}
