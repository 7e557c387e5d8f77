-- The sessions that a client opened for somebody; most have none.
CREATE INDEX session_by_client ON session (client, created_at) WHERE client IS NOT NULL;

PRAGMA user_version = 2;
