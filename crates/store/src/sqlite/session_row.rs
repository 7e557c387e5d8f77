//! A session as a row, there and back.

use std::sync::Arc;
use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteRow;
use symbolon_core::session::Authorization;
use symbolon_core::{ClientId, Generation, Session, SessionId, TokenHash};

use super::columns::{Columns, json};
use super::database::Statement;
use crate::error::StoreError;

const WHAT: &str = "session";

/// The longest idle timeout that is kept, in microseconds: a time plus this never overflows in
/// the engine's arithmetic.
const MAX_IDLE: i64 = i64::MAX / 2;

/// The statement that adds rows.
pub(super) fn insert(sessions: &[Session]) -> Result<Statement, StoreError> {
    const INTO: &str = "INSERT INTO session (id, token, generation, subject, client, \
         authentication, scopes, roles, groups, created_at, last_seen, idle_timeout, expires_at, \
         ends_at, device, data) VALUES ";
    const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let rows = vec![ROW; sessions.len()].join(", ");
    // Safe: there are question marks for all values.
    let statement = sqlx::query(AssertSqlSafe(format!("{INTO}{rows}")));
    sessions.iter().try_fold(statement, bind)
}

fn bind(statement: Statement, session: &Session) -> Result<Statement, StoreError> {
    Ok(statement
        .bind(id(session.id))
        .bind(token(&session.token))
        .bind(generation(session.generation))
        .bind(session.subject.as_str())
        .bind(session.client.as_ref().map(ClientId::as_str))
        .bind(json(WHAT, &session.authentication)?)
        .bind(json(WHAT, &session.authorization.scopes)?)
        .bind(json(WHAT, &session.authorization.roles)?)
        .bind(json(WHAT, &session.authorization.groups)?)
        .bind(session.created_at.as_micros())
        .bind(session.last_seen.as_micros())
        .bind(idle(session.idle_timeout))
        .bind(session.expires_at.as_micros())
        .bind(session.ends_at().as_micros())
        .bind(json(WHAT, &session.device)?)
        .bind(json(WHAT, &session.data)?))
}

/// Reads a row.
pub(super) fn read(row: &SqliteRow) -> Result<Session, StoreError> {
    let read = Columns { row, what: WHAT };
    Ok(Session {
        id: read_id(row)?,
        token: read_token(row)?,
        generation: Generation(read.get::<i64>("generation")?.cast_unsigned()),
        subject: read.name("subject")?,
        client: read.optional_name("client")?,
        authentication: read.json("authentication")?,
        authorization: Arc::new(Authorization {
            scopes: read.json("scopes")?,
            roles: read.json("roles")?,
            groups: read.json("groups")?,
        }),
        created_at: read.time("created_at")?,
        last_seen: read.time("last_seen")?,
        idle_timeout: Duration::from_micros(read.get::<i64>("idle_timeout")?.cast_unsigned()),
        expires_at: read.time("expires_at")?,
        device: read.json("device")?,
        data: read.json("data")?,
    })
}

/// The `id` column alone.
pub(super) fn read_id(row: &SqliteRow) -> Result<SessionId, StoreError> {
    let what = WHAT;
    Columns { row, what }.bytes("id").map(SessionId::from_bytes)
}

/// The `token` column alone.
pub(super) fn read_token(row: &SqliteRow) -> Result<TokenHash, StoreError> {
    let what = WHAT;
    Columns { row, what }.bytes("token").map(TokenHash::from_bytes)
}

/// A session's id as it is bound.
pub(super) fn id(id: SessionId) -> Vec<u8> {
    id.to_bytes().to_vec()
}

/// A token's hash as it is bound.
pub(super) fn token(token: &TokenHash) -> Vec<u8> {
    token.as_bytes().to_vec()
}

/// A generation as it is bound.
pub(super) fn generation(generation: Generation) -> i64 {
    generation.0.cast_signed()
}

fn idle(idle: Duration) -> i64 {
    i64::try_from(idle.as_micros()).map_or(MAX_IDLE, |micros| micros.min(MAX_IDLE))
}
