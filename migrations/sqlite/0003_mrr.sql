-- Monthly recurring revenue. SQLite form; postgres/0003_mrr.sql has the same tables.
-- Movements and balances are bitemporal (rule P6): a row holds for business time and for the positions
-- [from_position, to_position), and is closed by a position, never deleted.

-- What is known of each customer's subscriptions, and which rows of the two tables below are open for it.
CREATE TABLE mrr_timelines (
    tenant      TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    timeline    TEXT NOT NULL,
    movements   TEXT NOT NULL,
    balances    TEXT NOT NULL,
    position    BIGINT NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

-- How each customer's MRR moved, a row a step and currency.
CREATE TABLE mrr_movements (
    tenant        TEXT NOT NULL,
    customer_id   TEXT NOT NULL,
    currency      TEXT NOT NULL,
    effective_at  BIGINT NOT NULL,
    from_position BIGINT NOT NULL,
    to_position   BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    reason        TEXT,
    before_minor  BIGINT NOT NULL,
    after_minor   BIGINT NOT NULL,
    amount_minor  BIGINT NOT NULL,
    logo          TEXT,
    logo_churn    BIGINT NOT NULL,
    event_ids     TEXT NOT NULL,
    PRIMARY KEY (tenant, customer_id, currency, effective_at, from_position)
);
CREATE INDEX mrr_movements_by_effective_at ON mrr_movements (tenant, effective_at);

-- What each subscription and plan was worth during [effective_from, effective_to).
CREATE TABLE mrr_balances (
    tenant          TEXT NOT NULL,
    customer_id     TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    plan_id         TEXT NOT NULL,
    currency        TEXT NOT NULL,
    effective_from  BIGINT NOT NULL,
    from_position   BIGINT NOT NULL,
    effective_to    BIGINT NOT NULL,
    to_position     BIGINT NOT NULL,
    mrr_minor       BIGINT NOT NULL,
    trial_minor     BIGINT NOT NULL,
    status          TEXT NOT NULL,
    event_ids       TEXT NOT NULL,
    PRIMARY KEY (tenant, customer_id, subscription_id, plan_id, currency, effective_from, from_position)
);
CREATE INDEX mrr_balances_by_customer ON mrr_balances (tenant, customer_id, to_position, effective_to);
CREATE INDEX mrr_balances_by_to_position ON mrr_balances (tenant, to_position, effective_to);

-- What was billed in a period.
CREATE INDEX invoices_by_finalized_at ON invoices (tenant, finalized_at);
