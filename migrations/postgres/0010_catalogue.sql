-- What a tenant sells, as it is now. PostgreSQL form; sqlite/0010_catalogue.sql has the same table.

-- The newest version of each plan, coupon and tax rate; older ones are in their streams.
CREATE TABLE catalogue_entries (
    tenant     TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    entry_id   TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    since_at   BIGINT NOT NULL,
    definition TEXT NOT NULL,
    position   BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, entry_id)
);
