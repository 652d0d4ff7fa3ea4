//! The read models of Daybook: what the log comes to, as rows that an API can serve. A projection is a set of keyed
//! folds (`fold`), one folder a table family with row, fold and reads; the `projector` keeps them all up to date, and
//! a rebuild runs the same folds (rule A3). Nothing here decides anything or talks to anyone but the database.

mod ahead;
mod batch;
pub mod catalogue;
mod cells;
pub mod cohorts;
pub mod credit_notes;
pub mod customers;
pub mod dunning;
pub mod fold;
pub mod invoices;
pub mod journal;
pub mod messages;
pub mod mrr;
mod page;
pub mod payment_methods;
pub mod payments;
mod positions;
mod projection;
mod projector;
mod query;
mod reading;
mod record;
mod sheet;
mod status;
pub mod subscriptions;
pub mod timers;
pub mod webhooks;

#[cfg(test)]
mod folding_tests;
#[cfg(test)]
mod projector_tests;
#[cfg(test)]
mod testing;

pub use page::{Cursor, Direction, From, MAX_LIMIT, Page, PageError, PageRequest};
pub use positions::{Positions, Progress, Reached};
pub use projection::{Folding, FoldingError, Poison, Projection, Source, Wanted, fold_batch};
pub use projector::{LEASE, Projector, Settings};
pub use query::ListError;
pub use record::Record;
pub use status::{State, Status, statuses};

/// Every projection. A new one is one entry here, its statements below, and its tables in `migrations/`.
pub fn all() -> Vec<Projection> {
    vec![
        Projection::new("customers", 1).fold(customers::CustomerFold),
        Projection::new("subscriptions", 1).fold(subscriptions::SubscriptionFold),
        Projection::new("invoices", 1).fold(invoices::InvoiceFold),
        Projection::new("credit_notes", 1).fold(credit_notes::CreditNoteFold),
        Projection::new("payments", 1).fold(payments::PaymentFold).emits::<payments::CollectionRow>(),
        Projection::new("payment_methods", 1)
            .fold(payment_methods::PaymentMethodFold)
            .fold(payment_methods::DefaultMethodFold),
        Projection::new("dunning_campaigns", 1).fold(dunning::CampaignFold),
        Projection::new("webhook_events", 1).fold(webhooks::WebhookFold).emits::<webhooks::WebhookBodyRow>(),
        Projection::new("catalogue", 1).fold(catalogue::CatalogueFold),
        Projection::new("timers", 1).fold(timers::TimerFold),
        Projection::new("messages", 1).fold(messages::MessageFold),
        Projection::new("journal", 2)
            .fold(journal::JournalFold)
            .emits::<journal::EntryRow>()
            .emits::<journal::ScheduleRow>()
            .emits::<journal::BalanceRow>(),
        Projection::new("mrr", 1).fold(mrr::MrrFold).emits::<mrr::MovementRow>().emits::<mrr::BalanceRow>(),
    ]
}

/// The read statements of each table family.
const FAMILIES: &[&[(&str, &str)]] = &[
    customers::STATEMENTS,
    subscriptions::STATEMENTS,
    invoices::STATEMENTS,
    credit_notes::STATEMENTS,
    payments::STATEMENTS,
    payment_methods::STATEMENTS,
    dunning::STATEMENTS,
    webhooks::STATEMENTS,
    catalogue::STATEMENTS,
    timers::STATEMENTS,
    messages::STATEMENTS,
    journal::STATEMENTS,
    mrr::STATEMENTS,
    cohorts::STATEMENTS,
];

/// Every read statement by name, so that a test can prepare each on both engines.
pub fn statements() -> impl Iterator<Item = (&'static str, &'static str)> {
    FAMILIES.iter().copied().flatten().copied()
}
