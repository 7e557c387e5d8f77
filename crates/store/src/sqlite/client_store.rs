//! Clients and their credentials in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use symbolon_core::audit::Record;
use symbolon_core::client::{CredentialId, ProofKind};
use symbolon_core::{Client, ClientId, Timestamp};

use super::SqliteStore;
use super::audit;
use super::columns::{Columns, json};
use super::database::Statement;
use super::failure::{corrupt, exists_or_unavailable, unavailable};
use crate::client_store::{
    ClientStore, ClientsMark, CredentialTouch, StoredClient, StoredCredential,
};
use crate::error::StoreError;

const CLIENT: &str = "client";
const CREDENTIAL: &str = "credential";

#[async_trait]
impl ClientStore for SqliteStore {
    async fn clients(&self) -> Result<(Vec<StoredClient>, ClientsMark), StoreError> {
        // One snapshot, so that the mark is that of what was read.
        let mut reader = self.core().readers().begin().await.map_err(unavailable)?;
        let mark = read_mark(&mut reader).await?;
        let rows = sqlx::query("SELECT * FROM client ORDER BY id").fetch_all(&mut *reader).await;
        let mut clients: Vec<StoredClient> = rows
            .map_err(unavailable)?
            .iter()
            .map(|row| Ok(StoredClient { client: read_client(row)?, credentials: Vec::new() }))
            .collect::<Result<_, StoreError>>()?;
        let rows = sqlx::query("SELECT * FROM credential ORDER BY client, id");
        let rows = rows.fetch_all(&mut *reader).await.map_err(unavailable)?;
        // Both are in the order of the names, so that one walk finds whose each is.
        let mut owners = clients.iter_mut();
        let mut owner = owners.next();
        for row in &rows {
            let whose: ClientId = Columns { row, what: CREDENTIAL }.name("client")?;
            while owner.as_ref().is_some_and(|owner| owner.client.id < whose) {
                owner = owners.next();
            }
            if let Some(owner) = owner.as_mut().filter(|owner| owner.client.id == whose) {
                owner.credentials.push(read_credential(row)?);
            }
        }
        Ok((clients, mark))
    }

    async fn clients_mark(&self) -> Result<ClientsMark, StoreError> {
        let mut reader = self.core().readers().acquire().await.map_err(unavailable)?;
        read_mark(&mut reader).await
    }

    async fn add_client(
        &self,
        client: &Client,
        record: &Record,
    ) -> Result<ClientsMark, StoreError> {
        let insert = facts(
            sqlx::query(
                "INSERT INTO client (id, custom_id, groups, roles, scopes, labels, enabled) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            ),
            client,
        )?;
        let added = self.change_clients((CLIENT, client.id.to_string()), vec![insert], record);
        // An insert that went well has added a row.
        Ok(added.await?.unwrap_or_default())
    }

    async fn change_client(
        &self,
        client: &Client,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError> {
        let update = facts(
            sqlx::query(
                "UPDATE client SET custom_id = ?2, groups = ?3, roles = ?4, scopes = ?5, \
                 labels = ?6, enabled = ?7 WHERE id = ?1",
            ),
            client,
        )?;
        self.change_clients((CLIENT, client.id.to_string()), vec![update], record).await
    }

    async fn remove_client(
        &self,
        id: &ClientId,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError> {
        let delete = sqlx::query("DELETE FROM client WHERE id = ?1").bind(id.to_string());
        self.change_clients((CLIENT, id.to_string()), vec![delete], record).await
    }

    async fn add_credential(
        &self,
        client: &ClientId,
        credential: &StoredCredential,
        replaces: Option<(&CredentialId, Timestamp)>,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO credential (client, id, kind, shown, algorithm, secret, expires_at) \
             SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM client WHERE id = ?1",
        )
        .bind(client.to_string())
        .bind(credential.id.to_string())
        .bind(credential.kind.name())
        .bind(credential.shown.clone())
        .bind(credential.algorithm.clone())
        .bind(credential.secret.clone())
        .bind(credential.expires_at.map(Timestamp::as_micros));
        let mut statements = vec![insert];
        if let Some((id, expires_at)) = replaces {
            statements.push(
                sqlx::query(
                    "UPDATE credential SET expires_at = min(coalesce(expires_at, ?3), ?3) \
                     WHERE client = ?1 AND id = ?2",
                )
                .bind(client.to_string())
                .bind(id.to_string())
                .bind(expires_at.as_micros()),
            );
        }
        self.change_clients((CREDENTIAL, credential.id.to_string()), statements, record).await
    }

    async fn remove_credential(
        &self,
        client: &ClientId,
        id: &CredentialId,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError> {
        let delete = sqlx::query("DELETE FROM credential WHERE client = ?1 AND id = ?2")
            .bind(client.to_string())
            .bind(id.to_string());
        self.change_clients((CREDENTIAL, id.to_string()), vec![delete], record).await
    }

    async fn touch_credentials(&self, touches: &[CredentialTouch]) -> Result<(), StoreError> {
        let list: Vec<(&str, &str, i64)> = touches
            .iter()
            .map(|touch| (touch.client.as_str(), touch.id.as_str(), touch.at.as_micros()))
            .collect();
        let statement = sqlx::query(
            "UPDATE credential SET last_used = touch.at \
             FROM (SELECT value ->> 0 AS client, value ->> 1 AS id, max(value ->> 2) AS at \
             FROM json_each(?1) GROUP BY 1, 2) AS touch \
             WHERE credential.client = touch.client AND credential.id = touch.id \
             AND coalesce(credential.last_used, 0) < touch.at",
        )
        .bind(json(CREDENTIAL, &list)?);
        self.core().execute(statement).await.map(drop)
    }
}

impl SqliteStore {
    /// Runs statements of which the first says whether there is something to change, counts the
    /// change, and appends the record of it: one transaction.
    async fn change_clients(
        &self,
        (what, name): (&'static str, String),
        statements: Vec<Statement>,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError> {
        let record = record.clone();
        let changed = self.core().write(move |connection| {
            Box::pin(async move {
                let mut changed = 0;
                for (index, statement) in statements.into_iter().enumerate() {
                    let outcome = statement.execute(&mut *connection).await;
                    let outcome = outcome
                        .map_err(|error| exists_or_unavailable(what, name.clone(), error))?;
                    changed += outcome.rows_affected();
                    if index == 0 && changed == 0 {
                        return Ok(None);
                    }
                }
                sqlx::query("UPDATE client_changes SET number = number + 1")
                    .execute(&mut *connection)
                    .await
                    .map_err(unavailable)?;
                audit::append(connection, &record).await?;
                read_mark(connection).await.map(Some)
            })
        });
        changed.await
    }
}

async fn read_mark(connection: &mut SqliteConnection) -> Result<ClientsMark, StoreError> {
    let number = sqlx::query_scalar("SELECT number FROM client_changes").fetch_one(connection);
    number.await.map(ClientsMark).map_err(unavailable)
}

/// What is known of a client, in the order of the columns.
fn facts(statement: Statement, client: &Client) -> Result<Statement, StoreError> {
    Ok(statement
        .bind(client.id.to_string())
        .bind(client.custom_id.as_deref().map(str::to_owned))
        .bind(json(CLIENT, &client.groups)?)
        .bind(json(CLIENT, &client.roles)?)
        .bind(json(CLIENT, &client.scopes)?)
        .bind(json(CLIENT, &client.labels)?)
        .bind(client.enabled))
}

fn read_client(row: &SqliteRow) -> Result<Client, StoreError> {
    let read = Columns { row, what: CLIENT };
    let custom_id: Option<String> = read.get("custom_id")?;
    Ok(Client {
        custom_id: custom_id.map(Into::into),
        groups: read.json("groups")?,
        roles: read.json("roles")?,
        scopes: read.json("scopes")?,
        labels: read.json("labels")?,
        enabled: read.get("enabled")?,
        ..Client::new(read.name("id")?)
    })
}

fn read_credential(row: &SqliteRow) -> Result<StoredCredential, StoreError> {
    let read = Columns { row, what: CREDENTIAL };
    let kind: &str = read.get("kind")?;
    let time = |column| read.get::<Option<i64>>(column).map(|at| at.map(Timestamp::from_micros));
    Ok(StoredCredential {
        id: read.name("id")?,
        kind: ProofKind::named(kind).ok_or(UnknownKind).map_err(corrupt(CREDENTIAL))?,
        shown: read.get("shown")?,
        algorithm: read.get("algorithm")?,
        secret: read.get("secret")?,
        expires_at: time("expires_at")?,
        last_used: time("last_used")?,
    })
}

#[derive(Debug, thiserror::Error)]
#[error("unknown kind of credential")]
struct UnknownKind;
