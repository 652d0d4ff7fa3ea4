//! How events change a customer's row: its own, and those of its subscriptions, invoices and payments.

use domain::customer::{Customer, CustomerChange, CustomerEvent, CustomerSnapshot};
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::money::Currency;
use domain::origin::Origin;
use domain::payment::{Payment, PaymentEvent};
use domain::subscription::{Status, Subscription, SubscriptionEvent};
use domain::time::to_micros;
use store::{Value, Values};

use super::row::{CustomerRow, LifecycleStage};
use super::touched::{active, customers};
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct CustomerFold;

impl Fold for CustomerFold {
    type Row = CustomerRow;

    const READS: &'static [&'static str] = &[Customer::TYPE, Subscription::TYPE, Invoice::TYPE, Payment::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        let tenant = seen.entry.tenant.as_str();
        keys.extend(customers(seen.event).into_iter().map(|customer| text_key(&[tenant, customer.as_str()])));
    }

    fn fold(
        &self,
        row: Option<CustomerRow>,
        key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<CustomerRow>, FoldError> {
        let Some(Value::Text(customer_id)) = key.get(1) else { return Ok(row) };
        let mut row = row.unwrap_or_else(|| blank(seen, customer_id));
        let at = to_micros(seen.event.effective_at());
        row.position = seen.entry.position;
        if let Some(event) = seen.event.customer() {
            take_customer(&mut row, event, seen.entry.position, at);
        }
        if let Some(event) = seen.event.subscription() {
            take_subscription(&mut row, event);
        }
        if let Some(event) = seen.event.payment() {
            take_payment(&mut row, event)?;
        }
        if active(seen.event).is_some_and(|customer| customer.as_str() == customer_id) {
            row.last_activity_at = if row.has_activity { row.last_activity_at.max(at) } else { at };
            row.has_activity = true;
        } else if !row.has_activity {
            row.last_activity_at = row.created_at;
        }
        Ok(Some(row))
    }
}

/// A customer of whom nothing is known yet but that another object names it.
fn blank(seen: &Seen<'_>, customer_id: &str) -> CustomerRow {
    let at = to_micros(seen.event.effective_at());
    CustomerRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        customer_id: customer_id.to_owned(),
        origin: Origin::default(),
        email: None,
        email_index: None,
        first_name: None,
        last_name: None,
        name: None,
        phone: None,
        company: None,
        address: None,
        country: None,
        currency: None,
        metadata: None,
        acquisition_source: None,
        created_at: at,
        created_position: None,
        last_activity_at: at,
        has_activity: false,
        default_payment_method: None,
        balance_minor: 0,
        delinquent: false,
        deleted: false,
        lifecycle_stage: LifecycleStage::Prospect,
        subscriptions: std::collections::BTreeMap::new(),
        lifetime_value: std::collections::BTreeMap::new(),
        lifetime_value_minor: 0,
        position: seen.entry.position,
    }
}

fn take_customer(row: &mut CustomerRow, event: &CustomerEvent, position: i64, at: i64) {
    // Several mentions of one customer are as good as the earliest.
    let mentioned = matches!(event.change, CustomerChange::CustomerMentioned {});
    if mentioned || row.created_position.is_none() {
        row.created_at = row.created_at.min(at);
    }
    row.created_position.get_or_insert(position);
    if let Some(after) = &event.after {
        take_snapshot(row, after);
    }
}

fn take_snapshot(row: &mut CustomerRow, after: &CustomerSnapshot) {
    let profile = &after.profile;
    row.origin = after.origin;
    row.email.clone_from(&profile.email);
    row.email_index = profile.email_index.as_ref().map(|index| index.as_str().to_owned());
    row.first_name.clone_from(&profile.first_name);
    row.last_name.clone_from(&profile.last_name);
    row.name.clone_from(&profile.name);
    row.phone.clone_from(&profile.phone);
    row.company.clone_from(&profile.company);
    row.address.clone_from(&profile.address);
    row.country.clone_from(&profile.country);
    row.currency = profile.currency.map(|currency| currency.code().to_owned());
    row.metadata.clone_from(&profile.metadata);
    row.acquisition_source.clone_from(&profile.acquisition_source);
    if let Some(created_at) = after.created_at {
        row.created_at = to_micros(created_at);
    }
    row.default_payment_method = after.default_payment_method.as_ref().map(|method| method.as_str().to_owned());
    row.balance_minor = after.balance_minor;
    row.delinquent = after.delinquent;
    row.deleted = after.deleted;
    row.lifetime_value_minor = value_in_own_currency(row);
}

fn take_subscription(row: &mut CustomerRow, event: &SubscriptionEvent) {
    if let Some(after) = &event.after {
        row.subscriptions.insert(event.subscription.as_str().to_owned(), after.standing.status());
        row.lifecycle_stage = row
            .subscriptions
            .values()
            .map(|status| stage_of(*status))
            .max_by_key(|stage| rank(*stage))
            .unwrap_or(LifecycleStage::Prospect);
    }
}

fn take_payment(row: &mut CustomerRow, event: &PaymentEvent) -> Result<(), FoldError> {
    for (currency, gained_minor) in gains(event, &row.customer_id) {
        let value = row.lifetime_value.entry(currency.code().to_owned()).or_insert(0);
        *value = value.checked_add(gained_minor).ok_or(FoldError::Overflow("a lifetime value"))?;
    }
    // A currency in which nothing is left is as if there had never been anything.
    row.lifetime_value.retain(|_, value| *value != 0);
    row.lifetime_value_minor = value_in_own_currency(row);
    Ok(())
}

/// What the customer gained or lost by the event, by currency.
fn gains(event: &PaymentEvent, customer_id: &str) -> Vec<(Currency, i64)> {
    if event.reattributed.is_empty() {
        let owned =
            event.after.iter().filter(|after| after.customer.as_ref().is_some_and(|id| id.as_str() == customer_id));
        let whole = owned.map(|after| (after.currency, event.collected_delta_minor));
        return whole.filter(|(_, gained_minor)| *gained_minor != 0).collect();
    }
    let own = event.reattributed.iter().filter(|credit| credit.customer.as_str() == customer_id);
    own.map(|credit| (credit.currency, credit.amount_minor)).collect()
}

fn value_in_own_currency(row: &CustomerRow) -> i64 {
    let value = match &row.currency {
        Some(currency) => row.lifetime_value.get(currency),
        None => row.lifetime_value.values().next(),
    };
    value.copied().unwrap_or(0)
}

fn stage_of(status: Status) -> LifecycleStage {
    match status {
        Status::Active => LifecycleStage::Active,
        Status::PastDue | Status::Unpaid => LifecycleStage::PastDue,
        Status::Trialing => LifecycleStage::Trial,
        Status::Paused => LifecycleStage::Paused,
        Status::Canceled => LifecycleStage::Churned,
        // Neither ever began, so nothing was lost when it expired.
        Status::Incomplete | Status::IncompleteExpired => LifecycleStage::Prospect,
    }
}

/// A customer with several subscriptions is what the best of them makes it.
fn rank(stage: LifecycleStage) -> u8 {
    match stage {
        LifecycleStage::Active => 5,
        LifecycleStage::PastDue => 4,
        LifecycleStage::Trial => 3,
        LifecycleStage::Paused => 2,
        LifecycleStage::Churned => 1,
        LifecycleStage::Prospect => 0,
    }
}
