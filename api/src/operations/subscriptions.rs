//! What is done with subscriptions.

use domain::catalogue::{self, Catalogue, Coupon};
use domain::command::Command;
use domain::customer::CustomerCommand;
use domain::id::{CustomerId, PaymentMethodId, PlanId, SubscriptionId};
use domain::price::Item;
use domain::refusal::Refusal;
use domain::sealed::Sealed;
use domain::subscription::{CancelReason, NewSubscription, SubscriptionCommand};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{ExecuteError, Ledger};

use super::coupons::next_redemption;
use super::repeats::once;
use super::{Call, Done, execute, request};
use crate::failure::Failure;

/// Tries of a redemption whose number another request took first. Of those that meet, one is served each time.
const MAX_TRIES: u32 = 256;

/// What a caller asks a new subscription to be.
#[derive(Debug, Clone)]
pub struct SubscriptionFields {
    pub customer_id: String,
    pub plan_id: String,
    pub quantity: u64,
    pub payment_method_id: Option<PaymentMethodId>,
    pub trial_period_days: Option<u16>,
    pub billing_cycle_anchor: Option<Timestamp>,
    pub discount_code: Option<String>,
    pub metadata: Option<Map<String, Value>>,
}

/// How a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelWhen {
    Now,
    AtPeriodEnd,
}

/// Creates a subscription to a plan of the tenant's catalogue.
pub async fn create_subscription(ledger: &Ledger, call: &Call, fields: SubscriptionFields) -> Result<Done, Failure> {
    let catalogue = catalogue::seed(call.tenant.as_str()).ok_or_else(|| unknown_plan(&fields.plan_id))?;
    create_subscription_from(ledger, call, catalogue, fields).await
}

/// Creates a subscription to a plan of a given catalogue.
pub async fn create_subscription_from(
    ledger: &Ledger,
    call: &Call,
    catalogue: &Catalogue,
    fields: SubscriptionFields,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let coupon = match &fields.discount_code {
            Some(code) => Some(coupon_of(catalogue, code, ledger.clock().now())?),
            None => None,
        };
        let new = new_subscription(ledger, call, catalogue, coupon, fields).await?;
        redeem(ledger, call, coupon, new).await
    })
    .await
}

async fn new_subscription(
    ledger: &Ledger,
    call: &Call,
    catalogue: &Catalogue,
    coupon: Option<&Coupon>,
    fields: SubscriptionFields,
) -> Result<NewSubscription, Failure> {
    let now = ledger.clock().now();
    let customer = CustomerId::parse(&fields.customer_id).map_err(|_| Failure::not_found("customer"))?;
    let item = item_of(catalogue, &fields)?;
    let id = SubscriptionId::parse(&store::ids::prefixed("sub_"))
        .map_err(|error| Failure::Internal { reason: error.to_string() })?;
    let metadata = match &fields.metadata {
        Some(metadata) => {
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&Value::Object(metadata.clone()).to_string()))
        }
        None => None,
    };
    Ok(NewSubscription {
        id,
        customer,
        currency: item.price.currency,
        items: vec![item],
        trial_days: fields.trial_period_days,
        anchor: fields.billing_cycle_anchor,
        discounts: coupon.map(|coupon| coupon.discount(now)).into_iter().collect(),
        collection: domain::subscription::Collection::ChargeAutomatically,
        payment_method: fields.payment_method_id,
        awaits_first_payment: false,
        metadata,
    })
}

/// Creates the subscription together with the redemption of its coupon. That its customer lives and pays with a method
/// of its own is decided in the same request.
async fn redeem(ledger: &Ledger, call: &Call, coupon: Option<&Coupon>, new: NewSubscription) -> Result<Done, Failure> {
    let (id, payer) = (new.id.clone(), new.customer.clone());
    let commands = vec![
        Command::Customer(payer, CustomerCommand::ConfirmPayer { method: new.payment_method.clone() }),
        Command::Subscription(id.clone(), SubscriptionCommand::Create(Box::new(new))),
    ];
    for _ in 0..MAX_TRIES {
        let claim = match coupon {
            Some(coupon) => next_redemption(ledger, &call.tenant, coupon, &id).await?,
            None => None,
        };
        let mut request = request(ledger, call, commands.clone(), id.as_str());
        request.claims = claim.into_iter().collect();
        match ledger.execute(request).await {
            Err(ExecuteError::Refused(Refusal::Taken { .. })) => {}
            outcome => return Ok(Done::of(id.as_str(), outcome?)),
        }
    }
    Err(Failure::Unavailable)
}

pub async fn cancel_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    when: CancelWhen,
    reason: Option<String>,
    feedback: Option<String>,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let subscription = parse(id)?;
        let [reason, feedback] = seal_words(ledger, call, &subscription, [reason, feedback]).await?;
        let command = match when {
            CancelWhen::Now => SubscriptionCommand::CancelNow { cause: CancelReason::Requested, reason, feedback },
            CancelWhen::AtPeriodEnd => SubscriptionCommand::CancelAtPeriodEnd { reason, feedback },
        };
        run(ledger, call, subscription, command).await
    })
    .await
}

pub async fn pause_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    resumes_at: Option<Timestamp>,
    reason: Option<String>,
    maintain_access: bool,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let subscription = parse(id)?;
        let [reason] = seal_words(ledger, call, &subscription, [reason]).await?;
        run(ledger, call, subscription, SubscriptionCommand::Pause { resumes_at, reason, maintain_access }).await
    })
    .await
}

pub async fn resume_subscription(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    once(ledger, call, async { run(ledger, call, parse(id)?, SubscriptionCommand::Resume).await }).await
}

async fn run(ledger: &Ledger, call: &Call, id: SubscriptionId, command: SubscriptionCommand) -> Result<Done, Failure> {
    let command = Command::Subscription(id.clone(), command);
    execute(ledger, id.as_str(), request(ledger, call, vec![command], id.as_str())).await
}

fn parse(id: &str) -> Result<SubscriptionId, Failure> {
    SubscriptionId::parse(id).map_err(|_| Failure::not_found("subscription"))
}

/// What people write about a subscription is sealed with its customer's key.
async fn seal_words<const N: usize>(
    ledger: &Ledger,
    call: &Call,
    id: &SubscriptionId,
    words: [Option<String>; N],
) -> Result<[Option<Sealed>; N], Failure> {
    if words.iter().all(Option::is_none) {
        return Ok(words.map(|_| None));
    }
    let loaded = ledger.load::<domain::subscription::Subscription>(&call.tenant, id.as_str()).await?;
    let snapshot = loaded.state.snapshot().ok_or_else(|| Failure::not_found("subscription"))?;
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{}", snapshot.customer)).await?;
    Ok(words.map(|text| text.map(|text| sealer.seal(&text))))
}

fn item_of(catalogue: &Catalogue, fields: &SubscriptionFields) -> Result<Item, Failure> {
    let unknown = || unknown_plan(&fields.plan_id);
    let plan_id = PlanId::parse(&fields.plan_id).map_err(|_| unknown())?;
    let plan = catalogue.plan(&plan_id).ok_or_else(unknown)?;
    Ok(Item {
        id: None,
        plan: plan_id,
        name: Some(plan.name.clone()),
        price: plan.price.clone(),
        quantity: fields.quantity,
    })
}

fn unknown_plan(plan_id: &str) -> Failure {
    Failure::invalid("plan_id", Some(plan_id), "A plan of the catalogue")
}

fn coupon_of<'a>(catalogue: &'a Catalogue, code: &str, now: Timestamp) -> Result<&'a Coupon, Failure> {
    let coupon = catalogue.coupon(code).filter(|coupon| coupon.is_valid_at(now));
    coupon.ok_or_else(|| Failure::invalid("discount_code", Some(code), "A discount code that is in force"))
}
