//! What values do the domain's tests share? Full ones, with every optional field present, so that golden files made
//! of them show every field. Nothing here is compiled outside tests.

pub mod account;
pub mod catalogue_entry;
pub mod customer;
pub mod dunning;
pub mod invoice;
pub mod payment;
pub mod payout;
pub mod processor_call;
pub mod sandbox;
pub mod stripe_event;
pub mod subscription;
pub mod tenant_settings;
pub mod usage;

use jiff::Timestamp;

use crate::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId, PlanId, SubscriptionId};
use crate::issued::{Decider, Issued};
use crate::sealed::Sealed;
use crate::stamp::Stamp;
use crate::time::Period;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn period(start: &str, end: &str) -> Period {
    Period { start: at(start), end: at(end) }
}

pub fn sealed(text: &str) -> Sealed {
    Sealed::from_ciphertext(format!("v1:cus_1:{text}"))
}

pub fn customer_id() -> CustomerId {
    CustomerId::parse("cus_1").unwrap()
}

pub fn subscription_id() -> SubscriptionId {
    SubscriptionId::parse("sub_1").unwrap()
}

pub fn invoice_id() -> InvoiceId {
    InvoiceId::parse("in_1").unwrap()
}

pub fn payment_id() -> PaymentId {
    PaymentId::parse("pi_1").unwrap()
}

pub fn method_id(text: &str) -> PaymentMethodId {
    PaymentMethodId::parse(text).unwrap()
}

pub fn plan_id(text: &str) -> PlanId {
    PlanId::parse(text).unwrap()
}

/// A report's stamp whose digests play no part.
pub fn stamp(event: &str, created: &str, rank: u8) -> Stamp {
    Stamp { phase: 0, created: at(created), rank, event: event.to_owned(), digest: fresh_digest(event), before: None }
}

fn fresh_digest(event: &str) -> u64 {
    crate::stamp::digest(&event)
}

pub fn issued<C>(now: &str, command: C) -> Issued<C> {
    Issued { now: at(now), command }
}

/// The aggregate after those events.
pub fn fold<D: Decider>(events: &[D::Event]) -> D {
    let mut state = D::default();
    for event in events {
        state.evolve(event);
    }
    state
}

/// The aggregate after those commands, all of which it accepts, and the events they caused.
pub fn run<D: Decider>(commands: impl IntoIterator<Item = D::Command>) -> (D, Vec<D::Event>) {
    let mut state = D::default();
    let mut events = Vec::new();
    for command in commands {
        for event in state.decide(&issued("2024-06-01T00:00:00Z", command)).unwrap() {
            state.evolve(&event);
            events.push(event);
        }
    }
    (state, events)
}
