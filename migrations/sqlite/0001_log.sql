-- The log and what is decided under its lock (rules L1 to L11). SQLite form; postgres/0001_log.sql has the same tables.

-- The first seven columns are those of sqlite-es by name and meaning (rule L5).
CREATE TABLE events (
    aggregate_type TEXT   NOT NULL,
    aggregate_id   TEXT   NOT NULL,
    sequence       BIGINT NOT NULL CHECK (sequence >= 1),
    event_type     TEXT   NOT NULL,
    event_version  TEXT   NOT NULL,
    payload        TEXT   NOT NULL,
    metadata       TEXT   NOT NULL,
    position       INTEGER NOT NULL PRIMARY KEY CHECK (position >= 1),
    tenant         TEXT   NOT NULL,
    event_id       TEXT   NOT NULL,
    recorded_at    BIGINT NOT NULL,
    booked_at      BIGINT NOT NULL,
    effective_at   BIGINT NOT NULL,
    -- SHA-256 of the canonical bytes of the columns above (store/src/hash.rs), and the RFC 6962 leaf made of it.
    entry_hash     BLOB  NOT NULL,
    leaf_hash      BLOB  NOT NULL
);
CREATE UNIQUE INDEX events_by_stream ON events (aggregate_type, aggregate_id, sequence);
CREATE UNIQUE INDEX events_by_id ON events (event_id);

-- One row. Its lock orders all appends; positions and recorded times go on from it.
CREATE TABLE log_head (
    only_row    BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    position    BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
INSERT INTO log_head (only_row, position, recorded_at) VALUES (1, 0, 0);

CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE on events is refused');
END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: DELETE on events is refused');
END;
-- INSERT OR REPLACE fires the trigger above where recursive_triggers is on, as it is in our connections.

-- Names that are unique within a tenant, and the stream that holds each.
CREATE TABLE claims (
    tenant     TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    holder     TEXT   NOT NULL,
    claimed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, name)
);
CREATE INDEX claims_by_holder ON claims (tenant, holder);

-- The last number that each counter gave out.
CREATE TABLE counters (
    tenant TEXT   NOT NULL,
    name   TEXT   NOT NULL,
    value  BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE idempotency_keys (
    tenant       TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    request_hash TEXT   NOT NULL,
    result       TEXT   NOT NULL,
    position     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- The keys of personal data, wrapped by the master key. Erasing empties wrapped_key and sets erased_at.
CREATE TABLE subject_keys (
    tenant      TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    wrapped_key TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    erased_at   BIGINT,
    PRIMARY KEY (tenant, subject)
);

-- Intents that the domain refused, for people to see.
CREATE TABLE refused_commands (
    refusal_id TEXT   NOT NULL PRIMARY KEY,
    tenant     TEXT   NOT NULL,
    stream     TEXT   NOT NULL,
    command    TEXT   NOT NULL,
    code       TEXT   NOT NULL,
    refusal    TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    request_id TEXT,
    cause      BIGINT,
    refused_at BIGINT NOT NULL
);
CREATE INDEX refused_commands_by_stream ON refused_commands (tenant, stream, refused_at);

CREATE TABLE projection_checkpoints (
    name               TEXT   NOT NULL PRIMARY KEY,
    version            BIGINT NOT NULL,
    epoch              BIGINT NOT NULL,
    position           BIGINT NOT NULL,
    state              TEXT   NOT NULL CHECK (state IN ('running', 'paused')),
    failure_position   BIGINT,
    failure_event_type TEXT,
    failure_reason     TEXT,
    owner              TEXT   NOT NULL,
    lease_until        BIGINT NOT NULL
);

CREATE TABLE api_keys (
    tenant       TEXT   NOT NULL,
    key_id       TEXT   NOT NULL,
    key_hash     TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    premium      BIGINT NOT NULL,
    -- Requests a minute; absent means no limit.
    rate_limit   BIGINT,
    created_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (tenant, key_id)
);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (key_hash);
