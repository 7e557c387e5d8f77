//! Sessions in SQLite.

use std::slice;

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use symbolon_core::session::Patch;
use symbolon_core::{
    ClientId, Generation, Role, Session, SessionId, SubjectId, Timestamp, TokenHash,
};

use super::SqliteStore;
use super::columns::{Columns, json};
use super::database::Statement;
use super::failure::unavailable;
use super::session_row::{self, generation, id, read_id, read_token, token};
use crate::error::StoreError;
use crate::session_store::{Extent, PatchOutcome, Rotation, SessionStore, Touch};

const WHAT: &str = "session";

/// The rows that one statement of an import adds.
const ROWS: usize = 32;

#[async_trait]
impl SessionStore for SqliteStore {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let statement = session_row::insert(slice::from_ref(session))?;
        let name = session.id.to_string();
        self.sessions().insert(statement, WHAT, name).await
    }

    async fn import(&self, sessions: &[Session]) -> Result<(), StoreError> {
        let statements: Vec<Statement> =
            sessions.chunks(ROWS).map(session_row::insert).collect::<Result<_, _>>()?;
        let job = self.sessions().write(move |connection| {
            Box::pin(async move {
                for statement in statements {
                    statement.execute(&mut *connection).await.map_err(unavailable)?;
                }
                Ok(())
            })
        });
        job.await
    }

    async fn find(&self, presented: &TokenHash) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT * FROM session WHERE token = ?1")
            .bind(token(presented))
            .fetch_optional(self.sessions().readers())
            .await
            .map_err(unavailable)?;
        row.as_ref().map(session_row::read).transpose()
    }

    async fn find_by_id(&self, of: SessionId) -> Result<Option<Session>, StoreError> {
        let row = by_id(of).fetch_optional(self.sessions().readers()).await.map_err(unavailable)?;
        row.as_ref().map(session_row::read).transpose()
    }

    async fn list(
        &self,
        subject: Option<&SubjectId>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let statement = match subject {
            Some(subject) => sqlx::query(
                "SELECT * FROM session WHERE subject = ?2 \
                 ORDER BY created_at DESC, rowid DESC LIMIT ?1",
            )
            .bind(limit)
            .bind(subject.as_str()),
            None => {
                sqlx::query("SELECT * FROM session ORDER BY created_at DESC, rowid DESC LIMIT ?1")
                    .bind(limit)
            }
        };
        let rows = statement.fetch_all(self.sessions().readers()).await.map_err(unavailable)?;
        rows.iter().map(session_row::read).collect()
    }

    async fn extent(&self, subject: &SubjectId) -> Result<Extent, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS number, coalesce(max(created_at), 0) AS newest, \
             coalesce(max(expires_at), 0) AS ends_at FROM session WHERE subject = ?1",
        )
        .bind(subject.as_str())
        .fetch_one(self.sessions().readers())
        .await
        .map_err(unavailable)?;
        let read = Columns { row: &row, what: WHAT };
        let count: i64 = read.get("number")?;
        let (newest, ends_at) = (read.time("newest")?, read.time("ends_at")?);
        Ok(Extent { count: count.cast_unsigned(), newest, ends_at })
    }

    async fn list_of_client(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let statement = sqlx::query(
            "SELECT * FROM session WHERE client = ?1 ORDER BY created_at DESC LIMIT ?2",
        )
        .bind(client.to_string())
        .bind(limit);
        let rows = statement.fetch_all(self.sessions().readers()).await.map_err(unavailable)?;
        rows.iter().map(session_row::read).collect()
    }

    async fn touch(&self, touches: &[Touch]) -> Result<(), StoreError> {
        // All in one statement: a batch of them must not keep the writer from others for long.
        let list: Vec<(String, i64)> =
            touches.iter().map(|touch| (touch.id.to_string(), touch.at.as_micros())).collect();
        let statement = sqlx::query(
            "UPDATE session SET last_seen = touch.at, \
             ends_at = min(session.expires_at, touch.at + session.idle_timeout) \
             FROM (SELECT unhex(value ->> 0) AS id, max(value ->> 1) AS at \
             FROM json_each(?1) GROUP BY 1) AS touch \
             WHERE session.id = touch.id AND session.last_seen < touch.at",
        )
        .bind(json(WHAT, &list)?);
        self.sessions().execute(statement).await.map(drop)
    }

    async fn patch(
        &self,
        of: SessionId,
        patch: &Patch,
        if_generation: Option<Generation>,
    ) -> Result<PatchOutcome, StoreError> {
        let patch = patch.clone();
        let job = self.sessions().write(move |connection| {
            Box::pin(async move {
                let Some(session) = load(connection, of).await? else {
                    return Ok(PatchOutcome::NoSession);
                };
                if if_generation.is_some_and(|expected| expected != session.generation) {
                    return Ok(PatchOutcome::GenerationMoved(session.generation));
                }
                let Ok(next) = session.patched(&patch) else {
                    return Ok(PatchOutcome::TooLarge);
                };
                sqlx::query("UPDATE session SET data = ?2, generation = ?3 WHERE id = ?1")
                    .bind(id(of))
                    .bind(json(WHAT, &next.data)?)
                    .bind(generation(next.generation))
                    .execute(connection)
                    .await
                    .map_err(unavailable)?;
                Ok(PatchOutcome::Applied(Box::new(next)))
            })
        });
        job.await
    }

    async fn rotate(
        &self,
        rotation: &Rotation,
    ) -> Result<Option<(TokenHash, Session)>, StoreError> {
        let rotation = rotation.clone();
        let job = self.sessions().write(move |connection| {
            Box::pin(async move {
                let Some(mut session) = load(connection, rotation.id).await? else {
                    return Ok(None);
                };
                let old = std::mem::replace(&mut session.token, rotation.token);
                session.generation = session.generation.next();
                if let Some(authentication) = rotation.authentication {
                    session.authentication = authentication;
                }
                if let Some(begins_at) = rotation.begins_at {
                    session.created_at = begins_at;
                }
                sqlx::query(
                    "UPDATE session SET token = ?2, generation = ?3, authentication = ?4, \
                     created_at = ?5 WHERE id = ?1",
                )
                .bind(id(session.id))
                .bind(token(&session.token))
                .bind(generation(session.generation))
                .bind(json(WHAT, &session.authentication)?)
                .bind(session.created_at.as_micros())
                .execute(connection)
                .await
                .map_err(unavailable)?;
                Ok(Some((old, session)))
            })
        });
        job.await
    }

    async fn set_roles(
        &self,
        subject: &SubjectId,
        roles: &[Role],
    ) -> Result<Vec<TokenHash>, StoreError> {
        let statement = sqlx::query(
            "UPDATE session SET roles = ?2, generation = generation + 1 \
             WHERE subject = ?1 RETURNING token",
        )
        .bind(subject.as_str())
        .bind(json(WHAT, &roles)?);
        let rows = self.sessions().returning(statement).await?;
        rows.iter().map(read_token).collect()
    }

    async fn set_groups(
        &self,
        subject: &SubjectId,
        groups: &[String],
    ) -> Result<Vec<TokenHash>, StoreError> {
        let statement = sqlx::query(
            "UPDATE session SET groups = ?2, generation = generation + 1 \
             WHERE subject = ?1 RETURNING token",
        )
        .bind(subject.as_str())
        .bind(json(WHAT, &groups)?);
        let rows = self.sessions().returning(statement).await?;
        rows.iter().map(read_token).collect()
    }

    async fn end(&self, of: SessionId) -> Result<Option<TokenHash>, StoreError> {
        let statement =
            sqlx::query("DELETE FROM session WHERE id = ?1 RETURNING token").bind(id(of));
        let rows = self.sessions().returning(statement).await?;
        rows.first().map(read_token).transpose()
    }

    async fn end_all_for_subject(
        &self,
        subject: &SubjectId,
        except: Option<SessionId>,
    ) -> Result<Vec<(SessionId, TokenHash)>, StoreError> {
        let statement = sqlx::query(
            "DELETE FROM session WHERE subject = ?1 AND id IS NOT ?2 RETURNING id, token",
        )
        .bind(subject.as_str())
        .bind(except.map(id));
        let rows = self.sessions().returning(statement).await?;
        rows.iter().map(|row| Ok((read_id(row)?, read_token(row)?))).collect()
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let statement = sqlx::query(
            "DELETE FROM session WHERE rowid IN \
             (SELECT rowid FROM session WHERE ends_at <= ?1 LIMIT ?2)",
        )
        .bind(now.as_micros())
        .bind(limit);
        self.sessions().execute(statement).await
    }

    async fn count(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM session")
            .fetch_one(self.sessions().readers())
            .await
            .map_err(unavailable)?;
        Ok(count.cast_unsigned())
    }
}

fn by_id(of: SessionId) -> Statement {
    sqlx::query("SELECT * FROM session WHERE id = ?1").bind(id(of))
}

/// Reads a session within the writer's transaction.
async fn load(
    connection: &mut SqliteConnection,
    of: SessionId,
) -> Result<Option<Session>, StoreError> {
    let row: Option<SqliteRow> = by_id(of).fetch_optional(connection).await.map_err(unavailable)?;
    row.as_ref().map(session_row::read).transpose()
}
