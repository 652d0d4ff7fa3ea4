//! The billing rules of Daybook: money, time, aggregates and policies, all pure. Nothing here reads a clock, a
//! database, a socket, the environment or randomness; what is needed arrives in the command (rule A1).

mod absent;
pub mod account;
pub mod billing;
pub mod catalogue;
pub mod catalogue_entry;
pub mod command;
pub mod cqrs;
pub mod credit_note;
pub mod customer;
pub mod discount;
pub mod dunning;
pub mod event;
mod event_name;
pub mod id;
pub mod invoice;
pub mod invoice_totals;
pub mod issued;
pub mod journal;
pub mod money;
pub mod mrr;
pub mod origin;
pub mod payment;
pub mod payout;
pub mod policy;
pub mod price;
pub mod pricing;
pub mod processor_call;
pub mod proration;
pub mod recognition;
pub mod refusal;
#[cfg(test)]
mod samples;
pub mod sandbox;
pub mod sealed;
pub mod stamp;
pub mod stripe_event;
pub mod subscription;
pub mod tax;
pub mod tenant_settings;
pub mod time;
pub mod usage;
