-- What must never be lost. Times are microseconds since 1970, lists are JSON.

CREATE TABLE account (
    subject             TEXT    NOT NULL PRIMARY KEY,
    password_hash       TEXT    NOT NULL,
    roles               TEXT    NOT NULL,
    groups              TEXT    NOT NULL,
    disabled            INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    password_changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only. An entry is about one session or about one subject.
CREATE TABLE revocation (
    session   BLOB,
    subject   TEXT,
    at        INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    CHECK ((session IS NULL) <> (subject IS NULL))
) STRICT;
CREATE INDEX revocation_by_forget_at ON revocation (forget_at);

CREATE TABLE signing_key (
    id                 TEXT    NOT NULL PRIMARY KEY,
    algorithm          TEXT    NOT NULL,
    sealed_private_key BLOB    NOT NULL,
    created_at         INTEGER NOT NULL,
    active_from        INTEGER NOT NULL,
    pulled_at          INTEGER
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
