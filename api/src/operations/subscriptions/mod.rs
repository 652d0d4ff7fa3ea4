//! What is done with subscriptions: each is worked out on a desk and carried out in one append, its bills included.

mod change;
mod create;
mod end;
mod metadata;
mod retain;

pub use change::{
    ChangeFields, ChangeWhen, CycleAnchor, Preview, change_subscription, preview_change, upcoming_invoice,
};
pub(super) use create::coupon_of;
pub use create::{SubscriptionFields, create_subscription};
pub use end::{
    CancelFields, CancelWhen, PauseFields, cancel_subscription, pause_subscription, reactivate_subscription,
    resume_subscription,
};
pub use retain::{DISCOUNT_MONTHS, DISCOUNT_PERCENT, MAX_PAUSE_MONTHS, Offer, accept_retention_offer, offers_until};

use domain::billing::Subject;
use domain::id::{PlanId, SubscriptionId, TenantId};
use domain::price::Item;
use domain::sealed::Sealed;
use domain::subscription::{Subscription, SubscriptionSnapshot};
use store::Ledger;

use super::Call;
use crate::billing::Place;
use crate::catalogue::{self, SoldPlan};
use crate::failure::Failure;

fn parse(id: &str) -> Result<SubscriptionId, Failure> {
    SubscriptionId::parse(id).map_err(|_| Failure::not_found("subscription"))
}

/// The subscription as it stands, and where its billing takes place.
async fn place_of(ledger: &Ledger, call: &Call, id: &SubscriptionId) -> Result<(SubscriptionSnapshot, Place), Failure> {
    let loaded = ledger.load::<Subscription>(&call.tenant, id.as_str()).await?;
    let snapshot = loaded.state.snapshot().cloned().ok_or_else(|| Failure::not_found("subscription"))?;
    let mut place = Place::of(snapshot.customer.clone());
    place.subjects = vec![Subject::Subscription(id.clone())];
    place.with_invoices = Some(id.clone());
    Ok((snapshot, place))
}

/// What people write about a subscription is sealed with its customer's key.
pub(super) async fn seal_words<const N: usize>(
    ledger: &Ledger,
    call: &Call,
    subscription: &SubscriptionSnapshot,
    words: [Option<String>; N],
) -> Result<[Option<Sealed>; N], Failure> {
    if words.iter().all(Option::is_none) {
        return Ok(words.map(|_| None));
    }
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{}", subscription.customer)).await?;
    Ok(words.map(|text| text.map(|text| sealer.seal(&text))))
}

pub(super) async fn plan_of(ledger: &Ledger, tenant: &TenantId, plan_id: &str) -> Result<SoldPlan, Failure> {
    let unknown = || Failure::invalid("plan_id", Some(plan_id), "A plan of the catalogue");
    let id = PlanId::parse(plan_id).map_err(|_| unknown())?;
    catalogue::plan(ledger, tenant, &id, None).await?.ok_or_else(unknown)
}

/// A plan and how much of it.
#[derive(Debug, Clone)]
pub struct PlanQuantity {
    pub plan_id: String,
    pub quantity: u64,
}

/// The plans as items, each in the version that is sold now.
pub(super) async fn items_of(
    ledger: &Ledger,
    tenant: &TenantId,
    wanted: &[PlanQuantity],
) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = Vec::new();
    for wanted in wanted {
        if items.iter().any(|item| item.plan.as_str() == wanted.plan_id) {
            return Err(Failure::invalid("items", Some(&wanted.plan_id), "Each plan once, with its quantity"));
        }
        let sold = plan_of(ledger, tenant, &wanted.plan_id).await?;
        items.extend(sold.plan.items(sold.version, wanted.quantity));
    }
    Ok(items)
}
