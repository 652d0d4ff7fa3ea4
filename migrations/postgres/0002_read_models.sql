-- The read models (architecture.md §5: BIGINT and TEXT only). PostgreSQL form; sqlite/0002_read_models.sql has the same tables.
-- Keys and whatever is sorted or compared sort by bytes on both engines, hence COLLATE "C".

-- Customers. Personal columns hold ciphertext (rule L10).
CREATE TABLE customers (
    tenant                 TEXT COLLATE "C" NOT NULL,
    customer_id            TEXT COLLATE "C" NOT NULL,
    origin                 TEXT NOT NULL,
    email                  TEXT,
    email_index            TEXT COLLATE "C",
    first_name             TEXT,
    last_name              TEXT,
    name                   TEXT,
    phone                  TEXT,
    company                TEXT,
    address                TEXT,
    country                TEXT,
    currency               TEXT COLLATE "C",
    metadata               TEXT,
    acquisition_source     TEXT,
    created_at             BIGINT NOT NULL,
    created_position       BIGINT,
    last_activity_at       BIGINT NOT NULL,
    has_activity           BIGINT NOT NULL,
    default_payment_method TEXT,
    balance_minor          BIGINT NOT NULL,
    delinquent             BIGINT NOT NULL,
    deleted                BIGINT NOT NULL,
    lifecycle_stage        TEXT NOT NULL,
    subscriptions          TEXT NOT NULL,
    lifetime_value         TEXT NOT NULL,
    lifetime_value_minor   BIGINT NOT NULL,
    position               BIGINT NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);
CREATE INDEX customers_by_created_at ON customers (tenant, created_at, customer_id);
CREATE INDEX customers_by_last_activity_at ON customers (tenant, last_activity_at, customer_id);
CREATE INDEX customers_by_lifetime_value ON customers (tenant, lifetime_value_minor, customer_id);
CREATE INDEX customers_by_email_index ON customers (tenant, email_index);

-- Subscriptions.
CREATE TABLE subscriptions (
    tenant               TEXT COLLATE "C" NOT NULL,
    subscription_id      TEXT COLLATE "C" NOT NULL,
    customer_id          TEXT COLLATE "C" NOT NULL,
    origin               TEXT NOT NULL,
    status               TEXT COLLATE "C" NOT NULL,
    plan_id              TEXT,
    plan_name            TEXT,
    quantity             BIGINT NOT NULL,
    amount_minor         BIGINT NOT NULL,
    currency             TEXT COLLATE "C" NOT NULL,
    interval_unit        TEXT,
    interval_count       BIGINT,
    period_start_at      BIGINT,
    period_end_at        BIGINT,
    trial_start_at       BIGINT,
    trial_end_at         BIGINT,
    anchor_at            BIGINT NOT NULL,
    cancel_at            BIGINT,
    cancel_at_period_end BIGINT NOT NULL,
    canceled_at          BIGINT,
    ended_at             BIGINT,
    paused_until_at      BIGINT,
    payment_method_id    TEXT,
    latest_invoice_id    TEXT,
    created_at           BIGINT NOT NULL,
    created_position     BIGINT NOT NULL,
    snapshot             TEXT NOT NULL,
    position             BIGINT NOT NULL,
    PRIMARY KEY (tenant, subscription_id)
);
CREATE INDEX subscriptions_by_customer ON subscriptions (tenant, customer_id, created_at);

-- Invoices.
CREATE TABLE invoices (
    tenant                 TEXT COLLATE "C" NOT NULL,
    invoice_id             TEXT COLLATE "C" NOT NULL,
    number                 TEXT,
    customer_id            TEXT COLLATE "C",
    subscription_id        TEXT COLLATE "C",
    origin                 TEXT NOT NULL,
    status                 TEXT COLLATE "C" NOT NULL,
    currency               TEXT COLLATE "C" NOT NULL,
    subtotal_minor         BIGINT NOT NULL,
    discount_minor         BIGINT NOT NULL,
    tax_minor              BIGINT NOT NULL,
    total_minor            BIGINT NOT NULL,
    amount_due_minor       BIGINT NOT NULL,
    amount_paid_minor      BIGINT NOT NULL,
    amount_remaining_minor BIGINT NOT NULL,
    attempt_count          BIGINT NOT NULL,
    next_attempt_at        BIGINT,
    created_at             BIGINT NOT NULL,
    due_at                 BIGINT,
    finalized_at           BIGINT,
    paid_at                BIGINT,
    closed_at              BIGINT,
    period_start_at        BIGINT,
    period_end_at          BIGINT,
    billing_reason         TEXT,
    hosted_url             TEXT,
    pdf_url                TEXT,
    lines                  TEXT NOT NULL,
    payment_id             TEXT,
    created_position       BIGINT NOT NULL,
    position               BIGINT NOT NULL,
    PRIMARY KEY (tenant, invoice_id)
);
CREATE INDEX invoices_by_customer ON invoices (tenant, customer_id, created_at, invoice_id);
CREATE INDEX invoices_by_subscription ON invoices (tenant, subscription_id, created_at, invoice_id);

-- Payments.
CREATE TABLE payments (
    tenant            TEXT COLLATE "C" NOT NULL,
    payment_id        TEXT COLLATE "C" NOT NULL,
    customer_id       TEXT,
    invoice_id        TEXT COLLATE "C",
    origin            TEXT NOT NULL,
    status            TEXT COLLATE "C" NOT NULL,
    amount_minor      BIGINT NOT NULL,
    currency          TEXT COLLATE "C" NOT NULL,
    payment_method_id TEXT,
    method_type       TEXT,
    last4             TEXT,
    exp_month         BIGINT,
    exp_year          BIGINT,
    decline_code      TEXT,
    refunded_minor    BIGINT NOT NULL,
    disputed_minor    BIGINT NOT NULL,
    open_dispute      BIGINT NOT NULL,
    fee_minor         BIGINT,
    net_minor         BIGINT,
    created_at        BIGINT NOT NULL,
    succeeded_at      BIGINT,
    failed_attempts   BIGINT NOT NULL,
    description       TEXT,
    receipt_url       TEXT,
    standing          TEXT COLLATE "C" NOT NULL,
    created_position  BIGINT NOT NULL,
    position          BIGINT NOT NULL,
    PRIMARY KEY (tenant, payment_id)
);
CREATE INDEX payments_by_invoice ON payments (tenant, invoice_id);

-- The dated parts of the money that payments collected. Bitemporal (rule P6): a row holds for the positions
-- [from_position, to_position), and is closed by a position, never deleted.
CREATE TABLE payment_collections (
    tenant        TEXT COLLATE "C" NOT NULL,
    payment_id    TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    source        TEXT COLLATE "C" NOT NULL,
    effective_at  BIGINT NOT NULL,
    from_position BIGINT NOT NULL,
    to_position   BIGINT NOT NULL,
    customer_id   TEXT COLLATE "C",
    currency      TEXT COLLATE "C" NOT NULL,
    amount_minor  BIGINT NOT NULL,
    event_id      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, payment_id, kind, source, effective_at, from_position)
);
CREATE INDEX payment_collections_by_effective_at ON payment_collections (tenant, effective_at);

-- Payment methods.
CREATE TABLE payment_methods (
    tenant            TEXT COLLATE "C" NOT NULL,
    payment_method_id TEXT COLLATE "C" NOT NULL,
    customer_id       TEXT COLLATE "C" NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    brand             TEXT,
    last4             TEXT,
    exp_month         BIGINT,
    exp_year          BIGINT,
    attached          BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    position          BIGINT NOT NULL,
    PRIMARY KEY (tenant, payment_method_id)
);
CREATE INDEX payment_methods_by_customer ON payment_methods (tenant, customer_id, created_at);

-- Which payment method each customer is charged by.
CREATE TABLE payment_method_defaults (
    tenant            TEXT COLLATE "C" NOT NULL,
    customer_id       TEXT COLLATE "C" NOT NULL,
    payment_method_id TEXT,
    position          BIGINT NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

-- Dunning campaigns.
CREATE TABLE dunning_campaigns (
    tenant               TEXT COLLATE "C" NOT NULL,
    campaign_id          TEXT COLLATE "C" NOT NULL,
    kind                 TEXT COLLATE "C" NOT NULL,
    configuration        TEXT NOT NULL,
    status               TEXT COLLATE "C" NOT NULL,
    customer_id          TEXT COLLATE "C",
    subscription_id      TEXT,
    invoice_id           TEXT,
    payment_method_id    TEXT,
    amount_at_risk_minor BIGINT NOT NULL,
    recovered_minor      BIGINT NOT NULL,
    currency             TEXT COLLATE "C" NOT NULL,
    current_step         BIGINT NOT NULL,
    total_steps          BIGINT NOT NULL,
    next_action_at       BIGINT,
    opened_at            BIGINT NOT NULL,
    closed_at            BIGINT,
    actions              TEXT NOT NULL,
    attempts             TEXT NOT NULL,
    steps                TEXT NOT NULL,
    created_position     BIGINT NOT NULL,
    position             BIGINT NOT NULL,
    PRIMARY KEY (tenant, campaign_id)
);
CREATE INDEX dunning_campaigns_by_opened_at ON dunning_campaigns (tenant, opened_at, campaign_id);
CREATE INDEX dunning_campaigns_by_customer ON dunning_campaigns (tenant, customer_id, opened_at);

-- The webhook log; the sealed bodies, which never change, are kept apart.
CREATE TABLE webhook_events (
    tenant            TEXT COLLATE "C" NOT NULL,
    event_id          TEXT COLLATE "C" NOT NULL,
    source            TEXT COLLATE "C" NOT NULL,
    event_type        TEXT COLLATE "C" NOT NULL,
    api_version       TEXT,
    object            TEXT,
    object_id         TEXT,
    customer_id       TEXT,
    processed         BIGINT NOT NULL,
    outcome           TEXT COLLATE "C" NOT NULL,
    reason            TEXT,
    conflicts         BIGINT NOT NULL,
    processed_at      BIGINT,
    retry_count       BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    received_at       BIGINT NOT NULL,
    received_position BIGINT NOT NULL,
    position          BIGINT NOT NULL,
    PRIMARY KEY (tenant, event_id)
);
CREATE INDEX webhook_events_by_received_position ON webhook_events (tenant, received_position, event_id);
CREATE INDEX webhook_events_by_type ON webhook_events (tenant, event_type, outcome);

CREATE TABLE webhook_bodies (
    tenant   TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (tenant, event_id)
);
