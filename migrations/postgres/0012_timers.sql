-- What falls due. PostgreSQL form; sqlite/0012_timers.sql has the same table.

-- The next timer of each object.
CREATE TABLE timers (
    tenant       TEXT COLLATE "C" NOT NULL,
    subject_type TEXT COLLATE "C" NOT NULL,
    subject_id   TEXT COLLATE "C" NOT NULL,
    customer_id  TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    due_at       BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject_type, subject_id)
);
CREATE INDEX timers_due ON timers (tenant, due_at);
