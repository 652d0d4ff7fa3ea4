//! The coaching document's words for the ledger's states, and back. A new state fails to compile until it has one.

use domain::id::PaymentMethodId;
use domain::price::{Interval, IntervalUnit};
use domain::proration::ProrationBehavior;
use domain::subscription::{Collection, Status};

use crate::failure::Failure;

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Incomplete => "incomplete",
        Status::IncompleteExpired => "incomplete_expired",
        Status::Trialing => "trialing",
        Status::Active => "active",
        Status::PastDue => "past_due",
        Status::Unpaid => "unpaid",
        Status::Paused => "paused",
        Status::Canceled => "canceled",
    }
}

/// The document's own words are `monthly` and `one_time`; the others follow them.
pub(super) fn interval(interval: Option<Interval>) -> String {
    let Some(interval) = interval else { return "one_time".to_owned() };
    match (interval.unit, interval.count) {
        (IntervalUnit::Day, 1) => "daily".to_owned(),
        (IntervalUnit::Week, 1) => "weekly".to_owned(),
        (IntervalUnit::Month, 1) => "monthly".to_owned(),
        (IntervalUnit::Month, 3) => "quarterly".to_owned(),
        (IntervalUnit::Year, 1) => "yearly".to_owned(),
        (IntervalUnit::Day, count) => format!("every_{count}_days"),
        (IntervalUnit::Week, count) => format!("every_{count}_weeks"),
        (IntervalUnit::Month, count) => format!("every_{count}_months"),
        (IntervalUnit::Year, count) => format!("every_{count}_years"),
    }
}

pub(super) fn behavior(behavior: ProrationBehavior) -> &'static str {
    match behavior {
        ProrationBehavior::CreateProrations => "create_prorations",
        ProrationBehavior::AlwaysInvoice => "always_invoice",
        ProrationBehavior::None => "none",
    }
}

pub(super) fn collection(word: Option<&str>) -> Result<Collection, Failure> {
    match word {
        None | Some("charge_automatically") => Ok(Collection::ChargeAutomatically),
        Some("send_invoice") => Ok(Collection::SendInvoice),
        Some(other) => Err(Failure::invalid("collection_method", Some(other), "charge_automatically or send_invoice")),
    }
}

pub(super) fn payment_method(id: Option<&str>) -> Result<Option<PaymentMethodId>, Failure> {
    id.map(|id| {
        PaymentMethodId::parse(id).map_err(|_| Failure::invalid("payment_method_id", Some(id), "A payment method's id"))
    })
    .transpose()
}
