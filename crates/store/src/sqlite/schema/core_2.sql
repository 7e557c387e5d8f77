-- What happened, append-only: each record is bound to the one before by a hash.
CREATE TABLE audit (
    sequence INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    subject  TEXT,
    client   TEXT,
    session  TEXT,
    source   TEXT,
    outcome  TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The last record that was removed because it was kept long enough.
CREATE TABLE audit_cut (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER audit_grows_one_by_one BEFORE INSERT ON audit
WHEN new.sequence <> coalesce((SELECT max(sequence) FROM audit), (SELECT sequence FROM audit_cut), 0) + 1
BEGIN
    SELECT RAISE(ABORT, 'audit records are numbered without gaps');
END;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit records are never changed');
END;
CREATE TRIGGER audit_is_only_cut BEFORE DELETE ON audit
WHEN old.sequence > coalesce((SELECT sequence FROM audit_cut), 0)
BEGIN
    SELECT RAISE(ABORT, 'audit records are never removed');
END;
-- It is set in the transaction that tells of it, to the record that it tells of.
CREATE TRIGGER audit_cut_is_told BEFORE INSERT ON audit_cut
WHEN NOT EXISTS (
    SELECT 1 FROM (SELECT kind, detail FROM audit ORDER BY sequence DESC LIMIT 1) AS last
    JOIN audit ON audit.sequence = new.sequence AND audit.hash = new.hash
    WHERE last.kind = 'audit_cut'
    AND json_extract(last.detail, '$.up_to') = new.sequence
    AND json_extract(last.detail, '$.hash') = lower(hex(new.hash))
)
BEGIN
    SELECT RAISE(ABORT, 'a cut is told by the last audit record');
END;
CREATE TRIGGER audit_cut_is_told_again BEFORE UPDATE ON audit_cut
WHEN NOT EXISTS (
    SELECT 1 FROM (SELECT kind, detail FROM audit ORDER BY sequence DESC LIMIT 1) AS last
    JOIN audit ON audit.sequence = new.sequence AND audit.hash = new.hash
    WHERE last.kind = 'audit_cut'
    AND json_extract(last.detail, '$.up_to') = new.sequence
    AND json_extract(last.detail, '$.hash') = lower(hex(new.hash))
)
BEGIN
    SELECT RAISE(ABORT, 'a cut is told by the last audit record');
END;
CREATE TRIGGER audit_cut_only_grows BEFORE UPDATE ON audit_cut
WHEN new.sequence <= old.sequence
BEGIN
    SELECT RAISE(ABORT, 'what was cut off does not come back');
END;
CREATE TRIGGER audit_cut_stays BEFORE DELETE ON audit_cut
BEGIN
    SELECT RAISE(ABORT, 'what was cut off does not come back');
END;

-- Up to where the records were told elsewhere.
CREATE TABLE audit_export (
    destination TEXT    NOT NULL PRIMARY KEY,
    sequence    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How often passwords were tried. `mark` is a keyed hash of whose, empty for all of a source;
-- `source` is empty for all of an account.
CREATE TABLE attempt (
    mark       BLOB    NOT NULL,
    source     TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    proved_at  INTEGER,
    forget_at  INTEGER NOT NULL,
    PRIMARY KEY (mark, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_by_forget_at ON attempt (forget_at);

PRAGMA user_version = 2;
