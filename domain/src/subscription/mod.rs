//! The subscription: one status machine for every tenant (decision B1, billing.md §3.1).

mod arrears;
mod changes;
mod command;
mod create;
mod decide;
mod event;
mod rest;
mod state;
mod terms;
mod trial;

#[cfg(test)]
mod tests;

pub use command::{ActivationCause, AfterDunning, AsBilled, NewSubscription, SubscriptionCommand};
pub use event::{SubscriptionChange, SubscriptionEvent};
pub use state::Subscription;
pub use terms::{
    CancelReason, Collection, CycleMove, PauseBehavior, PauseCollection, ScheduledChange, Standing, Status,
    SubscriptionSnapshot, Terms,
};
