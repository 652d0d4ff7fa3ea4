//! What do subscriptions and their events look like in tests?

use rust_decimal::Decimal;

use super::{at, customer_id, invoice_id, method_id, period, plan_id, sealed, stamp, subscription_id};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::{Discount, Duration, Interval, Item, Off, Price, Scheme, Tier, Usage};
use crate::pricing::{Billing, Metric};
use crate::proration::{Adjusted, Billed};
use crate::subscription::{
    ActivationCause, CancelReason, Collection, CycleMove, NewSubscription, PauseBehavior, PauseCollection,
    ScheduledChange, Standing, SubscriptionChange, SubscriptionEvent, SubscriptionSnapshot, Terms,
};
use crate::time::{AnchorRule, Stretch};

pub const CREATED: &str = "2024-01-15T10:30:00Z";
/// A moment in the first period at which tests issue commands.
pub const NOW: &str = "2024-01-20T00:00:00Z";
pub const PERIOD_END: &str = "2024-02-15T10:30:00Z";

pub fn item(plan: &str, minor: i64) -> Item {
    Item {
        id: Some("si_1".to_owned()),
        plan: plan_id(plan),
        name: Some("Elite coaching".to_owned()),
        price: Price::per_unit(minor, Currency::USD, Some(Interval::MONTHLY)),
        quantity: 1,
        version: None,
        billing: crate::pricing::Billing::InAdvance,
        metric: None,
    }
}

pub fn discount(coupon: &str) -> Discount {
    Discount {
        coupon: coupon.to_owned(),
        off: Off::Percent(Decimal::from(20)),
        duration: Duration::Repeating { months: 3 },
        start: at(CREATED),
        end: Some(at("2024-04-15T10:30:00Z")),
    }
}

pub fn new_subscription() -> NewSubscription {
    NewSubscription {
        items: vec![item("elite", 500_000)],
        ..NewSubscription::of(subscription_id(), customer_id(), Currency::USD)
    }
}

pub fn terms() -> Terms {
    Terms {
        items: vec![item("elite", 500_000)],
        currency: Currency::USD,
        created_at: at(CREATED),
        started_at: at(CREATED),
        anchor: at(CREATED),
        period: Some(period(CREATED, PERIOD_END)),
        trial: None,
        discounts: Vec::new(),
        cancel_at: None,
        cancel_at_period_end: false,
        canceled_at: None,
        collection: Collection::ChargeAutomatically,
        pause_collection: None,
        payment_method: None,
        latest_invoice: None,
        metadata: None,
        anchor_rule: None,
        zone: None,
        billed: Vec::new(),
        scheduled: None,
        trial_end_announced: false,
        days_until_due: None,
        cycle_move: CycleMove::default(),
    }
}

pub fn snapshot(standing: Standing) -> SubscriptionSnapshot {
    SubscriptionSnapshot { customer: customer_id(), origin: Origin::Daybook, standing, terms: terms() }
}

pub fn event(time: &str, change: SubscriptionChange, after: Option<SubscriptionSnapshot>) -> SubscriptionEvent {
    SubscriptionEvent {
        at: at(time),
        subscription: subscription_id(),
        customer: customer_id(),
        change,
        after: after.map(Box::new),
    }
}

/// A subscription that stands so, created with those terms.
pub fn created(standing: Standing, terms: Terms) -> Vec<SubscriptionEvent> {
    let after = SubscriptionSnapshot { terms, ..snapshot(standing) };
    vec![event(CREATED, SubscriptionChange::SubscriptionCreated {}, Some(after))]
}

pub fn pause_collection() -> PauseCollection {
    PauseCollection { behavior: PauseBehavior::Void, resumes_at: Some(at("2024-03-01T00:00:00Z")) }
}

/// Terms in which everything is said.
fn full_terms() -> Terms {
    let tier = |up_to, unit: i64, flat: i64| Tier { up_to, unit_minor: unit.into(), flat_minor: flat.into() };
    let used = Price {
        scheme: Scheme::Graduated(vec![tier(Some(10), 2_500, 5_000), tier(None, 2_000, 0)]),
        usage: Usage::Metered,
        ..item("sessions", 0).price
    };
    let metered = Item { id: Some("si_2".to_owned()), price: used, ..item("sessions", 0) };
    Terms {
        items: vec![item("elite", 500_000), metered],
        collection: Collection::SendInvoice,
        trial: Some(period(CREATED, "2024-01-22T10:30:00Z")),
        discounts: vec![discount("NEWCLIENT20")],
        cancel_at: Some(at(PERIOD_END)),
        cancel_at_period_end: true,
        canceled_at: Some(at(NOW)),
        pause_collection: Some(pause_collection()),
        payment_method: Some(method_id("pm_1")),
        latest_invoice: Some(invoice_id()),
        metadata: Some(sealed("{\"campaign_source\":\"email\"}")),
        ..terms()
    }
}

/// Terms as our own billing keeps them, with what it billed.
fn billed_terms() -> Terms {
    let whole = period(CREATED, PERIOD_END);
    let adjusted = Adjusted { amount_minor: 100_000, tax_minor: 8_750, period: Some(period(NOW, PERIOD_END)) };
    let billed = Billed {
        line: "il_1".to_owned(),
        item: "si_1".to_owned(),
        quantity: 1,
        amount_minor: 400_000,
        tax_minor: 35_000,
        stretch: Stretch { period: whole, reference: whole },
        adjusted: vec![adjusted],
    };
    let metric = Some(Metric::parse("sessions").unwrap());
    let used = Item { billing: Billing::InArrears, metric, version: Some(2), ..item("sessions", 0) };
    Terms {
        anchor_rule: Some(AnchorRule::StickyEndOfMonth),
        zone: Some("Europe/Paris".to_owned()),
        billed: vec![billed],
        scheduled: Some(ScheduledChange { at: at(PERIOD_END), items: vec![item("elite", 500_000), used] }),
        trial_end_announced: true,
        days_until_due: Some(30),
        ..full_terms()
    }
}

/// With a move of the cycle that waits for the end of the period.
fn moved_terms() -> Terms {
    Terms { cycle_move: CycleMove { anchor: Some(at("2024-02-10T00:00:00Z")), gives_back: true }, ..full_terms() }
}

/// One event of every kind.
pub fn events() -> Vec<SubscriptionEvent> {
    use SubscriptionChange as C;
    let trial = period(CREATED, "2024-01-22T10:30:00Z");
    let now =
        |change, standing| event(NOW, change, Some(SubscriptionSnapshot { terms: full_terms(), ..snapshot(standing) }));
    let active = || Standing::Active {};
    let billed =
        |change| event(NOW, change, Some(SubscriptionSnapshot { terms: billed_terms(), ..snapshot(active()) }));
    let reported = SubscriptionSnapshot { origin: Origin::Stripe, ..snapshot(Standing::PastDue { since: at(NOW) }) };
    let stamp = crate::stamp::Stamp { phase: 1, before: Some(7), ..stamp("evt_1", NOW, 1) };
    let reason = Some(sealed("too expensive"));
    let feedback = Some(sealed("thank you"));
    let cause = CancelReason::Requested;
    vec![
        now(C::SubscriptionCreated {}, Standing::Trialing { trial }),
        now(C::SubscriptionActivated { cause: ActivationCause::FirstInvoicePaid }, active()),
        now(C::SubscriptionRenewed {}, active()),
        now(C::SubscriptionTrialExtended {}, Standing::Trialing { trial }),
        now(C::SubscriptionItemsChanged {}, active()),
        billed(C::SubscriptionChangeScheduled {}),
        billed(C::SubscriptionChangeWithdrawn {}),
        billed(C::SubscriptionPaymentMethodChanged {}),
        billed(C::SubscriptionMetadataChanged {}),
        event(
            NOW,
            C::SubscriptionCycleMoved {},
            Some(SubscriptionSnapshot { terms: moved_terms(), ..snapshot(active()) }),
        ),
        billed(C::SubscriptionTrialEndAnnounced {}),
        billed(C::SubscriptionBilled {}),
        now(C::SubscriptionDiscountApplied { coupon: "NEWCLIENT20".to_owned() }, active()),
        now(C::SubscriptionDiscountEnded { coupon: "NEWCLIENT20".to_owned() }, active()),
        now(C::SubscriptionCancellationScheduled { reason: reason.clone(), feedback: feedback.clone() }, active()),
        now(C::SubscriptionCancellationWithdrawn {}, active()),
        now(
            C::SubscriptionCanceled { cause, reason: reason.clone(), feedback },
            Standing::Canceled { at: at(NOW), reason: cause },
        ),
        now(
            C::SubscriptionPaused { reason, maintain_access: true },
            Standing::Paused {
                since: at(NOW),
                resumes_at: Some(at("2024-03-01T00:00:00Z")),
                past_due_since: Some(at(NOW)),
            },
        ),
        now(C::SubscriptionResumed {}, active()),
        now(C::SubscriptionCollectionPaused {}, active()),
        now(C::SubscriptionCollectionResumed {}, active()),
        now(C::SubscriptionPastDue { invoice: Some(invoice_id()) }, Standing::PastDue { since: at(NOW) }),
        now(
            C::SubscriptionArrearsSettled { invoice: invoice_id() },
            Standing::Paused { since: at(NOW), resumes_at: None, past_due_since: None },
        ),
        now(C::SubscriptionUnpaid { invoice: Some(invoice_id()) }, Standing::Unpaid { since: at(NOW) }),
        now(C::SubscriptionExpiredIncomplete {}, Standing::IncompleteExpired { at: at(NOW) }),
        now(C::SubscriptionReported { stamp, snapshot: Some(Box::new(reported)) }, Standing::Incomplete {}),
    ]
}
