-- The double-entry journal. SQLite form; postgres/0014_journal.sql has the same tables.
-- Entries and schedules are written once and never changed: a correction is a row at a later position.

-- What is remembered of each invoice with its payments, payment, payout and account, and of the tenant as a whole.
CREATE TABLE journal_books (
    tenant   TEXT NOT NULL,
    book     TEXT NOT NULL,
    state    TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, book)
);

-- Balanced entries: lines is a list of {"a": account, "m": minor units, debits above zero, "j": jurisdiction}.
CREATE TABLE journal_entries (
    tenant       TEXT NOT NULL,
    position     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    entry_key    TEXT NOT NULL,
    book         TEXT NOT NULL,
    stream_type  TEXT NOT NULL,
    stream_id    TEXT NOT NULL,
    currency     TEXT NOT NULL,
    effective_at BIGINT NOT NULL,
    booked_at    BIGINT NOT NULL,
    lines        TEXT NOT NULL,
    PRIMARY KEY (tenant, position, number)
) WITHOUT ROWID;

-- Over which local days what is earned; a row below zero takes an earlier one back.
CREATE TABLE journal_schedules (
    tenant       TEXT NOT NULL,
    position     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    book         TEXT NOT NULL,
    line         BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    currency     TEXT NOT NULL,
    billed_on    TEXT NOT NULL,
    starts_on    TEXT NOT NULL,
    ends_on      TEXT NOT NULL,
    stops_on     TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    earned_minor BIGINT NOT NULL,
    PRIMARY KEY (tenant, position, number)
) WITHOUT ROWID;

-- All that was ever posted to each account.
CREATE TABLE journal_balances (
    tenant       TEXT NOT NULL,
    currency     TEXT NOT NULL,
    account      BIGINT NOT NULL,
    debit_minor  BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (tenant, currency, account)
);
