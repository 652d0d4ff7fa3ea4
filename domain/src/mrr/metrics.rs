//! The rates and averages of a period (revenue.md §1.5 and §1.6), from its waterfall and from each customer's MRR at
//! its two ends. Every ratio whose denominator is zero says so.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::period::Waterfall;
use super::ratio::{Ratio, Undefined};
use crate::money::round_half_away;

/// Months of ARPA that a lifetime is worth at least while nobody leaves: the 1.67 % churn that Stripe assumes.
const LOWER_BOUND_MONTHS: i64 = 60;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// Twelve times the closing MRR.
    pub arr_minor: i64,
    pub net_new_minor: i64,
    pub growth_rate: Ratio,
    pub gross_churn_rate: Ratio,
    pub net_churn_rate: Ratio,
    /// From movements, so with reactivations and the growth of customers new in the period; `Retention` has the
    /// standard one.
    pub nrr_movement: Ratio,
    pub revenue_churn_minor: i64,
    pub quick_ratio: Ratio,
    pub quick_ratio_ex_reactivation: Ratio,
    /// Per active customer at the period's end.
    pub arpa_minor: Option<i64>,
    /// New MRR per new customer.
    pub average_sale_minor: Option<i64>,
}

pub fn metrics(waterfall: &Waterfall) -> Metrics {
    let opening = waterfall.opening.mrr_minor;
    let closing = waterfall.closing_minor();
    let lost = waterfall.lost_minor();
    let kept_growth = waterfall.expansion_minor.saturating_add(waterfall.reactivation_minor);
    let net_churn_rate = Ratio::of(lost.saturating_sub(kept_growth), opening, Undefined::NoOpeningMrr);
    Metrics {
        arr_minor: closing.saturating_mul(12),
        net_new_minor: waterfall.net_new_minor(),
        growth_rate: Ratio::of(closing.saturating_sub(opening), opening, Undefined::NoOpeningMrr),
        gross_churn_rate: Ratio::of(lost, opening, Undefined::NoOpeningMrr),
        net_churn_rate,
        nrr_movement: net_churn_rate.complement(),
        revenue_churn_minor: lost,
        quick_ratio: Ratio::of(waterfall.gained_minor(), lost, Undefined::NothingLost),
        quick_ratio_ex_reactivation: Ratio::of(
            waterfall.new_minor.saturating_add(waterfall.expansion_minor),
            lost,
            Undefined::NothingLost,
        ),
        arpa_minor: average(closing, waterfall.closing_customers()),
        average_sale_minor: average(waterfall.new_minor, waterfall.new_customers),
    }
}

/// One customer's MRR just before a period and at its end, in one currency at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodEnds {
    pub opening_minor: i64,
    pub closing_minor: i64,
}

/// What became of the customers who were active at the opening; newcomers and returners have no part in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    pub opening_minor: i64,
    pub closing_minor: i64,
    /// The closing MRR without anybody's growth.
    pub kept_minor: i64,
    pub opening_customers: i64,
    pub lost_customers: i64,
}

impl Retention {
    pub fn of(customers: impl IntoIterator<Item = PeriodEnds>) -> Self {
        let mut sums = Self::default();
        for customer in customers.into_iter().filter(|customer| customer.opening_minor > 0) {
            sums.opening_minor = sums.opening_minor.saturating_add(customer.opening_minor);
            sums.closing_minor = sums.closing_minor.saturating_add(customer.closing_minor);
            sums.kept_minor = sums.kept_minor.saturating_add(customer.closing_minor.min(customer.opening_minor));
            sums.opening_customers += 1;
            sums.lost_customers += i64::from(customer.closing_minor <= 0);
        }
        sums
    }

    /// Gross revenue retention, at most 1.
    pub fn gross(&self) -> Ratio {
        Ratio::of(self.kept_minor, self.opening_minor, Undefined::NoOpeningMrr)
    }

    /// Net revenue retention, the standard one.
    pub fn net(&self) -> Ratio {
        Ratio::of(self.closing_minor, self.opening_minor, Undefined::NoOpeningMrr)
    }

    /// The standard customer churn rate.
    pub fn customer_churn(&self) -> Ratio {
        Ratio::of(self.lost_customers, self.opening_customers, Undefined::NoOpeningCustomers)
    }

    pub fn logo(&self) -> Ratio {
        self.customer_churn().complement()
    }
}

/// A customer's expected worth, or the least it is while it cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ltv {
    Known {
        minor: i64,
    },
    /// Nobody left in the months looked at.
    AtLeast {
        lower_bound_minor: i64,
    },
    Unknown(Undefined),
}

/// ARPA divided by the mean of the monthly customer churn rates given, usually the last three. Months without
/// customers at their opening say nothing and are left out of the mean.
pub fn standard_ltv(mrr_minor: i64, customers: i64, monthly_churn: &[Ratio]) -> Ltv {
    let Some(arpa) = Decimal::from(mrr_minor).checked_div(Decimal::from(customers)) else {
        return Ltv::Unknown(Undefined::NoActiveCustomers);
    };
    let rates: Vec<Decimal> = monthly_churn.iter().filter_map(|rate| rate.value()).collect();
    let months = Decimal::from(rates.len());
    let Some(churn) = rates.iter().sum::<Decimal>().checked_div(months) else {
        return Ltv::Unknown(Undefined::NoOpeningCustomers);
    };
    if churn.is_zero() {
        let bound = arpa.checked_mul(Decimal::from(LOWER_BOUND_MONTHS)).and_then(round_half_away);
        return bound.map_or(Ltv::Unknown(Undefined::TooLarge), |lower_bound_minor| Ltv::AtLeast { lower_bound_minor });
    }
    let worth = arpa.checked_div(churn).and_then(round_half_away);
    worth.map_or(Ltv::Unknown(Undefined::TooLarge), |minor| Ltv::Known { minor })
}

/// What was really collected from a customer: the realized LTV, a cash fact without a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    pub succeeded_minor: i64,
    pub refunded_minor: i64,
    pub disputes_lost_minor: i64,
}

impl Collected {
    pub fn realized_ltv_minor(&self) -> i64 {
        self.succeeded_minor.saturating_sub(self.refunded_minor).saturating_sub(self.disputes_lost_minor)
    }
}

fn average(total_minor: i64, count: i64) -> Option<i64> {
    Decimal::from(total_minor).checked_div(Decimal::from(count)).and_then(round_half_away)
}
