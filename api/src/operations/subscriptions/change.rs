//! How plans and quantities of a subscription change, now or with the next period, and what that would cost.

use domain::billing::{self, Alteration, Desk};
use domain::customer::Patch;
use domain::id::{InvoiceId, PaymentMethodId, SubscriptionId};
use domain::invoice::InvoiceSnapshot;
use domain::price::Item;
use domain::proration::ProrationBehavior;
use domain::refusal::Refusal;
use domain::subscription::{SubscriptionCommand, SubscriptionSnapshot};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::Ledger;

use super::metadata::{is_other, merged};
use super::{PlanQuantity, items_of, parse, place_of};
use crate::billing::{bill, try_out};
use crate::failure::Failure;
use crate::operations::repeats::once;
use crate::operations::{Call, Done, stripe_calls};

/// Tries of a change that was merged with metadata which are others by then.
const MAX_TRIES: u32 = 32;

/// When a change takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeWhen {
    Now,
    AtPeriodEnd,
    At(Timestamp),
}

/// What a caller asks a subscription to become. What is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct ChangeFields {
    pub plans: Option<Vec<PlanQuantity>>,
    /// Another plan in place of the one it has, as often.
    pub plan_id: Option<String>,
    /// Of the one plan it has.
    pub quantity: Option<u64>,
    /// Plans that it has already are sold anew, as they are now; else they keep the version they were sold in.
    pub renew_versions: bool,
    pub behavior: ProrationBehavior,
    pub proration_date: Option<Timestamp>,
    pub when: ChangeWhen,
    pub payment_method_id: Option<PaymentMethodId>,
    /// Other boundaries of its periods.
    pub cycle_anchor: Option<CycleAnchor>,
    /// Merged key by key with what is there.
    pub metadata: Patch<Map<String, Value>>,
}

/// From when on its periods count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleAnchor {
    Now,
    At(Timestamp),
}

impl ChangeFields {
    /// Items are named one by one, or by the one plan.
    pub(in crate::operations) fn check(&self) -> Result<(), Failure> {
        if self.cycle_anchor.is_some() && self.when != ChangeWhen::Now {
            let expected = "unchanged, where the change waits for its time";
            return Err(Failure::invalid("billing_cycle_anchor", None, expected));
        }
        match (&self.plans, &self.plan_id, self.quantity) {
            (Some(_), Some(_), _) => Err(Failure::invalid("items", None, "Either items or a plan_id, not both")),
            (Some(_), None, Some(_)) => {
                Err(Failure::invalid("quantity", None, "Quantities in the items, where items are named"))
            }
            (Some(_), None, None) | (None, _, _) => Ok(()),
        }
    }
}

pub async fn change_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    fields: &ChangeFields,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::change_subscription(ledger, call, patience, id, fields)).await;
    }
    once(ledger, call, async {
        let id = parse(id)?;
        for _ in 0..MAX_TRIES {
            let (snapshot, place) = place_of(ledger, call, &id).await?;
            let items = items(ledger, call, &snapshot, fields).await?;
            let later = later(&snapshot, fields);
            let metadata = merged(ledger, call, &snapshot, &fields.metadata).await?;
            let outcome = bill(ledger, call, &place, id.as_str(), |desk| {
                if let Some(method) = &fields.payment_method_id {
                    desk.confirm_payer(Some(method.clone()))?;
                    let command = SubscriptionCommand::SetPaymentMethod { method: Some(method.clone()) };
                    desk.on_subscription(&id, command)?;
                }
                if let Some(metadata) = &metadata {
                    desk.on_subscription(&id, metadata.clone())?;
                }
                carry_out(desk, &id, (items.clone(), later), fields, fields.behavior)
            })
            .await;
            match outcome {
                // Somebody else changed the metadata that this was merged with.
                Err(Failure::Unavailable) if metadata.is_some() && is_other(ledger, call, &id, &snapshot).await? => {}
                outcome => return Ok(Done::of(id.as_str(), outcome?.1)),
            }
        }
        Err(Failure::Unavailable)
    })
    .await
}

/// Other items, now or later, and then other periods; the invoice of what is invoiced now.
fn carry_out(
    desk: &mut Desk,
    id: &SubscriptionId,
    (items, later): (Option<Vec<Item>>, Option<Timestamp>),
    fields: &ChangeFields,
    behavior: ProrationBehavior,
) -> Result<Option<InvoiceId>, Refusal> {
    let invoice = match (items, later) {
        (None, _) => None,
        (Some(items), Some(at)) => {
            desk.on_subscription(id, SubscriptionCommand::ScheduleChange { at, items })?;
            None
        }
        (Some(items), None) => {
            let wanted = Alteration { items, behavior, proration_date: fields.proration_date };
            billing::alter(desk, id, &wanted)?
        }
    };
    let anchor = match fields.cycle_anchor {
        None => return Ok(invoice),
        Some(CycleAnchor::Now) => desk.now,
        Some(CycleAnchor::At(at)) => at,
    };
    Ok(billing::move_cycle(desk, id, anchor, behavior)?.or(invoice))
}

/// What a change would come to.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The prorations with their tax, as if they were invoiced at once; `None` where the change costs nothing now.
    pub prorations: Option<InvoiceSnapshot>,
    /// Whether they would be.
    pub invoiced_now: bool,
    /// The next invoice after the change; `None` where nothing more will be billed.
    pub next: Option<InvoiceSnapshot>,
}

/// What a change would come to, without side effects. Without a change it is the next invoice as things stand.
pub async fn preview_change(ledger: &Ledger, call: &Call, id: &str, fields: &ChangeFields) -> Result<Preview, Failure> {
    let id = parse(id)?;
    let (snapshot, place) = place_of(ledger, call, &id).await?;
    let items = items(ledger, call, &snapshot, fields).await?;
    let later = later(&snapshot, fields);
    try_out(ledger, call, &place, |desk| {
        let mut shown = desk.clone();
        let at_once = match fields.behavior {
            ProrationBehavior::CreateProrations => ProrationBehavior::AlwaysInvoice,
            behavior @ (ProrationBehavior::None | ProrationBehavior::AlwaysInvoice) => behavior,
        };
        let invoice = carry_out(&mut shown, &id, (items.clone(), later), fields, at_once)?;
        let prorations = invoice.map(|invoice| shown.invoice(&invoice).cloned()).transpose()?;
        let invoiced_now = carry_out(desk, &id, (items.clone(), later), fields, fields.behavior)?.is_some();
        Ok(Preview { prorations, invoiced_now, next: billing::next_invoice(desk, &id)? })
    })
    .await
}

/// The next invoice of a subscription as things stand; `None` where nothing more will be billed.
pub async fn upcoming_invoice(ledger: &Ledger, call: &Call, id: &str) -> Result<Option<InvoiceSnapshot>, Failure> {
    let id = parse(id)?;
    let (_, place) = place_of(ledger, call, &id).await?;
    try_out(ledger, call, &place, |desk| billing::next_invoice(desk, &id)).await
}

fn later(snapshot: &SubscriptionSnapshot, fields: &ChangeFields) -> Option<Timestamp> {
    match fields.when {
        ChangeWhen::Now => None,
        ChangeWhen::AtPeriodEnd => snapshot.terms.period.map(|period| period.end),
        ChangeWhen::At(at) => Some(at),
    }
}

/// What the subscription is to have; `None` where its items stay.
async fn items(
    ledger: &Ledger,
    call: &Call,
    snapshot: &SubscriptionSnapshot,
    fields: &ChangeFields,
) -> Result<Option<Vec<Item>>, Failure> {
    fields.check()?;
    let plans = match (&fields.plans, &fields.plan_id, fields.quantity) {
        (Some(plans), _, _) => plans.clone(),
        (None, None, None) if fields.renew_versions => its_plans(snapshot),
        (None, None, None) => return Ok(None),
        (None, plan_id, quantity) => {
            let mut plans = its_plans(snapshot);
            let several = || Failure::invalid("items", None, "Items with their quantities, as there are several");
            let [only] = plans.as_mut_slice() else { return Err(several()) };
            only.plan_id = plan_id.clone().unwrap_or_else(|| only.plan_id.clone());
            only.quantity = quantity.unwrap_or(only.quantity);
            plans
        }
    };
    let mut items = Vec::new();
    for sold in items_of(ledger, &call.tenant, &plans).await?.chunk_by(|one, next| one.plan == next.plan) {
        let agreed: Vec<&Item> = snapshot.terms.items.iter().filter(|item| is_of(item, sold)).collect();
        if agreed.is_empty() || fields.renew_versions {
            items.extend(sold.iter().cloned());
        } else {
            let quantity = sold.iter().find(|item| item.metric.is_none()).map(|item| item.quantity);
            items.extend(agreed.into_iter().map(|item| in_quantity(item, quantity)));
        }
    }
    Ok(Some(items))
}

/// The plans that it has, and how often.
fn its_plans(snapshot: &SubscriptionSnapshot) -> Vec<PlanQuantity> {
    let agreed = snapshot.terms.items.iter().filter(|item| item.metric.is_none());
    agreed.map(|item| PlanQuantity { plan_id: item.plan.as_str().to_owned(), quantity: item.quantity }).collect()
}

fn is_of(item: &Item, sold: &[Item]) -> bool {
    sold.first().is_some_and(|sold| sold.plan == item.plan)
}

fn in_quantity(item: &Item, quantity: Option<u64>) -> Item {
    let quantity = quantity.filter(|_| item.metric.is_none()).unwrap_or(item.quantity);
    Item { quantity, ..item.clone() }
}
