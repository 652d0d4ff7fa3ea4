//! The revenue figures as the document prints them: its keys, and beside them what makes its figures add up.

use std::collections::BTreeMap;

use domain::mrr::{CohortColumn, Ltv, Ratio, Undefined};
use projections::cohorts::CohortFigures;
use serde::Serialize;

use crate::operations::revenue::{CurrencyReport, Report};
use crate::web::amount::{Amount, Exact, rfc3339_micros};

/// Places of a percentage.
const PLACES: u32 = 2;

/// Why figures are missing, by their name.
type Reasons = BTreeMap<&'static str, &'static str>;

#[derive(Debug, Serialize)]
struct PeriodWire {
    start_date: String,
    end_date: String,
    days: i64,
    timezone: String,
}

#[derive(Debug, Serialize)]
struct CoreWire {
    mrr: Amount,
    arr: Amount,
    new_mrr: Amount,
    expansion_mrr: Amount,
    reactivation_mrr: Amount,
    contraction_mrr: Amount,
    churn_mrr: Amount,
    net_new_mrr: Amount,
    opening_mrr: Amount,
    active_customers: i64,
    opening_customers: i64,
    new_customers: i64,
    reactivated_customers: i64,
    resumed_customers: i64,
    paused_customers: i64,
    churned_customers: i64,
    /// Had stopped counting as active before.
    churned_while_paused: i64,
    /// What was collected; `billed` and `recognized` stand beside it (revenue.md §1.5).
    total_revenue: Amount,
    billed: Option<Amount>,
    collected: Amount,
    recognized: Option<Amount>,
    payment_success_rate: Option<Exact>,
    avg_revenue_per_customer: Option<Amount>,
    customer_ltv: Option<Amount>,
    /// The least it is while nobody leaves.
    customer_ltv_lower_bound: Option<Amount>,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the document's")]
struct GrowthWire {
    mrr_growth_rate: Option<Exact>,
    customer_growth_rate: Option<Exact>,
    revenue_growth_rate: Option<Exact>,
}

/// The state at the end of one month.
#[derive(Debug, Serialize)]
struct ColumnWire {
    month: String,
    active: i64,
    mrr: Amount,
    logo_retention_rate: Option<Exact>,
    revenue_retention_rate: Option<Exact>,
    incomplete: bool,
}

#[derive(Debug, Serialize)]
struct CohortWire {
    month: String,
    size: i64,
    avg_ltv: Option<Amount>,
    retention_rate: Option<Exact>,
    revenue_retention_rate: Option<Exact>,
    months: Vec<ColumnWire>,
}

#[derive(Debug, Serialize)]
struct CohortsWire {
    monthly_cohorts: Vec<CohortWire>,
}

#[derive(Debug, Serialize)]
struct CurrencyWire {
    currency: &'static str,
    opening_mrr: Amount,
    new_mrr: Amount,
    expansion_mrr: Amount,
    reactivation_mrr: Amount,
    contraction_mrr: Amount,
    churn_mrr: Amount,
    net_new_mrr: Amount,
    mrr: Amount,
    arr: Amount,
    active_customers: i64,
    billed: Option<Amount>,
    collected: Amount,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct RevenueWire {
    period: PeriodWire,
    /// The currency of all amounts outside `by_currency`.
    currency: &'static str,
    /// The position of the ledger that all figures are of.
    as_of: i64,
    core_metrics: CoreWire,
    growth_rates: GrowthWire,
    cohort_analysis: CohortsWire,
    by_currency: Vec<CurrencyWire>,
    /// Always null for now; the reason says why.
    forecasts: Option<serde_json::Value>,
    forecasts_unavailable_reason: &'static str,
    reasons: Reasons,
}

pub(super) fn render(report: Report, include_forecast: bool) -> RevenueWire {
    let mut reasons = Reasons::new();
    let core_metrics = core(&report, &mut reasons);
    let growth_rates = growth(&report, &mut reasons);
    let currency = report.main.currency;
    RevenueWire {
        period: PeriodWire {
            start_date: rfc3339_micros(report.start_at),
            end_date: rfc3339_micros(report.end_at),
            days: report.days,
            timezone: report.zone,
        },
        currency: currency.code(),
        as_of: report.as_of,
        core_metrics,
        growth_rates,
        cohort_analysis: CohortsWire {
            monthly_cohorts: report
                .cohorts
                .into_iter()
                .map(|figures| cohort(figures, |minor| Amount::minor(minor, currency)))
                .collect(),
        },
        by_currency: report.by_currency.iter().map(one_currency).collect(),
        forecasts: None,
        forecasts_unavailable_reason: if include_forecast { "not_computed" } else { "not_requested" },
        reasons,
    }
}

fn core(report: &Report, reasons: &mut Reasons) -> CoreWire {
    let main = &report.main;
    let moved = &main.waterfall;
    let money = |minor| Amount::minor(minor, main.currency);
    let figures = domain::mrr::metrics(moved);
    let arpa = Ratio::of(moved.closing_minor(), main.active, Undefined::NoActiveCustomers);
    let arpa_minor = arpa.value().and_then(domain::money::round_half_away);
    explain(reasons, "avg_revenue_per_customer", arpa.reason());
    let attempts = report.succeeded_attempts + report.failed_attempts;
    let (customer_ltv, customer_ltv_lower_bound) = lifetime_value(report.lifetime_value, reasons);
    reasons.insert("recognized", "revenue_recognition_is_not_computed");
    if main.billed_minor.is_none() {
        reasons.insert("billed", "invoices_are_known_as_of_now_only");
    }
    CoreWire {
        mrr: money(moved.closing_minor()),
        arr: money(figures.arr_minor),
        new_mrr: money(moved.new_minor),
        expansion_mrr: money(moved.expansion_minor),
        reactivation_mrr: money(moved.reactivation_minor),
        contraction_mrr: money(moved.contraction_minor),
        churn_mrr: money(moved.churn_minor),
        net_new_mrr: money(figures.net_new_minor),
        opening_mrr: money(moved.opening.mrr_minor),
        active_customers: report.customers.closing,
        opening_customers: report.customers.opening,
        new_customers: report.customers.new,
        reactivated_customers: report.customers.reactivated,
        resumed_customers: report.customers.resumed,
        paused_customers: report.customers.paused,
        churned_customers: report.customers.churned,
        churned_while_paused: report.customers.churned_while_paused,
        total_revenue: money(main.collected_minor),
        billed: main.billed_minor.map(money),
        collected: money(main.collected_minor),
        recognized: None,
        payment_success_rate: rate(
            reasons,
            "payment_success_rate",
            (report.succeeded_attempts, attempts),
            "no_payment_attempts",
        ),
        avg_revenue_per_customer: arpa_minor.map(money),
        customer_ltv: customer_ltv.map(money),
        customer_ltv_lower_bound: customer_ltv_lower_bound.map(money),
    }
}

fn growth(report: &Report, reasons: &mut Reasons) -> GrowthWire {
    let (main, customers) = (&report.main, &report.customers);
    let opening = main.waterfall.opening.mrr_minor;
    let earlier = main.collected_before_minor;
    let mrr_grown = main.waterfall.closing_minor().saturating_sub(opening);
    let customers_grown = customers.closing - customers.opening;
    // More refunded than taken is no base for growth either.
    let revenue = (main.collected_minor.saturating_sub(earlier), earlier.max(0));
    GrowthWire {
        mrr_growth_rate: rate(reasons, "mrr_growth_rate", (mrr_grown, opening), "no_opening_mrr"),
        customer_growth_rate: rate(
            reasons,
            "customer_growth_rate",
            (customers_grown, customers.opening),
            "no_opening_customers",
        ),
        revenue_growth_rate: rate(reasons, "revenue_growth_rate", revenue, "no_revenue_in_the_period_before"),
    }
}

/// The expected lifetime value, or what it is at least.
fn lifetime_value(value: Ltv, reasons: &mut Reasons) -> (Option<i64>, Option<i64>) {
    match value {
        Ltv::Known { minor } => (Some(minor), None),
        Ltv::AtLeast { lower_bound_minor } => {
            reasons.insert("customer_ltv", Undefined::NoChurn.as_str());
            (None, Some(lower_bound_minor))
        }
        Ltv::Unknown(reason) => {
            reasons.insert("customer_ltv", reason.as_str());
            (None, None)
        }
    }
}

fn cohort(figures: CohortFigures, money: impl Fn(i64) -> Amount) -> CohortWire {
    let percent = |ratio: Ratio| ratio.percent(PLACES).map(Exact);
    let CohortFigures { cohort, realized_minor } = figures;
    let average = Ratio::of(realized_minor, cohort.size, Undefined::EmptyCohort);
    let last = cohort.columns.last();
    CohortWire {
        avg_ltv: average.value().and_then(domain::money::round_half_away).map(&money),
        retention_rate: last.and_then(|column| percent(column.logo)),
        revenue_retention_rate: last.and_then(|column| percent(column.revenue)),
        month: cohort.month,
        size: cohort.size,
        months: cohort
            .columns
            .into_iter()
            .map(|CohortColumn { month, active, mrr_minor, logo, revenue, incomplete }| ColumnWire {
                month,
                active,
                mrr: money(mrr_minor),
                logo_retention_rate: percent(logo),
                revenue_retention_rate: percent(revenue),
                incomplete,
            })
            .collect(),
    }
}

fn one_currency(part: &CurrencyReport) -> CurrencyWire {
    let moved = &part.waterfall;
    let money = |minor| Amount::minor(minor, part.currency);
    CurrencyWire {
        currency: part.currency.code(),
        opening_mrr: money(moved.opening.mrr_minor),
        new_mrr: money(moved.new_minor),
        expansion_mrr: money(moved.expansion_minor),
        reactivation_mrr: money(moved.reactivation_minor),
        contraction_mrr: money(moved.contraction_minor),
        churn_mrr: money(moved.churn_minor),
        net_new_mrr: money(moved.net_new_minor()),
        mrr: money(moved.closing_minor()),
        arr: money(moved.closing_minor().saturating_mul(12)),
        active_customers: part.active,
        billed: part.billed_minor.map(money),
        collected: money(part.collected_minor),
    }
}

/// A share in percent; without a whole to be a share of it is missing, and the reason is noted.
fn rate(reasons: &mut Reasons, field: &'static str, (part, whole): (i64, i64), without: &'static str) -> Option<Exact> {
    if whole == 0 {
        reasons.insert(field, without);
        return None;
    }
    let ratio = Ratio::of(part, whole, Undefined::TooLarge);
    explain(reasons, field, ratio.reason());
    ratio.percent(PLACES).map(Exact)
}

fn explain(reasons: &mut Reasons, field: &'static str, reason: Option<Undefined>) {
    if let Some(reason) = reason {
        reasons.insert(field, reason.as_str());
    }
}
