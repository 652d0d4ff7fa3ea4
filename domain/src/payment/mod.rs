//! The payment: money asked of a payment method, with its attempts, refunds and disputes.

mod cash;
mod command;
mod credit;
mod decide;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use cash::{CashKind, CashPart};
pub use command::PaymentCommand;
pub use credit::Credit;
pub use event::{
    ChargeReport, DisputeReport, DisputeStatus, IntentReport, PaymentChange, PaymentEvent, PaymentSnapshot,
    PaymentStatus, RefundReport, RefundStatus,
};
pub use state::Payment;
