//! What is offered to whoever cancels, and what taking it means: the cancellation is taken back, and something comes off or
//! the subscription rests. An offer stands for a while after the cancellation was asked for.

use domain::billing;
use domain::price::{Discount, Duration, Interval, Off};
use domain::proration::ProrationBehavior;
use domain::subscription::{SubscriptionCommand, SubscriptionSnapshot, Terms};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use store::Ledger;

use super::{parse, place_of};
use crate::billing::bill;
use crate::failure::Failure;
use crate::operations::repeats::once;
use crate::operations::{Call, Done};

/// The coaching document's own figures.
pub const DISCOUNT_PERCENT: u8 = 25;
pub const DISCOUNT_MONTHS: u32 = 3;
pub const MAX_PAUSE_MONTHS: u32 = 2;

/// How long a retention offer stands.
const OFFER_LIFE: SignedDuration = SignedDuration::from_hours(48);

/// What is taken of the offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    Discount,
    /// `None` is as long as is offered.
    Pause {
        until: Option<Timestamp>,
    },
}

/// Until when the offers to a subscription stand; `None` where nobody asked to cancel it.
pub fn offers_until(snapshot: &SubscriptionSnapshot) -> Option<Timestamp> {
    let scheduled = snapshot.terms.cancel_at.and(snapshot.terms.canceled_at)?;
    Some(scheduled.saturating_add(OFFER_LIFE).unwrap_or(Timestamp::MAX))
}

pub async fn accept_retention_offer(ledger: &Ledger, call: &Call, id: &str, offer: Offer) -> Result<Done, Failure> {
    once(ledger, call, async {
        let id = parse(id)?;
        let (snapshot, place) = place_of(ledger, call, &id).await?;
        if offers_until(&snapshot).is_none_or(|until| until < call.now) {
            return Err(Failure::Illegal { reason: "no retention offer stands for the subscription".to_owned() });
        }
        let resumes_at = match offer {
            Offer::Discount => None,
            Offer::Pause { until } => Some(pause_until(call.now, until)?),
        };
        let discount = Discount {
            coupon: format!("RETENTION{DISCOUNT_PERCENT}"),
            off: Off::Percent(Decimal::from(DISCOUNT_PERCENT)),
            duration: Duration::Repeating { months: DISCOUNT_MONTHS },
            start: call.now,
            end: end_of_discount(&snapshot.terms, call.now),
        };
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), |desk| {
            desk.on_subscription(&id, SubscriptionCommand::WithdrawCancellation)?;
            match resumes_at {
                None => desk.on_subscription(&id, SubscriptionCommand::ApplyDiscount { discount: discount.clone() }),
                Some(at) => billing::pause(desk, &id, Some(at), None, false, ProrationBehavior::None),
            }
        })
        .await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}

/// Of a monthly subscription the next invoices are discounted, one for each month that was offered, wherever in its period
/// the offer was taken; of others those within so many months.
fn end_of_discount(terms: &Terms, now: Timestamp) -> Option<Timestamp> {
    let (Some(period), Some(Interval::MONTHLY)) = (terms.period, terms.interval()) else {
        return months_later(now, DISCOUNT_MONTHS);
    };
    let anchor = terms.anchor_of_periods();
    // A trial that ends within the period has an invoice of its own.
    let in_trial = terms.trial.is_some_and(|trial| now < trial.end && trial.end < period.end);
    let renewals = DISCOUNT_MONTHS - u32::from(in_trial);
    (0..renewals)
        .try_fold(period.end, |start, _| anchor.period_containing(Interval::MONTHLY, start).map(|period| period.end))
}

fn pause_until(now: Timestamp, asked: Option<Timestamp>) -> Result<Timestamp, Failure> {
    let most = months_later(now, MAX_PAUSE_MONTHS).unwrap_or(Timestamp::MAX);
    match asked {
        Some(until) if until > most => {
            let expected = format!("A date within {MAX_PAUSE_MONTHS} months");
            Err(Failure::invalid("pause_until", Some(&until.to_string()), &expected))
        }
        asked => Ok(asked.unwrap_or(most)),
    }
}

/// Months are counted in UTC, as those of coupons are.
fn months_later(at: Timestamp, months: u32) -> Option<Timestamp> {
    let local = TimeZone::UTC.to_datetime(at);
    let later = local.checked_add(i64::from(months).months()).ok()?;
    TimeZone::UTC.to_timestamp(later).ok()
}
