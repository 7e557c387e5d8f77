-- Clients that are registered while the system runs. Times are microseconds, lists and labels JSON.
CREATE TABLE client (
    id        TEXT    NOT NULL PRIMARY KEY,
    custom_id TEXT,
    groups    TEXT    NOT NULL,
    roles     TEXT    NOT NULL,
    scopes    TEXT    NOT NULL,
    labels    TEXT    NOT NULL,
    enabled   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
    client     TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    -- What a request shows of it: the hash of a key, a name, what a certificate says.
    shown      BLOB NOT NULL,
    algorithm  TEXT,
    -- The hash of a password; of a key that has to be known in clear, what seals it.
    secret     BLOB,
    expires_at INTEGER,
    last_used  INTEGER,
    PRIMARY KEY (client, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX credential_by_what_is_shown ON credential (kind, shown);

-- One row: how often clients were changed, so that whoever knows them can tell whether they still do.
CREATE TABLE client_changes (
    number INTEGER NOT NULL
) STRICT;
INSERT INTO client_changes (number) VALUES (0);

PRAGMA user_version = 3;
