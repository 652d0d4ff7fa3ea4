//! The HTTP surfaces on a real socket, on both engines: one file a resource.

mod analytics;
mod customers;
mod failures;
mod ledger;
mod subscriptions;
mod webhook;
mod webhook_log;
