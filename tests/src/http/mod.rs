//! The HTTP surfaces on a real socket, on both engines: one file a resource.

mod analytics;
mod catalogue;
mod clock;
mod concurrent;
mod coupons;
mod customers;
mod demo;
mod failures;
mod journal;
mod ledger;
mod metrics;
mod repeats;
mod retries;
mod sealing;
mod settings;
mod subscriptions;
mod webhook;
mod webhook_log;
