-- Credit notes. SQLite form; postgres/0015_credit_notes.sql has the same table.

-- One a note; its lines are in the invoice's stream.
CREATE TABLE credit_notes (
    tenant               TEXT NOT NULL,
    credit_note_id       TEXT NOT NULL,
    number               TEXT NOT NULL,
    invoice_id           TEXT NOT NULL,
    customer_id          TEXT,
    currency             TEXT NOT NULL,
    subtotal_minor       BIGINT NOT NULL,
    discount_minor       BIGINT NOT NULL,
    tax_minor            BIGINT NOT NULL,
    total_minor          BIGINT NOT NULL,
    before_payment_minor BIGINT NOT NULL,
    refund_minor         BIGINT NOT NULL,
    to_balance_minor     BIGINT NOT NULL,
    refund_id            TEXT,
    issued_at            BIGINT NOT NULL,
    voided_at            BIGINT,
    created_position     BIGINT NOT NULL,
    position             BIGINT NOT NULL,
    PRIMARY KEY (tenant, credit_note_id)
);
CREATE INDEX credit_notes_by_customer ON credit_notes (tenant, customer_id, created_position);
CREATE INDEX credit_notes_in_order ON credit_notes (tenant, created_position);
