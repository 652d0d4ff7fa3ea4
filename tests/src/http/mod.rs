//! The HTTP surfaces on a real socket, on both engines: one file a resource.

mod analytics;
mod catalogue;
mod clock;
mod concurrent;
mod coupons;
mod credit_notes;
mod customers;
mod demo;
mod dunning_actions;
mod failures;
mod invoices;
mod journal;
mod ledger;
mod metrics;
mod payments;
mod repeats;
mod retries;
mod sealing;
mod settings;
mod subscription_changes;
mod subscriptions;
mod usage;
mod webhook;
mod webhook_log;
