//! The billing engine: what is due, and which commands renew, invoice, charge and recover. Every function works on the
//! states of one customer on a [`Desk`] and leaves the commands there that one append carries out together (rule L11).
//! Nothing here reads a clock, a database or a processor; the sandbox's outcomes are facts on the desk (decision B2).

mod ahead;
mod arrears;
mod bill;
mod cancel;
mod cards;
mod change;
mod collect;
mod create;
mod cycle;
mod desk;
mod due;
mod fire;
mod ids;
mod lines;
mod meter;
mod pay;
mod recover;
mod renew;
mod rest;
mod rules;
mod sale;

#[cfg(test)]
pub(crate) mod tests;

pub use ahead::next_invoice;
pub use bill::{Bill, bill_now};
pub use cancel::{Cancellation, cancel};
pub use cards::attach;
pub use change::{Alteration, alter};
pub use collect::collect;
pub use create::create;
pub use cycle::move_cycle;
pub use desk::{Desk, Held, PlannedOn};
pub use due::{
    CARD_NOTICE, Due, DueKind, due_of_campaign, due_of_card, due_of_invoice, due_of_payment, due_of_subscription,
};
pub use fire::{Subject, fire};
pub use ids::{invoice_of, invoice_of_customer as sale_of, payment_of};
pub use meter::usage_rates;
pub use pay::{credit, finalize, pay, receive_out_of_band, refund, settle_refund, void_invoice, void_note, write_off};
pub use recover::{act, extend_trial, plan_action, stop};
pub use renew::draft_lines;
pub use rest::{pause, resume};
pub use rules::Rules;
pub use sale::{adjust_balance, buy_balance, line_of_sum, sell};
