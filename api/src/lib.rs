//! The server of Daybook: HTTP surfaces over the ledger, Stripe's events in, the reactor, and the commands of the
//! `daybook` binary. Billing rules are in `domain`; nothing here decides about money.

pub mod app;
pub mod auth;
pub mod billing;
pub mod catalogue;
pub mod cli;
pub mod demo;
pub mod failure;
pub mod metrics;
pub mod operations;
pub mod pdf;
pub mod processor;
pub mod reactor;
pub mod sandbox_webhooks;
pub mod secrets;
pub mod settings;
pub mod stripe;
pub mod surfaces;
pub mod tls;
pub mod web;
