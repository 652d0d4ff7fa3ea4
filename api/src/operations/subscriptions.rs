//! What is done with subscriptions.

use domain::catalogue;
use domain::command::Command;
use domain::customer::Customer;
use domain::id::{CustomerId, PaymentMethodId, PlanId, SubscriptionId};
use domain::price::{Discount, Item};
use domain::subscription::{CancelReason, NewSubscription, SubscriptionCommand};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::Ledger;

use super::{Call, Done, execute, request};
use crate::failure::Failure;

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
    let now = ledger.clock().now();
    let customer = CustomerId::parse(&fields.customer_id).map_err(|_| Failure::not_found("customer"))?;
    let known = ledger.load::<Customer>(&call.tenant, customer.as_str()).await?;
    if known.state.snapshot().is_none_or(|snapshot| snapshot.deleted) {
        return Err(Failure::not_found("customer"));
    }
    let item = item_of(call, &fields)?;
    let discounts = match &fields.discount_code {
        Some(code) => vec![discount_of(call, code, now)?],
        None => Vec::new(),
    };
    let id = SubscriptionId::parse(&store::ids::prefixed("sub_"))
        .map_err(|error| Failure::Internal { reason: error.to_string() })?;
    let metadata = match &fields.metadata {
        Some(metadata) => {
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&Value::Object(metadata.clone()).to_string()))
        }
        None => None,
    };
    let new = NewSubscription {
        id: id.clone(),
        customer,
        currency: item.price.currency,
        items: vec![item],
        trial_days: fields.trial_period_days,
        anchor: fields.billing_cycle_anchor,
        discounts,
        collection: domain::subscription::Collection::ChargeAutomatically,
        payment_method: fields.payment_method_id,
        awaits_first_payment: false,
        metadata,
    };
    let command = Command::Subscription(id.clone(), SubscriptionCommand::Create(Box::new(new)));
    let mut request = request(ledger, call, vec![command], id.as_str());
    request.expect_new = true;
    execute(ledger, id.as_str(), request).await
}

pub async fn cancel_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    when: CancelWhen,
    reason: Option<String>,
    feedback: Option<String>,
) -> Result<Done, Failure> {
    let subscription = parse(id)?;
    let feedback = match feedback {
        Some(text) => {
            let subject = subject_of(ledger, call, &subscription).await?;
            Some(ledger.keyring().sealer(&call.tenant, &subject).await?.seal(&text))
        }
        None => None,
    };
    let command = match when {
        CancelWhen::Now => SubscriptionCommand::CancelNow { cause: CancelReason::Requested, reason, feedback },
        CancelWhen::AtPeriodEnd => SubscriptionCommand::CancelAtPeriodEnd { reason, feedback },
    };
    run(ledger, call, subscription, command).await
}

pub async fn pause_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    resumes_at: Option<Timestamp>,
    reason: Option<String>,
    maintain_access: bool,
) -> Result<Done, Failure> {
    run(ledger, call, parse(id)?, SubscriptionCommand::Pause { resumes_at, reason, maintain_access }).await
}

pub async fn resume_subscription(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    run(ledger, call, parse(id)?, SubscriptionCommand::Resume).await
}

async fn run(ledger: &Ledger, call: &Call, id: SubscriptionId, command: SubscriptionCommand) -> Result<Done, Failure> {
    let command = Command::Subscription(id.clone(), command);
    execute(ledger, id.as_str(), request(ledger, call, vec![command], id.as_str())).await
}

fn parse(id: &str) -> Result<SubscriptionId, Failure> {
    SubscriptionId::parse(id).map_err(|_| Failure::not_found("subscription"))
}

/// Free text about a subscription is sealed with its customer's key.
async fn subject_of(ledger: &Ledger, call: &Call, id: &SubscriptionId) -> Result<String, Failure> {
    let loaded = ledger.load::<domain::subscription::Subscription>(&call.tenant, id.as_str()).await?;
    let snapshot = loaded.state.snapshot().ok_or_else(|| Failure::not_found("subscription"))?;
    Ok(format!("customer/{}", snapshot.customer))
}

fn item_of(call: &Call, fields: &SubscriptionFields) -> Result<Item, Failure> {
    let unknown = || Failure::invalid("plan_id", Some(&fields.plan_id), "A plan of the catalogue");
    let plan_id = PlanId::parse(&fields.plan_id).map_err(|_| unknown())?;
    let catalogue = catalogue::seed(call.tenant.as_str()).ok_or_else(unknown)?;
    let plan = catalogue.plan(&plan_id).ok_or_else(unknown)?;
    Ok(Item {
        id: None,
        plan: plan_id,
        name: Some(plan.name.clone()),
        price: plan.price.clone(),
        quantity: fields.quantity,
    })
}

fn discount_of(call: &Call, code: &str, now: Timestamp) -> Result<Discount, Failure> {
    let coupon = catalogue::seed(call.tenant.as_str())
        .and_then(|catalogue| catalogue.coupon(code))
        .filter(|coupon| coupon.is_valid_at(now))
        .ok_or_else(|| Failure::invalid("discount_code", Some(code), "A discount code that is in force"))?;
    Ok(coupon.discount(now))
}
