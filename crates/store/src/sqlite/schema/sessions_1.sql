-- Sessions. Times and spans are microseconds, lists and objects are JSON.

CREATE TABLE session (
    id             BLOB    NOT NULL PRIMARY KEY,
    token          BLOB    NOT NULL,
    generation     INTEGER NOT NULL,
    subject        TEXT    NOT NULL,
    client         TEXT,
    authentication TEXT    NOT NULL,
    scopes         TEXT    NOT NULL,
    roles          TEXT    NOT NULL,
    groups         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    last_seen      INTEGER NOT NULL,
    idle_timeout   INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    -- The earlier of the idle and the absolute end; every touch moves it.
    ends_at        INTEGER NOT NULL,
    device         TEXT    NOT NULL,
    data           TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX session_by_token ON session (token);
CREATE INDEX session_by_subject ON session (subject, created_at);
CREATE INDEX session_by_created_at ON session (created_at);
CREATE INDEX session_by_ends_at ON session (ends_at);

PRAGMA user_version = 1;
