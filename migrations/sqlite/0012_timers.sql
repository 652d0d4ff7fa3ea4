-- What falls due. SQLite form; postgres/0012_timers.sql has the same table.

-- The next timer of each object.
CREATE TABLE timers (
    tenant       TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    customer_id  TEXT NOT NULL,
    kind         TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject_type, subject_id)
);
CREATE INDEX timers_due ON timers (tenant, due_at);
