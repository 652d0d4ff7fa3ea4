//! What one subscription is worth a month at one instant (revenue.md §1.1). Everything is an exact fraction until the
//! one rounding at the end; tax, usage, one-time items, prorations and refunds never enter.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::{MrrPolicy, OnceDiscounts, PastDuePolicy, PausePolicy};
use crate::id::PlanId;
use crate::money::{Currency, allocate, round_ratio};
use crate::price::{Discount, Duration, Interval, IntervalUnit, Item, Off, Usage};
use crate::subscription::{Status, SubscriptionSnapshot};

/// The figures of a subscription under a policy, in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionMrr {
    pub currency: Currency,
    pub mrr_minor: i64,
    /// What MRR would be without its discounts.
    pub gross_of_discount_minor: i64,
    /// What a trialing subscription would be worth; never part of MRR.
    pub trial_minor: i64,
    /// The split by plan, ascending by plan; sums to `mrr_minor` and `trial_minor` exactly (revenue.md G2).
    pub by_plan: Vec<PlanShare>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanShare {
    pub plan: PlanId,
    pub mrr_minor: i64,
    pub trial_minor: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MrrError {
    #[error("the subscription's prices and quantities are beyond what can be calculated with")]
    TooLarge,
}

/// How a standing's monthly value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Mrr,
    Trial,
    Nothing,
}

/// The months of one charge, as the fraction by which a charge is multiplied: a year is 1/12, a week 52/12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Factor {
    numerator: i64,
    denominator: i64,
}

/// The figures of a subscription at an instant; the instant decides which discounts are in force.
pub fn subscription_mrr(
    snapshot: &SubscriptionSnapshot,
    at: Timestamp,
    policy: MrrPolicy,
) -> Result<SubscriptionMrr, MrrError> {
    let currency = snapshot.terms.currency;
    let mut items: Vec<(&Item, Factor)> =
        snapshot.terms.items.iter().filter_map(|item| recurring(item, currency)).collect();
    items.sort_by(|(a, _), (b, _)| (&a.id, &a.plan).cmp(&(&b.id, &b.plan)));
    let value = monthly_value(snapshot, &items, at, policy).ok_or(MrrError::TooLarge)?;
    let (mrr_minor, gross_minor, trial_minor) = match shown(snapshot.standing.status(), policy) {
        Shown::Mrr => (value.net_minor, value.gross_minor, 0),
        Shown::Trial => (0, 0, value.net_minor),
        Shown::Nothing => (0, 0, 0),
    };
    let mrr_parts = allocate(mrr_minor, &value.weights);
    let trial_parts = allocate(trial_minor, &value.weights);
    let mut shares: BTreeMap<&PlanId, (i64, i64)> = BTreeMap::new();
    for (((item, _), mrr), trial) in items.iter().zip(mrr_parts).zip(trial_parts) {
        let share = shares.entry(&item.plan).or_default();
        share.0 = share.0.saturating_add(mrr);
        share.1 = share.1.saturating_add(trial);
    }
    let by_plan = shares
        .into_iter()
        .map(|(plan, (mrr_minor, trial_minor))| PlanShare { plan: plan.clone(), mrr_minor, trial_minor })
        .collect();
    Ok(SubscriptionMrr { currency, mrr_minor, gross_of_discount_minor: gross_minor, trial_minor, by_plan })
}

/// The instants after `after` at which a discount that counts begins or ends, ascending.
pub(super) fn discount_boundaries(
    snapshot: &SubscriptionSnapshot,
    after: Timestamp,
    policy: MrrPolicy,
) -> Vec<Timestamp> {
    let counted = snapshot.terms.discounts.iter().filter(|discount| counts(discount, policy));
    let mut instants: Vec<Timestamp> = counted
        .flat_map(|discount| [Some(discount.start), discount.end])
        .flatten()
        .filter(|instant| *instant > after)
        .collect();
    instants.sort_unstable();
    instants.dedup();
    instants
}

fn shown(status: Status, policy: MrrPolicy) -> Shown {
    match status {
        Status::Active => Shown::Mrr,
        Status::PastDue => match policy.past_due {
            PastDuePolicy::Include => Shown::Mrr,
            PastDuePolicy::Exclude => Shown::Nothing,
        },
        Status::Paused => match policy.pause {
            PausePolicy::Include => Shown::Mrr,
            PausePolicy::Exclude => Shown::Nothing,
        },
        Status::Trialing => Shown::Trial,
        Status::Incomplete | Status::IncompleteExpired | Status::Unpaid | Status::Canceled => Shown::Nothing,
    }
}

/// Items that are part of MRR: agreed in advance, recurring, in the subscription's currency (no rate is implied).
fn recurring(item: &Item, currency: Currency) -> Option<(&Item, Factor)> {
    match item.price.usage {
        Usage::Metered => return None,
        Usage::Licensed => {}
    }
    let interval = item.price.interval.filter(|_| item.price.currency == currency)?;
    Some((item, factor(interval)))
}

/// Constant factors, without an effect of leap years or the lengths of months.
fn factor(interval: Interval) -> Factor {
    let count = i64::from(interval.count.max(1));
    match interval.unit {
        IntervalUnit::Day => Factor { numerator: 365, denominator: 12 * count },
        IntervalUnit::Week => Factor { numerator: 52, denominator: 12 * count },
        IntervalUnit::Month => Factor { numerator: 1, denominator: count },
        IntervalUnit::Year => Factor { numerator: 1, denominator: 12 * count },
    }
}

struct Value {
    net_minor: i64,
    gross_minor: i64,
    weights: Vec<u64>,
}

fn monthly_value(
    snapshot: &SubscriptionSnapshot,
    items: &[(&Item, Factor)],
    at: Timestamp,
    policy: MrrPolicy,
) -> Option<Value> {
    let denominator =
        items.iter().try_fold(1_i64, |common, (_, factor)| least_common_multiple(common, factor.denominator))?;
    let charges: Vec<Decimal> = items
        .iter()
        .map(|(item, factor)| scaled(item.price.charge(item.quantity)?, *factor, denominator))
        .collect::<Option<_>>()?;
    let gross = charges.iter().try_fold(Decimal::ZERO, |sum, charge| sum.checked_add(*charge))?;
    // A fixed amount comes off every invoice, so it is worth the months of the subscription's own interval.
    let invoice =
        snapshot.terms.items.iter().find_map(|item| recurring(item, snapshot.terms.currency)).map(|found| found.1);
    let mut net = gross;
    for discount in
        snapshot.terms.discounts.iter().filter(|discount| counts(discount, policy) && in_force(discount, at))
    {
        let off = match &discount.off {
            Off::Percent(percent) => net.checked_mul(*percent)?.checked_div(Decimal::ONE_HUNDRED)?,
            Off::Amount { minor, currency } if *currency == snapshot.terms.currency => {
                invoice.map_or(Some(Decimal::ZERO), |factor| scaled(Decimal::from(*minor), factor, denominator))?
            }
            Off::Amount { .. } => Decimal::ZERO,
        };
        net = net.checked_sub(off)?.max(Decimal::ZERO);
    }
    Some(Value {
        net_minor: rounded(net.max(Decimal::ZERO), denominator)?,
        gross_minor: rounded(gross.max(Decimal::ZERO), denominator)?,
        weights: weights(&charges),
    })
}

fn counts(discount: &Discount, policy: MrrPolicy) -> bool {
    match discount.duration {
        Duration::Forever | Duration::Repeating { .. } => true,
        Duration::Once => match policy.once_discounts {
            OnceDiscounts::Ignore => false,
            OnceDiscounts::UntilTheirEnd => discount.end.is_some(),
        },
    }
}

fn in_force(discount: &Discount, at: Timestamp) -> bool {
    discount.start <= at && discount.end.is_none_or(|end| at < end)
}

/// `charge × factor`, as a numerator over the common denominator.
fn scaled(charge: Decimal, factor: Factor, denominator: i64) -> Option<Decimal> {
    charge.checked_mul(Decimal::from(factor.numerator.checked_mul(denominator / factor.denominator)?))
}

fn rounded(numerator: Decimal, denominator: i64) -> Option<i64> {
    let exact = numerator.normalize();
    let denominator = 10_i128.checked_pow(exact.scale())?.checked_mul(i128::from(denominator))?;
    // The rounding doubles the remainder, which must stay inside `i128` as well.
    denominator.checked_mul(2)?;
    round_ratio(exact.mantissa(), denominator)
}

/// The charges as whole numbers in proportion, small enough for the allocation's products.
fn weights(charges: &[Decimal]) -> Vec<u64> {
    const MAX_WEIGHT: Decimal = Decimal::from_parts(0, 1 << 30, 0, false, 0);
    let mut scaled: Vec<Decimal> = charges.iter().map(|charge| charge.max(&Decimal::ZERO).normalize()).collect();
    while scaled.iter().any(|weight| weight.scale() > 0) {
        let grown: Option<Vec<Decimal>> =
            scaled.iter().map(|weight| weight.checked_mul(Decimal::TEN).map(|grown| grown.normalize())).collect();
        match grown.filter(|grown| grown.iter().all(|weight| *weight <= MAX_WEIGHT)) {
            Some(grown) => scaled = grown,
            None => break,
        }
    }
    while scaled.iter().any(|weight| *weight > MAX_WEIGHT) {
        scaled = scaled.iter().map(|weight| weight / Decimal::TEN).collect();
    }
    scaled.iter().map(|weight| u64::try_from(weight.trunc()).unwrap_or(0)).collect()
}

fn least_common_multiple(left: i64, right: i64) -> Option<i64> {
    let (mut a, mut b) = (left, right);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (left / a).checked_mul(right)
}

#[cfg(test)]
#[path = "normalize_tests.rs"]
mod tests;
