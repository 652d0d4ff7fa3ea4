//! How a subscription is created, together with its first invoice and the redemption of its coupon.

use domain::billing;
use domain::catalogue::Coupon;
use domain::id::{CustomerId, PaymentMethodId, SubscriptionId};
use domain::price::Off;
use domain::subscription::{Collection, NewSubscription};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::Ledger;

use super::{PlanQuantity, items_of};
use crate::billing::{Place, bill};
use crate::catalogue;
use crate::failure::Failure;
use crate::operations::coupons::next_redemption;
use crate::operations::repeats::once;
use crate::operations::{Call, Done, stripe_calls};

/// Tries of a redemption whose number another request took first. Of those that meet, one is served each time.
const MAX_TRIES: u32 = 256;

/// What a caller asks a new subscription to be.
#[derive(Debug, Clone)]
pub struct SubscriptionFields {
    pub customer_id: String,
    pub plans: Vec<PlanQuantity>,
    pub payment_method_id: Option<PaymentMethodId>,
    pub trial_period_days: Option<u16>,
    pub billing_cycle_anchor: Option<Timestamp>,
    /// `None` is now; in the past what lies between is billed too.
    pub start_date: Option<Timestamp>,
    pub discount_code: Option<String>,
    pub collection: Collection,
    pub days_until_due: Option<u16>,
    pub metadata: Option<Map<String, Value>>,
}

/// Creates a subscription to plans of the tenant's catalogue, as they are sold now.
pub async fn create_subscription(ledger: &Ledger, call: &Call, fields: SubscriptionFields) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::create_subscription(ledger, call, patience, &fields)).await;
    }
    once(ledger, call, async {
        let coupon = match &fields.discount_code {
            Some(code) => Some(coupon_of(ledger, call, code).await?),
            None => None,
        };
        let new = new_subscription(ledger, call, coupon.as_ref(), fields).await?;
        redeem(ledger, call, coupon.as_ref(), new).await
    })
    .await
}

async fn new_subscription(
    ledger: &Ledger,
    call: &Call,
    coupon: Option<&Coupon>,
    fields: SubscriptionFields,
) -> Result<NewSubscription, Failure> {
    let customer = CustomerId::parse(&fields.customer_id).map_err(|_| Failure::not_found("customer"))?;
    let items = items_of(ledger, &call.tenant, &fields.plans).await?;
    let currency = items.first().map(|item| item.price.currency);
    let currency = currency.ok_or_else(|| Failure::invalid("plan_id", None, "At least one plan"))?;
    if let Some(Coupon { code, off: Off::Amount { currency: of_coupon, .. }, .. }) = coupon
        && *of_coupon != currency
    {
        return Err(Failure::invalid("discount_code", Some(code), &format!("A discount code in {currency}")));
    }
    let id = SubscriptionId::parse(&store::ids::prefixed("sub_"))
        .map_err(|error| Failure::Internal { reason: error.to_string() })?;
    let metadata = match &fields.metadata {
        Some(metadata) => {
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&Value::Object(metadata.clone()).to_string()))
        }
        None => None,
    };
    if fields.start_date.is_some_and(|start| call.now < start) {
        return Err(Failure::invalid(
            "start_date",
            None,
            "A date that is not in the future; a trial delays the first bill",
        ));
    }
    let settings = catalogue::settings(ledger, &call.tenant).await?;
    Ok(NewSubscription {
        items,
        trial_days: fields.trial_period_days,
        anchor: fields.billing_cycle_anchor,
        discounts: coupon.map(|coupon| coupon.discount(call.now)).into_iter().collect(),
        collection: fields.collection,
        payment_method: fields.payment_method_id,
        metadata,
        start: fields.start_date,
        anchor_rule: settings.policies.anchor,
        zone: Some(settings.timezone),
        days_until_due: fields.days_until_due,
        ..NewSubscription::of(id, customer, currency)
    })
}

/// Creates the subscription together with the redemption of its coupon. That its customer lives and pays with a method
/// of its own is decided in the same request.
async fn redeem(ledger: &Ledger, call: &Call, coupon: Option<&Coupon>, new: NewSubscription) -> Result<Done, Failure> {
    let id = new.id.clone();
    for _ in 0..MAX_TRIES {
        let claim = match coupon {
            Some(coupon) => next_redemption(ledger, &call.tenant, coupon, &format!("subscription/{id}")).await?,
            None => None,
        };
        let place = Place { claims: claim.into_iter().collect(), ..Place::of(new.customer.clone()) };
        match bill(ledger, call, &place, id.as_str(), |desk| billing::create(desk, &new)).await {
            // Another request took the number of this redemption.
            Err(Failure::Conflict { .. }) if !place.claims.is_empty() => {}
            outcome => return Ok(Done::of(id.as_str(), outcome?.1)),
        }
    }
    Err(Failure::Unavailable)
}

pub(in crate::operations) async fn coupon_of(ledger: &Ledger, call: &Call, code: &str) -> Result<Coupon, Failure> {
    let coupon = catalogue::coupon(ledger, &call.tenant, code).await?;
    let in_force = coupon.filter(|coupon| coupon.is_valid_at(call.now));
    in_force.ok_or_else(|| Failure::invalid("discount_code", Some(code), "A discount code that is in force"))
}
