//! A ledger with plausible history in it, written through the funnel like any other: customers with cards, their
//! subscriptions, and invoices that are drafted, finalized and paid.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use domain::catalogue;
use domain::command::Command;
use domain::customer::CustomerCommand;
use domain::id::{CustomerId, InvoiceId, SubscriptionId, TenantId};
use domain::invoice::{InvoiceCommand, InvoiceSnapshot, Line};
use domain::money::round_half_away;
use domain::price::Item;
use domain::subscription::{NewSubscription, SubscriptionCommand};
use jiff::{SignedDuration, Timestamp};
use store::Ledger;
use tokio::task::JoinSet;

use crate::Fault;
use crate::customers;

/// Enough to fill the group commit.
const CALLERS: usize = 64;
/// Invoices of each subscription.
const INVOICES: usize = 2;

/// What was written.
#[derive(Debug)]
pub struct Filled {
    /// Ids of the subscriptions, in no particular order.
    pub subscriptions: Vec<String>,
    /// The number of the next customer, for a later fill.
    pub next: usize,
}

/// Writes whole customers' histories, numbered from here on, until the ledger has so many events more.
pub async fn fill(ledger: &Ledger, from: usize, events: u64) -> Result<Filled, Fault> {
    let tenant = customers::tenant()?;
    let plans = catalogue::seed(tenant.as_str()).ok_or("the tenant has no catalogue")?;
    let items: Vec<Item> =
        plans.plans.iter().filter(|plan| plan.price.interval.is_some()).map(|plan| plan.item(1)).collect();
    let shared = Arc::new((ledger.clone(), tenant, items));
    let (next, written) = (Arc::new(AtomicUsize::new(from)), Arc::new(AtomicU64::new(0)));
    let mut running = JoinSet::new();
    for _ in 0..CALLERS {
        let (shared, next, written) = (Arc::clone(&shared), Arc::clone(&next), Arc::clone(&written));
        running.spawn(async move {
            let (ledger, tenant, items) = &*shared;
            let mut subscriptions = Vec::new();
            while written.load(Ordering::Relaxed) < events {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let item = items.get(number % items.len().max(1)).ok_or("the catalogue has no plan")?;
                let (subscription, wrote) = one_customer(ledger, tenant, item, number).await?;
                written.fetch_add(wrote, Ordering::Relaxed);
                subscriptions.push(subscription.as_str().to_owned());
            }
            Ok::<Vec<String>, Fault>(subscriptions)
        });
    }
    let mut subscriptions = Vec::new();
    while let Some(done) = running.join_next().await {
        subscriptions.extend(done??);
    }
    Ok(Filled { subscriptions, next: next.load(Ordering::Relaxed) })
}

/// The history of one customer; gives the subscription and how many events it took.
async fn one_customer(
    ledger: &Ledger,
    tenant: &TenantId,
    item: &Item,
    number: usize,
) -> Result<(SubscriptionId, u64), Fault> {
    let customer = customers::customer_id(number)?;
    let subscription = SubscriptionId::parse(&format!("sub_bench{number:08}"))?;
    let sealer = customers::sealer(ledger, tenant, &customer).await?;
    let profile = customers::profile(&sealer, number);
    let moved = customers::with_phone(profile.clone(), &sealer, &format!("+1 555 {number:08}"));
    let created = CustomerCommand::Create {
        id: customer.clone(),
        profile: Box::new(profile),
        method: Some(customers::card(&sealer, number)?),
    };
    let began = began(number)?;
    let mut steps = vec![
        vec![Command::Customer(customer.clone(), created)],
        vec![Command::Subscription(subscription.clone(), subscribe(&subscription, &customer, item))],
        vec![Command::Customer(customer.clone(), customers::update(moved))],
    ];
    for month in 0..INVOICES {
        steps.push(invoice(&subscription, &customer, item, began, number * INVOICES + month)?);
    }
    let mut events = 0;
    for (step, commands) in (0_i64..).zip(steps) {
        let now = began.checked_add(SignedDuration::from_hours(step * 24 * 31))?;
        let receipt = ledger.execute(customers::request(tenant, now, commands, step != 2)).await?;
        events += u64::try_from(receipt.events.len())?;
    }
    Ok((subscription, events))
}

/// When the customer came: they are spread over a year.
fn began(number: usize) -> Result<Timestamp, Fault> {
    let start: Timestamp = "2024-01-01T00:00:00Z".parse()?;
    let minutes = i64::try_from(number * 37 % (365 * 24 * 60))?;
    Ok(start.checked_add(SignedDuration::from_mins(minutes))?)
}

fn subscribe(id: &SubscriptionId, customer: &CustomerId, item: &Item) -> SubscriptionCommand {
    SubscriptionCommand::Create(Box::new(NewSubscription {
        items: vec![item.clone()],
        ..NewSubscription::of(id.clone(), customer.clone(), item.price.currency)
    }))
}

/// Drafted, finalized and paid in one append.
fn invoice(
    subscription: &SubscriptionId,
    customer: &CustomerId,
    item: &Item,
    at: Timestamp,
    number: usize,
) -> Result<Vec<Command>, Fault> {
    let id = InvoiceId::parse(&format!("in_bench{number:08}"))?;
    let snapshot = Box::new(draft(subscription, customer, item, at));
    Ok(vec![
        Command::Invoice(id.clone(), InvoiceCommand::Draft { id: id.clone(), snapshot }),
        Command::Invoice(id.clone(), InvoiceCommand::Finalize { year: None }),
        Command::Invoice(id, InvoiceCommand::RecordPayment { payment: None, out_of_band: false, amount_minor: None }),
    ])
}

fn draft(subscription: &SubscriptionId, customer: &CustomerId, item: &Item, at: Timestamp) -> InvoiceSnapshot {
    let amount_minor = item.price.charge(1).and_then(round_half_away).unwrap_or_default();
    let line = Line {
        description: item.name.clone().unwrap_or_default(),
        plan: Some(item.plan.clone()),
        interval: item.price.interval,
        ..Line::of(amount_minor)
    };
    InvoiceSnapshot {
        customer: Some(customer.clone()),
        subscription: Some(subscription.clone()),
        lines: vec![line],
        subtotal_minor: amount_minor,
        total_minor: amount_minor,
        amount_due_minor: amount_minor,
        amount_remaining_minor: amount_minor,
        billing_reason: Some("subscription_cycle".to_owned()),
        ..InvoiceSnapshot::draft(item.price.currency, at)
    }
}
