-- Messages that wait to be delivered. PostgreSQL form; sqlite/0013_messages.sql has the same table.

-- One an event that a customer is to be told of; the address is looked up when it is delivered.
CREATE TABLE messages (
    tenant      TEXT COLLATE "C" NOT NULL,
    position    BIGINT NOT NULL,
    channel     TEXT COLLATE "C" NOT NULL,
    template    TEXT COLLATE "C" NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    offer       TEXT,
    queued_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, position)
);
