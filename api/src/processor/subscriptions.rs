//! What Stripe is asked about subscriptions, and where it is seen whether that was done. Prices are found by the lookup keys
//! that `daybook stripe setup` gave them; a coupon that is not there is made.

use std::collections::BTreeMap;

use domain::catalogue::Coupon;
use domain::id::{CustomerId, PaymentMethodId, SubscriptionId};
use domain::policy::stripe::own;
use domain::price::{Duration, Off};
use domain::processor_call::{AskedItem, AskedSubscription};
use domain::proration::ProrationBehavior;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::ask::{mark, word};
use super::due::Due;
use super::plain::Plain;
use crate::stripe::client::{
    IdempotencyKey, Invalid, List, NewCoupon, NewDiscount, NewSubscription, PauseCollection, StripeClient, StripeError,
    StripeErrorKind, SubscriptionChange, SubscriptionItemFields, Trace,
};

/// Since 2025 a subscription names its discounts only, and a discount its coupon.
const WHOLE: [&str; 1] = ["discounts.source.coupon"];
/// Letters of a coupon's name, by Stripe's limit.
const MAX_NAME_CHARS: usize = 40;
/// Our own words for a price that Stripe does not have.
pub(crate) const PRICE_MISSING: &str = "price_missing";
/// What Stripe calls the coupon of a new subscription, and we too where it cannot be made.
pub(crate) const COUPON_PARAM: &str = "coupon";

#[derive(Serialize)]
struct OfCustomer<'a> {
    customer: &'a str,
    status: &'static str,
    limit: u8,
    starting_after: Option<String>,
    expand: [&'static str; 1],
}

#[derive(Serialize)]
struct Show {
    expand: [&'static str; 1],
}

#[derive(Serialize)]
struct End {
    invoice_now: bool,
    prorate: bool,
    expand: [&'static str; 1],
}

#[derive(Serialize)]
struct Resume {
    proration_behavior: &'static str,
    expand: [&'static str; 1],
}

pub(super) async fn create(
    client: &StripeClient,
    due: &Due,
    plain: &Plain,
    new: &AskedSubscription,
) -> Result<Value, StripeError> {
    let items = items(client, &new.items).await?;
    let discounts = match &new.coupon {
        Some(coupon) => Some(vec![NewDiscount { coupon: ensure_coupon(client, due, coupon).await? }]),
        None => None,
    };
    let mut metadata = plain.metadata.clone();
    metadata.extend(mark(due));
    let fields = NewSubscription {
        customer: new.customer.to_string(),
        items,
        default_payment_method: new.method.as_ref().map(ToString::to_string),
        collection_method: new.send_invoice.then(|| "send_invoice".to_owned()),
        days_until_due: new.days_until_due.map(u32::from),
        billing_cycle_anchor: new.anchor,
        backdate_start_date: new.start,
        trial_period_days: new.trial_days,
        discounts,
        metadata,
        expand: Some(whole()),
        ..NewSubscription::default()
    };
    client.post(&["subscriptions"], &due.key(), &fields).await.map_err(|error| named(error, "default_payment_method"))
}

/// What a call changes of a running subscription.
pub(super) struct Wanted<'a> {
    pub items: &'a [AskedItem],
    pub behavior: ProrationBehavior,
    pub proration_date: Option<Timestamp>,
    pub method: Option<&'a PaymentMethodId>,
}

pub(super) async fn change(
    client: &StripeClient,
    due: &Due,
    id: &SubscriptionId,
    to: Wanted<'_>,
) -> Result<Value, StripeError> {
    let items = if to.items.is_empty() { None } else { Some(items(client, to.items).await?) };
    let change = SubscriptionChange {
        proration_behavior: items.is_some().then(|| word_of(to.behavior).to_owned()),
        proration_date: to.proration_date.filter(|_| items.is_some()),
        items,
        default_payment_method: to.method.map(ToString::to_string),
        ..SubscriptionChange::default()
    };
    apply(client, due, id, change).await
}

pub(super) async fn end_with_period(
    client: &StripeClient,
    due: &Due,
    id: &SubscriptionId,
    ends: bool,
) -> Result<Value, StripeError> {
    let change = SubscriptionChange { cancel_at_period_end: Some(ends), ..SubscriptionChange::default() };
    apply(client, due, id, change).await
}

pub(super) async fn pause(
    client: &StripeClient,
    due: &Due,
    id: &SubscriptionId,
    resumes_at: Option<Timestamp>,
) -> Result<Value, StripeError> {
    let pause_collection = Some(PauseCollection::Start { behavior: "void".to_owned(), resumes_at });
    apply(client, due, id, SubscriptionChange { pause_collection, ..SubscriptionChange::default() }).await
}

pub(super) async fn unpause(client: &StripeClient, due: &Due, id: &SubscriptionId) -> Result<Value, StripeError> {
    let pause_collection = Some(PauseCollection::Stop);
    apply(client, due, id, SubscriptionChange { pause_collection, ..SubscriptionChange::default() }).await
}

pub(super) async fn resume(
    client: &StripeClient,
    due: &Due,
    id: &SubscriptionId,
    behavior: ProrationBehavior,
) -> Result<Value, StripeError> {
    let fields = Resume { proration_behavior: word_of(behavior), expand: WHOLE };
    client.post(&["subscriptions", id.as_str(), "resume"], &due.key(), &fields).await
}

/// Canceling takes no key: one that is canceled already, such as by a try whose answer was lost, is a success.
pub(super) async fn cancel(client: &StripeClient, id: &SubscriptionId, prorate: bool) -> Result<Value, StripeError> {
    match client.delete(&["subscriptions", id.as_str()], &End { invoice_now: prorate, prorate, expand: WHOLE }).await {
        Err(error) if error.is_missing() => {
            let found = find(client, id).await.ok();
            found.filter(|found| word(found, "status") == "canceled").ok_or(error)
        }
        outcome => outcome,
    }
}

/// The subscription that the call made, among all of its customer's.
pub(super) async fn look_for_created(
    client: &StripeClient,
    due: &Due,
    customer: &CustomerId,
) -> Result<Option<Value>, StripeError> {
    let mut starting_after = None;
    loop {
        let expand = ["data.discounts.source.coupon"];
        let query = OfCustomer { customer: customer.as_str(), status: "all", limit: 100, starting_after, expand };
        let page: List<Value> = client.get(&["subscriptions"], &query).await?;
        let last = page.data.last().map(|subscription| word(subscription, "id").to_owned());
        if let Some(found) = page.data.into_iter().find(|subscription| due.has_marked(subscription)) {
            return Ok(Some(found));
        }
        match last.filter(|_| page.has_more) {
            Some(last) => starting_after = Some(last),
            None => return Ok(None),
        }
    }
}

pub(super) async fn find(client: &StripeClient, id: &SubscriptionId) -> Result<Value, StripeError> {
    client.get(&["subscriptions", id.as_str()], &Show { expand: WHOLE }).await
}

async fn apply(
    client: &StripeClient,
    due: &Due,
    id: &SubscriptionId,
    change: SubscriptionChange,
) -> Result<Value, StripeError> {
    let change = SubscriptionChange { metadata: mark(due), expand: Some(whole()), ..change };
    client.post(&["subscriptions", id.as_str()], &due.key(), &change).await
}

/// The items with their prices' ids.
async fn items(client: &StripeClient, asked: &[AskedItem]) -> Result<Vec<SubscriptionItemFields>, StripeError> {
    let keys: Vec<String> = asked.iter().filter_map(|item| item.lookup_key.clone()).collect();
    let found = client.prices_by_lookup_key(&keys).await?;
    let ids: BTreeMap<&str, &str> =
        found.iter().filter_map(|price| Some((price.lookup_key.as_deref()?, price.id.as_str()))).collect();
    let item = |item: &AskedItem| {
        let price = item.lookup_key.as_deref().map(|key| ids.get(key).ok_or_else(|| missing(key))).transpose()?;
        Ok(SubscriptionItemFields {
            id: item.id.clone(),
            price: price.map(|id| (*id).to_owned()),
            quantity: item.quantity,
            deleted: item.removed.then_some(true),
        })
    };
    asked.iter().map(item).collect()
}

/// Nothing was asked: a price that is not there cannot be sold.
fn missing(lookup_key: &str) -> StripeError {
    let message = Some(format!("there is no price {lookup_key}; `daybook stripe setup` makes it"));
    let (code, param) = (Some(PRICE_MISSING.to_owned()), Some("items".to_owned()));
    let kind = Box::new(StripeErrorKind::Invalid(Invalid { status: 400, code, param, message }));
    StripeError { kind, trace: Box::new(Trace::default()) }
}

async fn ensure_coupon(client: &StripeClient, due: &Due, coupon: &Coupon) -> Result<String, StripeError> {
    let new = new_coupon(due, coupon);
    let key = IdempotencyKey::of(&["coupon", due.tenant.as_str(), &new.id]);
    client.ensure_coupon(&key, &new).await.map_err(|mut error| {
        if let StripeErrorKind::Invalid(invalid) = &mut *error.kind {
            invalid.param = Some(COUPON_PARAM.to_owned());
        }
        error
    })
}

/// An error with its field, where Stripe says only that something is missing: a customer without any card.
fn named(mut error: StripeError, param: &str) -> StripeError {
    if let StripeErrorKind::Invalid(invalid) = &mut *error.kind
        && invalid.param.is_none()
        && invalid.code.as_deref() == Some("resource_missing")
    {
        invalid.param = Some(param.to_owned());
    }
    error
}

/// Coupons at Stripe never change, so what a code stands for is part of the id.
fn new_coupon(due: &Due, coupon: &Coupon) -> NewCoupon {
    let terms = format!("{:?} {:?}", coupon.off, coupon.duration);
    let hash = hex::encode(Sha256::digest(terms.as_bytes()));
    let (percent_off, amount_off_minor, currency) = match &coupon.off {
        Off::Percent(percent) => (Some(percent.normalize()), None, None),
        Off::Amount { minor, currency } => (None, Some(*minor), Some(*currency)),
    };
    let (duration, duration_in_months) = match coupon.duration {
        Duration::Once => ("once", None),
        Duration::Forever => ("forever", None),
        Duration::Repeating { months } => ("repeating", Some(months)),
    };
    let names = [(own::TENANT, due.tenant.as_str()), (own::COUPON, coupon.code.as_str())];
    NewCoupon {
        id: format!("{}_{}_{}", due.tenant, coupon.code, hash.get(..8).unwrap_or_default()),
        name: coupon.name.chars().take(MAX_NAME_CHARS).collect(),
        percent_off,
        amount_off_minor,
        currency,
        duration,
        duration_in_months,
        metadata: names.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

fn word_of(behavior: ProrationBehavior) -> &'static str {
    match behavior {
        ProrationBehavior::CreateProrations => "create_prorations",
        ProrationBehavior::AlwaysInvoice => "always_invoice",
        ProrationBehavior::None => "none",
    }
}

fn whole() -> Vec<String> {
    WHOLE.map(str::to_owned).into()
}
