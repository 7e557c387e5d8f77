//! Counters of attempts in SQLite: written behind in batches, read once at the start.

use sqlx::query;
use sqlx::sqlite::SqliteRow;
use symbolon_core::Timestamp;

use super::SqliteStore;
use super::columns::Columns;
use super::failure::unavailable;
use crate::core_store::StoredAttempts;
use crate::error::StoreError;

const ATTEMPTS: &str = "counter of attempts";

impl SqliteStore {
    pub(super) async fn write_attempts(&self, rows: &[StoredAttempts]) -> Result<(), StoreError> {
        let rows = rows.to_vec();
        let job = self.core().write(move |connection| {
            Box::pin(async move {
                for row in rows {
                    query(
                        "INSERT INTO attempt (mark, source, attempts, counted_at, next_at, \
                         proved_at, forget_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                         ON CONFLICT (mark, source) DO UPDATE SET attempts = ?3, \
                         counted_at = ?4, next_at = ?5, proved_at = ?6, forget_at = ?7",
                    )
                    .bind(row.mark)
                    .bind(row.source)
                    .bind(row.attempts)
                    .bind(row.counted_at.as_micros())
                    .bind(row.next_at.as_micros())
                    .bind(row.proved_at.map(Timestamp::as_micros))
                    .bind(row.forget_at.as_micros())
                    .execute(&mut *connection)
                    .await
                    .map_err(unavailable)?;
                }
                Ok(())
            })
        });
        job.await
    }

    pub(super) async fn read_attempts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredAttempts>, StoreError> {
        // The newest, where there are more than memory takes.
        let rows =
            query("SELECT * FROM attempt WHERE forget_at > ?1 ORDER BY counted_at DESC LIMIT ?2")
                .bind(now.as_micros())
                .bind(limit)
                .fetch_all(self.core().readers())
                .await
                .map_err(unavailable)?;
        rows.iter().map(read).collect()
    }

    pub(super) async fn remove_attempts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let statement = query(
            "DELETE FROM attempt WHERE (mark, source) IN \
             (SELECT mark, source FROM attempt WHERE forget_at <= ?1 LIMIT ?2)",
        )
        .bind(now.as_micros())
        .bind(limit);
        self.core().execute(statement).await
    }
}

fn read(row: &SqliteRow) -> Result<StoredAttempts, StoreError> {
    let read = Columns { row, what: ATTEMPTS };
    let proved_at: Option<i64> = read.get("proved_at")?;
    Ok(StoredAttempts {
        mark: read.get("mark")?,
        source: read.get("source")?,
        attempts: read.get("attempts")?,
        counted_at: read.time("counted_at")?,
        next_at: read.time("next_at")?,
        proved_at: proved_at.map(Timestamp::from_micros),
        forget_at: read.time("forget_at")?,
    })
}
