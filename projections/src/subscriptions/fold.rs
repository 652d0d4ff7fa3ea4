//! How events change a subscription's row: every event that changed the subscription carries the whole of it.

use domain::event::LedgerEvent;
use domain::issued::Decider;
use domain::money::round_half_away;
use domain::price::IntervalUnit;
use domain::subscription::{Standing, Subscription, SubscriptionSnapshot};
use domain::time::to_micros;
use jiff::Timestamp;
use rust_decimal::Decimal;
use store::{Value, Values};

use super::row::SubscriptionRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct SubscriptionFold;

impl Fold for SubscriptionFold {
    type Row = SubscriptionRow;

    const READS: &'static [&'static str] = &[Subscription::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some((id, _)) = changed(seen.event) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), id]));
        }
    }

    fn fold(
        &self,
        row: Option<SubscriptionRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<SubscriptionRow>, FoldError> {
        let Some((id, after)) = changed(seen.event) else { return Ok(row) };
        let created_position = row.map_or(seen.entry.position, |row| row.created_position);
        row_of(seen, id, after, created_position).map(Some)
    }
}

fn changed(event: &LedgerEvent) -> Option<(&str, &SubscriptionSnapshot)> {
    let event = event.subscription()?;
    Some((event.subscription.as_str(), event.after.as_deref()?))
}

fn row_of(
    seen: &Seen<'_>,
    id: &str,
    after: &SubscriptionSnapshot,
    created_position: i64,
) -> Result<SubscriptionRow, FoldError> {
    let terms = &after.terms;
    let first = terms.items.first();
    let interval = terms.items.iter().find_map(|item| item.price.interval);
    Ok(SubscriptionRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        subscription_id: id.to_owned(),
        customer_id: after.customer.as_str().to_owned(),
        origin: after.origin,
        status: after.standing.status(),
        plan_id: first.map(|item| item.plan.as_str().to_owned()),
        plan_name: first.and_then(|item| item.name.clone()),
        quantity: first.map_or(0, |item| i64::try_from(item.quantity).unwrap_or(i64::MAX)),
        amount_minor: amount_of_a_period(after).ok_or(FoldError::Overflow("the amount of a period"))?,
        currency: terms.currency.code().to_owned(),
        interval_unit: interval.map(|interval| unit_word(interval.unit).to_owned()),
        interval_count: interval.map(|interval| i64::from(interval.count)),
        period_start_at: terms.period.map(|period| to_micros(period.start)),
        period_end_at: terms.period.map(|period| to_micros(period.end)),
        trial_start_at: terms.trial.map(|trial| to_micros(trial.start)),
        trial_end_at: terms.trial.map(|trial| to_micros(trial.end)),
        anchor_at: to_micros(terms.anchor),
        cancel_at: terms.cancel_at.map(to_micros),
        cancel_at_period_end: terms.cancel_at_period_end,
        canceled_at: terms.canceled_at.map(to_micros),
        ended_at: ended_at(&after.standing).map(to_micros),
        paused_until_at: paused_until(after).map(to_micros),
        payment_method_id: terms.payment_method.as_ref().map(|method| method.as_str().to_owned()),
        latest_invoice_id: terms.latest_invoice.as_ref().map(|invoice| invoice.as_str().to_owned()),
        created_at: to_micros(terms.created_at),
        created_position,
        snapshot: Box::new(after.clone()),
        position: seen.entry.position,
    })
}

/// One period's charge of all recurring items, rounded once. `None` when the figures overflow.
fn amount_of_a_period(after: &SubscriptionSnapshot) -> Option<i64> {
    let recurring = after.terms.items.iter().filter(|item| item.price.interval.is_some());
    let mut total = Decimal::ZERO;
    for item in recurring {
        total = total.checked_add(item.price.charge(item.quantity)?)?;
    }
    round_half_away(total)
}

fn ended_at(standing: &Standing) -> Option<Timestamp> {
    match standing {
        Standing::Canceled { at, .. } | Standing::IncompleteExpired { at } => Some(*at),
        Standing::Incomplete {}
        | Standing::Trialing { .. }
        | Standing::Active {}
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. } => None,
    }
}

/// When an explicit pause ends by itself, or, where only collection is paused, when that does.
fn paused_until(after: &SubscriptionSnapshot) -> Option<Timestamp> {
    match &after.standing {
        Standing::Paused { resumes_at, .. } => *resumes_at,
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::Trialing { .. }
        | Standing::Active {}
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. }
        | Standing::Canceled { .. } => after.terms.pause_collection.as_ref().and_then(|pause| pause.resumes_at),
    }
}

fn unit_word(unit: IntervalUnit) -> &'static str {
    match unit {
        IntervalUnit::Day => "day",
        IntervalUnit::Week => "week",
        IntervalUnit::Month => "month",
        IntervalUnit::Year => "year",
    }
}
