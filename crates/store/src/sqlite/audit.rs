//! The audit log in SQLite. Triggers of the schema refuse whatever is not an append at the end or
//! a cut at the beginning.

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query};
use symbolon_core::Timestamp;
use symbolon_core::audit::{Cut, Entry, Hash, Record};

use super::SqliteStore;
use super::columns::Columns;
use super::failure::unavailable;
use crate::audit::AuditPage;
use crate::error::StoreError;

const AUDIT: &str = "audit record";

/// The most entries that one read gives.
const MAX_PAGE: u32 = 10_000;

/// Appends a record to the chain, in the transaction of whoever calls: in a job of the writer,
/// where nobody else writes.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    record: &Record,
) -> Result<(), StoreError> {
    let (last, previous) = end(connection).await?;
    let entry = Entry::seal(last + 1, previous, record.clone());
    let Entry { sequence, record, previous, hash } = entry;
    query(
        "INSERT INTO audit (sequence, at, kind, actor, subject, client, session, source, outcome, \
         detail, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )
    .bind(sequence.cast_signed())
    .bind(record.at.as_micros())
    .bind(record.kind.into_owned())
    .bind(record.actor.into_owned())
    .bind(record.subject.as_deref().map(str::to_owned))
    .bind(record.client.as_deref().map(str::to_owned))
    .bind(record.session)
    .bind(record.source)
    .bind(record.outcome.into_owned())
    .bind(record.detail)
    .bind(previous.0.to_vec())
    .bind(hash.0.to_vec())
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The number and the hash of the last entry.
async fn end(connection: &mut SqliteConnection) -> Result<(u64, Hash), StoreError> {
    let last = query("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(&mut *connection)
        .await
        .map_err(unavailable)?;
    if let Some(row) = &last {
        let Cut { sequence, hash } = read_cut(row)?;
        return Ok((sequence, hash));
    }
    let cut = query("SELECT sequence, hash FROM audit_cut").fetch_optional(connection).await;
    match cut.map_err(unavailable)?.as_ref().map(read_cut).transpose()? {
        Some(cut) => Ok((cut.sequence, cut.hash)),
        None => Ok((0, Hash::default())),
    }
}

impl SqliteStore {
    pub(super) async fn append_records(&self, records: &[Record]) -> Result<(), StoreError> {
        let records = records.to_vec();
        let job = self.core().write(move |connection| {
            Box::pin(async move {
                for record in &records {
                    append(connection, record).await?;
                }
                Ok(())
            })
        });
        job.await
    }

    pub(super) async fn read_audit(
        &self,
        after: u64,
        since: Timestamp,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        // One snapshot, so that no cut comes in between.
        let mut reader = self.core().readers().begin().await.map_err(unavailable)?;
        let cut = query("SELECT sequence, hash FROM audit_cut")
            .fetch_optional(&mut *reader)
            .await
            .map_err(unavailable)?;
        let rows = query(
            "SELECT * FROM audit WHERE sequence > ?1 AND at >= ?2 ORDER BY sequence LIMIT ?3",
        )
        .bind(after.cast_signed())
        .bind(since.as_micros())
        .bind(limit.min(MAX_PAGE))
        .fetch_all(&mut *reader)
        .await
        .map_err(unavailable)?;
        Ok(AuditPage {
            cut: cut.as_ref().map(read_cut).transpose()?,
            entries: rows.iter().map(read_entry).collect::<Result<_, _>>()?,
        })
    }

    pub(super) async fn remove_audit(
        &self,
        before: Timestamp,
        up_to: u64,
        limit: u32,
        record: &Record,
    ) -> Result<Option<Cut>, StoreError> {
        let record = record.clone();
        let job = self.core().write(move |connection| {
            Box::pin(async move {
                let rows = query("SELECT sequence, hash, at FROM audit ORDER BY sequence LIMIT ?1")
                    .bind(limit)
                    .fetch_all(&mut *connection)
                    .await
                    .map_err(unavailable)?;
                // A whole prefix: the first that is young enough ends it, whatever follows.
                let mut cut = None;
                let mut removed: u64 = 0;
                for row in &rows {
                    let next = read_cut(row)?;
                    let at = (Columns { row, what: AUDIT }).time("at")?;
                    if at >= before || next.sequence > up_to {
                        break;
                    }
                    cut = Some(next);
                    removed += 1;
                }
                let Some(cut) = cut else { return Ok(None) };
                let record = record
                    .with("up_to", cut.sequence)
                    .with("hash", cut.hash.to_string())
                    .with("removed", removed);
                append(connection, &record).await?;
                query(
                    "INSERT INTO audit_cut (id, sequence, hash) VALUES (1, ?1, ?2) \
                     ON CONFLICT (id) DO UPDATE SET sequence = ?1, hash = ?2",
                )
                .bind(cut.sequence.cast_signed())
                .bind(cut.hash.0.to_vec())
                .execute(&mut *connection)
                .await
                .map_err(unavailable)?;
                query("DELETE FROM audit WHERE sequence <= ?1")
                    .bind(cut.sequence.cast_signed())
                    .execute(connection)
                    .await
                    .map_err(unavailable)?;
                Ok(Some(cut))
            })
        });
        job.await
    }
}

fn read_cut(row: &SqliteRow) -> Result<Cut, StoreError> {
    let read = Columns { row, what: AUDIT };
    let sequence: i64 = read.get("sequence")?;
    Ok(Cut { sequence: sequence.cast_unsigned(), hash: Hash(read.bytes("hash")?) })
}

/// Whatever stands there: whether that is what was written, the chain tells, which names the
/// record.
fn read_entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let read = Columns { row, what: AUDIT };
    let text = |column| read.lossy(column).map(Option::unwrap_or_default);
    let optional = |column| read.lossy(column);
    let hash = |column| {
        let bytes: &[u8] = read.get(column)?;
        Ok::<_, StoreError>(Hash(bytes.try_into().unwrap_or_default()))
    };
    let sequence: i64 = read.get("sequence")?;
    Ok(Entry {
        sequence: sequence.cast_unsigned(),
        record: Record {
            at: read.time("at")?,
            kind: text("kind")?.into(),
            actor: text("actor")?.into(),
            subject: optional("subject")?.map(Into::into),
            client: optional("client")?.map(Into::into),
            session: optional("session")?,
            source: optional("source")?,
            outcome: text("outcome")?.into(),
            detail: text("detail")?,
        },
        previous: hash("previous")?,
        hash: hash("hash")?,
    })
}
