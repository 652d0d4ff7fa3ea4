-- The double-entry journal. PostgreSQL form; sqlite/0014_journal.sql has the same tables.
-- Entries and schedules are written once and never changed: a correction is a row at a later position.

-- What is remembered of each invoice with its payments, payment, payout and account, and of the tenant as a whole.
CREATE TABLE journal_books (
    tenant   TEXT COLLATE "C" NOT NULL,
    book     TEXT COLLATE "C" NOT NULL,
    state    TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, book)
);

-- Balanced entries: lines is a list of {"a": account, "m": minor units, debits above zero, "j": jurisdiction}.
CREATE TABLE journal_entries (
    tenant       TEXT COLLATE "C" NOT NULL,
    position     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    entry_key    TEXT COLLATE "C" NOT NULL,
    book         TEXT COLLATE "C" NOT NULL,
    stream_type  TEXT COLLATE "C" NOT NULL,
    stream_id    TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    effective_at BIGINT NOT NULL,
    booked_at    BIGINT NOT NULL,
    lines        TEXT NOT NULL,
    PRIMARY KEY (tenant, position, number)
);

-- Over which local days what is earned; a row below zero takes an earlier one back.
CREATE TABLE journal_schedules (
    tenant       TEXT COLLATE "C" NOT NULL,
    position     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    book         TEXT COLLATE "C" NOT NULL,
    line         BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    billed_on    TEXT COLLATE "C" NOT NULL,
    starts_on    TEXT COLLATE "C" NOT NULL,
    ends_on      TEXT COLLATE "C" NOT NULL,
    stops_on     TEXT COLLATE "C" NOT NULL,
    amount_minor BIGINT NOT NULL,
    earned_minor BIGINT NOT NULL,
    PRIMARY KEY (tenant, position, number)
);

-- All that was ever posted to each account.
CREATE TABLE journal_balances (
    tenant       TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    account      BIGINT NOT NULL,
    debit_minor  BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (tenant, currency, account)
);
