//! Subscriptions that Stripe bills: how they are created, changed, paused and resumed. What Stripe cannot be asked is
//! refused with its field.

use std::time::Duration;

use domain::id::{PlanId, SubscriptionId, TenantId};
use domain::price::{Item, Off};
use domain::pricing::Billing;
use domain::processor_call::{Asked, AskedItem, AskedSubscription};
use domain::proration::ProrationBehavior;
use domain::subscription::{Collection, Standing, Subscription, SubscriptionSnapshot};
use serde_json::Value;
use store::Ledger;

use super::people::{check_metadata, stripe_customer};
use super::{billed_by_stripe, carry_out};
use crate::failure::Failure;
use crate::operations::coupons::next_redemption;
use crate::operations::subscriptions::{
    ChangeFields, ChangeWhen, PauseFields, PlanQuantity, SubscriptionFields, coupon_of, items_of, plan_of, seal_words,
};
use crate::operations::{Call, Done};
use crate::stripe::setup::lookup_key;

/// Tries of a redemption whose number another request took first. Of those that meet, one is served each time.
const MAX_TRIES: u32 = 256;

pub(in crate::operations) async fn create_subscription(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    fields: &SubscriptionFields,
) -> Result<Done, Failure> {
    for _ in 0..MAX_TRIES {
        let work = async {
            let new = new_subscription(ledger, call, fields).await?;
            Ok((Some(new.customer.clone()), Asked::CreateSubscription(Box::new(new))))
        };
        match carry_out(ledger, call, patience, work).await {
            // Another request took the number of this redemption.
            Err(Failure::Conflict { what }) if what.starts_with("coupon:") => {}
            outcome => return outcome,
        }
    }
    Err(Failure::Unavailable)
}

pub(in crate::operations) async fn change_subscription(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    fields: &ChangeFields,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (subscription, snapshot) = running(ledger, call, id).await?;
        if fields.when != ChangeWhen::Now {
            let expected = "now; a later change of what Stripe bills is scheduled at Stripe";
            return Err(Failure::invalid("effective", None, expected));
        }
        if fields.cycle_anchor.is_some() {
            let expected = "unchanged; the cycle of what Stripe bills is moved at Stripe";
            return Err(Failure::invalid("billing_cycle_anchor", None, expected));
        }
        if !fields.metadata.is_unchanged() {
            return Err(Failure::invalid("metadata", None, "Nothing; they are changed at Stripe"));
        }
        let items = changed_items(ledger, &call.tenant, &snapshot, fields).await?;
        if items.is_empty() && fields.payment_method_id.is_none() {
            return Err(Failure::invalid(
                "plan_id",
                None,
                "Something that changes: plan_id, quantity, items or payment_method_id",
            ));
        }
        let asked = Asked::ChangeSubscription {
            subscription,
            items,
            behavior: fields.behavior,
            proration_date: fields.proration_date,
            method: fields.payment_method_id.clone(),
        };
        Ok((Some(snapshot.customer), asked))
    })
    .await
}

/// Takes a cancellation at the period's end back.
pub(in crate::operations) async fn reactivate_subscription(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (subscription, snapshot) = running(ledger, call, id).await?;
        if !snapshot.terms.cancel_at_period_end {
            let reason = "the subscription is not to be canceled at its period's end".to_owned();
            return Err(Failure::Illegal { reason });
        }
        Ok((Some(snapshot.customer), Asked::ReactivateSubscription { subscription }))
    })
    .await
}

/// Stripe's own kind of pause: its invoices are voided, while status and MRR stay (decision B1).
pub(in crate::operations) async fn pause_subscription(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    fields: &PauseFields,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (subscription, snapshot) = running(ledger, call, id).await?;
        if fields.behavior != ProrationBehavior::None {
            return Err(Failure::invalid("proration_behavior", None, "none, since Stripe prorates no pause"));
        }
        let [reason] = seal_words(ledger, call, &snapshot, [fields.reason.clone()]).await?;
        let asked = Asked::PauseCollection { subscription, resumes_at: fields.resumes_at, reason };
        Ok((Some(snapshot.customer), asked))
    })
    .await
}

pub(in crate::operations) async fn resume_subscription(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    behavior: ProrationBehavior,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (subscription, snapshot) = running(ledger, call, id).await?;
        let asked = if matches!(snapshot.standing, Standing::Paused { .. }) {
            Asked::ResumeSubscription { subscription, behavior }
        } else if snapshot.terms.pause_collection.is_none() {
            return Err(Failure::Illegal { reason: "the subscription is not paused".to_owned() });
        } else if behavior == ProrationBehavior::AlwaysInvoice {
            let expected = "create_prorations or none, since Stripe prorates no pause";
            return Err(Failure::invalid("proration_behavior", None, expected));
        } else {
            Asked::ResumeCollection { subscription }
        };
        Ok((Some(snapshot.customer), asked))
    })
    .await
}

async fn running(ledger: &Ledger, call: &Call, id: &str) -> Result<(SubscriptionId, SubscriptionSnapshot), Failure> {
    let id = SubscriptionId::parse(id).map_err(|_| Failure::not_found("subscription"))?;
    let loaded = ledger.load::<Subscription>(&call.tenant, id.as_str()).await?;
    let snapshot = loaded.state.snapshot().cloned().ok_or_else(|| Failure::not_found("subscription"))?;
    billed_by_stripe(snapshot.origin)?;
    if snapshot.standing.is_terminal() {
        return Err(Failure::Illegal { reason: "the subscription has ended".to_owned() });
    }
    Ok((id, snapshot))
}

async fn new_subscription(
    ledger: &Ledger,
    call: &Call,
    fields: &SubscriptionFields,
) -> Result<AskedSubscription, Failure> {
    let (customer, _) = stripe_customer(ledger, call, &fields.customer_id).await?;
    let sold = items_of(ledger, &call.tenant, &fields.plans).await?;
    let currency = sold.first().map(|item| item.price.currency);
    let mut items = Vec::new();
    for wanted in &fields.plans {
        items.push(new_item(ledger, &call.tenant, wanted).await?);
    }
    if fields.start_date.is_some_and(|start| call.now < start) {
        let expected = "A date that is not in the future; a trial delays the first bill";
        return Err(Failure::invalid("start_date", None, expected));
    }
    let metadata = match &fields.metadata {
        Some(metadata) => {
            check_metadata(metadata)?;
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&Value::Object(metadata.clone()).to_string()))
        }
        None => None,
    };
    let coupon = match &fields.discount_code {
        Some(code) => Some(coupon_of(ledger, call, code).await?),
        None => None,
    };
    let mut redemption = None;
    if let Some(coupon) = &coupon {
        if let Off::Amount { currency: of_coupon, .. } = coupon.off
            && Some(of_coupon) != currency
        {
            let expected = "A discount code in the currency of the plan";
            return Err(Failure::invalid("discount_code", Some(&coupon.code), expected));
        }
        // It is claimed for the call, which says so itself.
        let claim = next_redemption(ledger, &call.tenant, coupon, "").await?;
        redemption = claim.map(|claim| claim.name);
    }
    Ok(AskedSubscription {
        customer,
        items,
        method: fields.payment_method_id.clone(),
        trial_days: fields.trial_period_days.filter(|days| *days > 0),
        anchor: fields.billing_cycle_anchor,
        start: fields.start_date,
        coupon,
        redemption,
        send_invoice: fields.collection == Collection::SendInvoice,
        days_until_due: fields.days_until_due,
        metadata,
    })
}

async fn new_item(ledger: &Ledger, tenant: &TenantId, wanted: &PlanQuantity) -> Result<AskedItem, Failure> {
    if wanted.quantity == 0 {
        return Err(Failure::invalid("quantity", Some("0"), "At least 1"));
    }
    let lookup_key = Some(price_of(ledger, tenant, &wanted.plan_id).await?);
    Ok(AskedItem { lookup_key, quantity: Some(wanted.quantity), ..AskedItem::default() })
}

/// The lookup key of what a plan costs now, where Stripe can bill it.
async fn price_of(ledger: &Ledger, tenant: &TenantId, plan_id: &str) -> Result<String, Failure> {
    let sold = plan_of(ledger, tenant, plan_id).await?;
    let refuse = |expected: &str| Err(Failure::invalid("plan_id", Some(plan_id), expected));
    if sold.plan.price.interval.is_none() {
        return refuse("A recurring plan; Stripe has no subscription to a one-time price");
    }
    if sold.plan.billing == Billing::InArrears {
        return refuse("A plan billed in advance, as Stripe bills agreed quantities");
    }
    if !sold.plan.usage.is_empty() {
        return refuse("A plan without usage, which Stripe bills by a meter");
    }
    Ok(lookup_key(tenant, &sold.plan.id, sold.version))
}

/// What is to be changed of the items; empty where they stay as they are.
async fn changed_items(
    ledger: &Ledger,
    tenant: &TenantId,
    snapshot: &SubscriptionSnapshot,
    fields: &ChangeFields,
) -> Result<Vec<AskedItem>, Failure> {
    fields.check()?;
    let agreed = &snapshot.terms.items;
    if let Some(plans) = &fields.plans {
        items_of(ledger, tenant, plans).await?;
        return replaced(ledger, tenant, agreed, plans, fields.renew_versions).await;
    }
    if fields.plan_id.is_none() && fields.quantity.is_none() {
        let mut renewed = Vec::new();
        for item in agreed.iter().filter(|_| fields.renew_versions) {
            let lookup_key = Some(price_of(ledger, tenant, item.plan.as_str()).await?);
            renewed.push(AskedItem { id: Some(id_of(item)?), lookup_key, ..AskedItem::default() });
        }
        return Ok(renewed);
    }
    let [only] = agreed.as_slice() else {
        return Err(Failure::invalid("items", None, "Items with their quantities, as there are several"));
    };
    if fields.quantity == Some(0) {
        return Err(Failure::invalid("quantity", Some("0"), "At least 1"));
    }
    let plan = fields.plan_id.as_deref().filter(|plan| fields.renew_versions || *plan != only.plan.as_str());
    let renewed = fields.renew_versions.then_some(only.plan.as_str());
    let lookup_key = match plan.or(renewed) {
        Some(plan) => Some(price_of(ledger, tenant, plan).await?),
        None => None,
    };
    if lookup_key.is_none() && fields.quantity.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![AskedItem { id: Some(id_of(only)?), lookup_key, quantity: fields.quantity, removed: false }])
}

/// The items as a list of plans wants them: those that stay, others in the place of those that go, and what is left over.
async fn replaced(
    ledger: &Ledger,
    tenant: &TenantId,
    agreed: &[Item],
    wanted: &[PlanQuantity],
    renew_versions: bool,
) -> Result<Vec<AskedItem>, Failure> {
    let is_wanted = |plan: &PlanId| wanted.iter().any(|wanted| wanted.plan_id == plan.as_str());
    let mut leaving = agreed.iter().filter(|item| !is_wanted(&item.plan));
    let mut items = Vec::new();
    for wanted in wanted {
        let new = new_item(ledger, tenant, wanted).await?;
        match agreed.iter().find(|item| item.plan.as_str() == wanted.plan_id) {
            Some(item) => {
                let lookup_key = new.lookup_key.filter(|_| renew_versions);
                items.push(AskedItem { id: Some(id_of(item)?), lookup_key, ..new });
            }
            None => items.push(AskedItem { id: leaving.next().map(id_of).transpose()?, ..new }),
        }
    }
    for item in leaving {
        items.push(AskedItem { id: Some(id_of(item)?), removed: true, ..AskedItem::default() });
    }
    Ok(items)
}

fn id_of(item: &Item) -> Result<String, Failure> {
    item.id.clone().ok_or_else(|| Failure::invalid("items", None, "Items that Stripe has reported with their ids"))
}
