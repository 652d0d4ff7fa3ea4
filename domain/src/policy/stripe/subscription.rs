//! What a Stripe subscription says: one plan with its dates on top in 2013, items with their own periods today.

use jiff::Timestamp;
use serde_json::Value;

use super::json::{Lack, at, currency, first_instant, flag, get, instant, list, ordered, period, reference, text};
use super::occurrence::{Occurrence, View};
use super::own::sealed_metadata;
use super::price;
use crate::command::Command;
use crate::id::{CustomerId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::origin::Origin;
use crate::subscription::{
    CancelReason, Collection, CycleMove, PauseBehavior, PauseCollection, Standing, SubscriptionCommand,
    SubscriptionSnapshot, Terms,
};
use crate::time::Period;

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let id = SubscriptionId::parse(occurrence.object_id()?).map_err(|_| Lack::of("subscription", "`id`"))?;
    let (stamp, snapshot) = occurrence.stamped(read, |snapshot| u8::from(snapshot.standing.is_terminal()))?;
    let report = SubscriptionCommand::Report { id: id.clone(), stamp, snapshot: Box::new(snapshot) };
    Ok(vec![Command::Subscription(id, report)])
}

fn read(view: &View<'_>) -> Result<SubscriptionSnapshot, Lack> {
    let customer = reference(view.object, "customer").and_then(|id| CustomerId::parse(id).ok());
    let terms = terms(view)?;
    Ok(SubscriptionSnapshot {
        customer: customer.ok_or_else(|| Lack::of("subscription", "`customer`"))?,
        origin: Origin::Stripe,
        standing: standing(view, &terms)?,
        terms,
    })
}

fn terms(view: &View<'_>) -> Result<Terms, Lack> {
    let object = view.object;
    let items = price::items(object);
    let currency = currency(object, "currency").or_else(|| items.first().map(|item| item.price.currency));
    let started = first_instant(object, &["start_date", "start"]);
    let created_at = instant(object, "created").or(started).unwrap_or(view.created);
    let started_at = started.unwrap_or(created_at);
    let trial = period(object, "trial_start", "trial_end");
    let current = current_period(object);
    let ends_with_period = flag(object, "cancel_at_period_end");
    let period_end = current.filter(|_| ends_with_period).map(|period| period.end);
    // Before anchors were reported, a trial's end was the anchor and the start without one.
    let anchor = instant(object, "billing_cycle_anchor").or(trial.map(|trial| trial.end)).unwrap_or(started_at);
    let method = reference(object, "default_payment_method").or_else(|| reference(object, "default_source"));
    Ok(Terms {
        currency: currency.ok_or_else(|| Lack::of("subscription", "`currency`"))?,
        discounts: price::discounts(object, started_at),
        items,
        created_at,
        started_at,
        anchor,
        period: current,
        trial,
        cancel_at: instant(object, "cancel_at").or(period_end),
        cancel_at_period_end: ends_with_period,
        canceled_at: instant(object, "canceled_at"),
        collection: collection(object),
        pause_collection: get(object, "pause_collection").and_then(pause_collection),
        payment_method: method.and_then(|id| PaymentMethodId::parse(id).ok()),
        latest_invoice: reference(object, "latest_invoice").and_then(|id| InvoiceId::parse(id).ok()),
        metadata: sealed_metadata(object, view.sealer),
        anchor_rule: None,
        zone: None,
        billed: Vec::new(),
        scheduled: None,
        trial_end_announced: false,
        days_until_due: None,
        cycle_move: CycleMove::default(),
    })
}

/// The subscription's own period, or since 2025 the span of its items'.
fn current_period(object: &Value) -> Option<Period> {
    let own = period(object, "current_period_start", "current_period_end");
    own.or_else(|| {
        let items = list(object, "items");
        let start = items.iter().filter_map(|item| instant(item, "current_period_start")).min()?;
        let end = items.iter().filter_map(|item| instant(item, "current_period_end")).max()?;
        ordered(start, end)
    })
}

fn standing(view: &View<'_>, terms: &Terms) -> Result<Standing, Lack> {
    let object = view.object;
    let ended_at = first_instant(object, &["ended_at", "canceled_at"]).unwrap_or(view.created);
    let status = if view.step() == "deleted" { "canceled" } else { text(object, "status").unwrap_or_default() };
    match status {
        "incomplete" => Ok(Standing::Incomplete {}),
        "incomplete_expired" => Ok(Standing::IncompleteExpired { at: ended_at }),
        "trialing" => terms
            .trial
            .or(terms.period)
            .map(|trial| Standing::Trialing { trial })
            .ok_or_else(|| Lack::of("trialing subscription", "`trial_end`")),
        "active" => Ok(Standing::Active {}),
        "past_due" => Ok(Standing::PastDue { since: unpaid_since(view, terms) }),
        "unpaid" => Ok(Standing::Unpaid { since: unpaid_since(view, terms) }),
        "paused" => Ok(Standing::Paused { since: paused_since(view, terms), resumes_at: None, past_due_since: None }),
        "canceled" => Ok(Standing::Canceled { at: ended_at, reason: cancel_reason(object, terms, ended_at) }),
        other => Err(Lack(format!("the subscription has the unknown status {other:?}"))),
    }
}

/// Stripe does not say since when. The start of the unpaid period is the same in every report of the arrears, where
/// the time of the report would move with each.
fn unpaid_since(view: &View<'_>, terms: &Terms) -> Timestamp {
    terms.period.map(|period| period.start).filter(|start| *start <= view.created).unwrap_or(view.created)
}

/// Stripe pauses at the end of a trial without a payment method.
fn paused_since(view: &View<'_>, terms: &Terms) -> Timestamp {
    terms.trial.map(|trial| trial.end).filter(|end| *end <= view.created).unwrap_or(view.created)
}

fn cancel_reason(object: &Value, terms: &Terms, ended_at: Timestamp) -> CancelReason {
    match at(object, &["cancellation_details", "reason"]).and_then(Value::as_str) {
        Some("cancellation_requested") => return CancelReason::Requested,
        Some("payment_failed") => return CancelReason::PaymentFailed,
        Some("payment_disputed") => return CancelReason::PaymentDisputed,
        _ => {}
    }
    let without_method = at(object, &["trial_settings", "end_behavior", "missing_payment_method"]);
    let ended_with_trial = terms.trial.is_some_and(|trial| trial.end == ended_at);
    if ended_with_trial && without_method.and_then(Value::as_str) == Some("cancel") {
        CancelReason::TrialEndedWithoutPaymentMethod
    } else {
        CancelReason::Unknown
    }
}

fn collection(object: &Value) -> Collection {
    match text(object, "collection_method").or_else(|| text(object, "billing")) {
        Some("send_invoice") => Collection::SendInvoice,
        _ => Collection::ChargeAutomatically,
    }
}

fn pause_collection(pause: &Value) -> Option<PauseCollection> {
    let behavior = match text(pause, "behavior")? {
        "keep_as_draft" => PauseBehavior::KeepAsDraft,
        "mark_uncollectible" => PauseBehavior::MarkUncollectible,
        "void" => PauseBehavior::Void,
        _ => return None,
    };
    Some(PauseCollection { behavior, resumes_at: instant(pause, "resumes_at") })
}
