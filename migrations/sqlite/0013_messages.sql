-- Messages that wait to be delivered. SQLite form; postgres/0013_messages.sql has the same table.

-- One an event that a customer is to be told of; the address is looked up when it is delivered.
CREATE TABLE messages (
    tenant      TEXT NOT NULL,
    position    BIGINT NOT NULL,
    channel     TEXT NOT NULL,
    template    TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    subject     TEXT NOT NULL,
    offer       TEXT,
    queued_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, position)
);
