-- The log and what is decided under its lock (rules L1 to L11). PostgreSQL form; sqlite/0001_log.sql has the same tables.

-- The first seven columns are those of postgres-es by name and meaning (rule L5).
CREATE TABLE events (
    aggregate_type text   COLLATE "C" NOT NULL,
    aggregate_id   text   COLLATE "C" NOT NULL,
    sequence       bigint NOT NULL CHECK (sequence >= 1),
    event_type     text   COLLATE "C" NOT NULL,
    event_version  text   NOT NULL,
    payload        json   NOT NULL,
    metadata       json   NOT NULL,
    position       bigint NOT NULL PRIMARY KEY CHECK (position >= 1),
    tenant         text   COLLATE "C" NOT NULL,
    event_id       text   COLLATE "C" NOT NULL,
    recorded_at    bigint NOT NULL,
    booked_at      bigint NOT NULL,
    effective_at   bigint NOT NULL,
    -- SHA-256 of the canonical bytes of the columns above (store/src/hash.rs), and the RFC 6962 leaf made of it.
    entry_hash     bytea  NOT NULL,
    leaf_hash      bytea  NOT NULL
);
CREATE UNIQUE INDEX events_by_stream ON events (aggregate_type, aggregate_id, sequence);
CREATE UNIQUE INDEX events_by_id ON events (event_id);

CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on events is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_append_only();

-- One row. Its lock orders all appends; positions and recorded times go on from it.
CREATE TABLE log_head (
    only_row    bigint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    position    bigint NOT NULL,
    recorded_at bigint NOT NULL
);
INSERT INTO log_head (only_row, position, recorded_at) VALUES (1, 0, 0);

-- Names that are unique within a tenant, and the stream that holds each.
CREATE TABLE claims (
    tenant     text   COLLATE "C" NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    name       text   COLLATE "C" NOT NULL,
    holder     text   COLLATE "C" NOT NULL,
    claimed_at bigint NOT NULL,
    PRIMARY KEY (tenant, kind, name)
);
CREATE INDEX claims_by_holder ON claims (tenant, holder);

-- The last number that each counter gave out.
CREATE TABLE counters (
    tenant text   COLLATE "C" NOT NULL,
    name   text   COLLATE "C" NOT NULL,
    value  bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE idempotency_keys (
    tenant       text   COLLATE "C" NOT NULL,
    key          text   COLLATE "C" NOT NULL,
    request_hash text   NOT NULL,
    result       text   NOT NULL,
    position     bigint NOT NULL,
    created_at   bigint NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- The keys of personal data, wrapped by the master key. Erasing empties wrapped_key and sets erased_at.
CREATE TABLE subject_keys (
    tenant      text   COLLATE "C" NOT NULL,
    subject     text   COLLATE "C" NOT NULL,
    wrapped_key text   NOT NULL,
    created_at  bigint NOT NULL,
    erased_at   bigint,
    PRIMARY KEY (tenant, subject)
);

-- Intents that the domain refused, for people to see.
CREATE TABLE refused_commands (
    refusal_id text   COLLATE "C" NOT NULL PRIMARY KEY,
    tenant     text   COLLATE "C" NOT NULL,
    stream     text   COLLATE "C" NOT NULL,
    command    text   NOT NULL,
    code       text   NOT NULL,
    refusal    text   NOT NULL,
    actor      text   NOT NULL,
    request_id text,
    cause      bigint,
    refused_at bigint NOT NULL
);
CREATE INDEX refused_commands_by_stream ON refused_commands (tenant, stream, refused_at);

CREATE TABLE projection_checkpoints (
    name               text   COLLATE "C" NOT NULL PRIMARY KEY,
    version            bigint NOT NULL,
    epoch              bigint NOT NULL,
    position           bigint NOT NULL,
    state              text   NOT NULL CHECK (state IN ('running', 'paused')),
    failure_position   bigint,
    failure_event_type text,
    failure_reason     text,
    owner              text   NOT NULL,
    lease_until        bigint NOT NULL
);

CREATE TABLE api_keys (
    tenant       text   COLLATE "C" NOT NULL,
    key_id       text   COLLATE "C" NOT NULL,
    key_hash     text   COLLATE "C" NOT NULL,
    scopes       text   NOT NULL,
    premium      bigint NOT NULL,
    -- Requests a minute; absent means no limit.
    rate_limit   bigint,
    created_at   bigint NOT NULL,
    revoked_at   bigint,
    last_used_at bigint,
    PRIMARY KEY (tenant, key_id)
);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (key_hash);
