//! A subscription with its items and discounts in Stripe's words.

use domain::id::SubscriptionId;
use domain::price::{Discount, Duration, Item, Off, Scheme, Tier, Usage};
use domain::subscription::{CancelReason, Collection, PauseBehavior, Standing, SubscriptionSnapshot, Terms};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{code, list, seconds};

pub(in super::super) fn subscription(id: &SubscriptionId, of: &SubscriptionSnapshot) -> Value {
    let terms = &of.terms;
    let items: Vec<Value> = (1_u32..).zip(&terms.items).map(|(number, sold)| item(id, terms, sold, number)).collect();
    let (ended_at, cancel_reason) = ended(&of.standing);
    json!({
        "id": id.as_str(),
        "object": "subscription",
        "billing_cycle_anchor": terms.anchor.as_second(),
        "cancel_at": seconds(terms.cancel_at),
        "cancel_at_period_end": terms.cancel_at_period_end,
        "canceled_at": seconds(terms.canceled_at),
        "cancellation_details": { "comment": null, "feedback": null, "reason": cancel_reason },
        "collection_method": match terms.collection {
            Collection::ChargeAutomatically => "charge_automatically",
            Collection::SendInvoice => "send_invoice",
        },
        "created": terms.created_at.as_second(),
        "currency": code(terms.currency),
        "customer": of.customer.as_str(),
        "days_until_due": terms.days_until_due,
        "default_payment_method": terms.payment_method.as_ref().map(ToString::to_string),
        "discounts": terms.discounts.iter().map(discount).collect::<Vec<Value>>(),
        "ended_at": seconds(ended_at),
        "items": list(&items),
        "latest_invoice": terms.latest_invoice.as_ref().map(ToString::to_string),
        "livemode": false,
        "metadata": {},
        "pause_collection": terms.pause_collection.as_ref().map(|pause| json!({
            "behavior": match pause.behavior {
                PauseBehavior::KeepAsDraft => "keep_as_draft",
                PauseBehavior::MarkUncollectible => "mark_uncollectible",
                PauseBehavior::Void => "void",
            },
            "resumes_at": seconds(pause.resumes_at),
        })),
        "start_date": terms.started_at.as_second(),
        "status": of.standing.status().as_str(),
        "trial_end": seconds(terms.trial.map(|trial| trial.end)),
        "trial_start": seconds(terms.trial.map(|trial| trial.start)),
    })
}

fn ended(standing: &Standing) -> (Option<Timestamp>, Option<&'static str>) {
    match standing {
        Standing::Canceled { at, reason } => {
            let reason = match reason {
                CancelReason::Requested => Some("cancellation_requested"),
                CancelReason::PaymentFailed => Some("payment_failed"),
                CancelReason::PaymentDisputed => Some("payment_disputed"),
                CancelReason::TrialEndedWithoutPaymentMethod | CancelReason::Unknown => None,
            };
            (Some(*at), reason)
        }
        Standing::IncompleteExpired { at } => (Some(*at), None),
        Standing::Incomplete {}
        | Standing::Trialing { .. }
        | Standing::Active {}
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. } => (None, None),
    }
}

fn item(subscription: &SubscriptionId, terms: &Terms, sold: &Item, number: u32) -> Value {
    let own = || format!("si_{}_{number}", subscription.as_str());
    json!({
        "id": sold.id.clone().unwrap_or_else(own),
        "object": "subscription_item",
        "created": terms.created_at.as_second(),
        "current_period_end": seconds(terms.period.map(|period| period.end)),
        "current_period_start": seconds(terms.period.map(|period| period.start)),
        "metadata": {},
        "price": price(sold),
        "quantity": Some(sold.quantity).filter(|_| sold.price.usage == Usage::Licensed),
        "subscription": subscription.as_str(),
    })
}

fn price(sold: &Item) -> Value {
    let price = &sold.price;
    let (billing_scheme, tiers_mode, unit, tiers) = match &price.scheme {
        Scheme::PerUnit(unit) | Scheme::Flat(unit) | Scheme::Package { minor: unit, .. } => {
            ("per_unit", None, Some(unit.normalize().to_string()), Vec::new())
        }
        Scheme::Volume(tiers) => ("tiered", Some("volume"), None, tiers.iter().map(tier).collect()),
        Scheme::Graduated(tiers) => ("tiered", Some("graduated"), None, tiers.iter().map(tier).collect()),
    };
    let packages = match &price.scheme {
        Scheme::Package { size, .. } => Some(json!({ "divide_by": size, "round": "up" })),
        Scheme::PerUnit(_) | Scheme::Volume(_) | Scheme::Graduated(_) | Scheme::Flat(_) => None,
    };
    json!({
        "id": sold.plan.as_str(),
        "object": "price",
        "active": true,
        "billing_scheme": billing_scheme,
        "currency": code(price.currency),
        "livemode": false,
        "metadata": {},
        "nickname": sold.name,
        "product": sold.plan.as_str(),
        "recurring": price.interval.map(|interval| json!({
            "interval": interval.unit.as_str(),
            "interval_count": interval.count,
            "usage_type": match price.usage {
                Usage::Licensed => "licensed",
                Usage::Metered => "metered",
            },
        })),
        "tiers": tiers,
        "tiers_mode": tiers_mode,
        "transform_quantity": packages,
        "type": if price.interval.is_some() { "recurring" } else { "one_time" },
        "unit_amount_decimal": unit,
    })
}

fn tier(tier: &Tier) -> Value {
    json!({
        "flat_amount_decimal": tier.flat_minor.normalize().to_string(),
        "unit_amount_decimal": tier.unit_minor.normalize().to_string(),
        "up_to": tier.up_to,
    })
}

fn discount(discount: &Discount) -> Value {
    let (percent, amount_minor, currency) = match &discount.off {
        Off::Percent(percent) => (Some(percent.normalize().to_string()), None, None),
        Off::Amount { minor, currency } => (None, Some(*minor), Some(code(*currency))),
    };
    let (duration, months) = match discount.duration {
        Duration::Once => ("once", None),
        Duration::Repeating { months } => ("repeating", Some(months)),
        Duration::Forever => ("forever", None),
    };
    json!({
        "object": "discount",
        "end": seconds(discount.end),
        "source": {
            "type": "coupon",
            "coupon": {
                "id": discount.coupon, "object": "coupon", "percent_off": percent, "amount_off": amount_minor,
                "currency": currency, "duration": duration, "duration_in_months": months,
            },
        },
        "start": discount.start.as_second(),
    })
}
