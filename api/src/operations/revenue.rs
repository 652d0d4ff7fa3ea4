//! The revenue figures of a period (revenue.md §1.3 to §1.6 and §1.10), put together from the read models. Every
//! figure is of one position of the ledger, so figures that belong together agree.

use std::collections::BTreeMap;

use domain::id::TenantId;
use domain::money::Currency;
use domain::mrr::{Ltv, Ratio, Undefined, Waterfall, standard_ltv};
use domain::tenant_settings::Settings;
use domain::time::{first_of_month, local_date, start_of_day, to_micros};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::cohorts::{CohortFigures, Horizon, newest_cohorts};
use projections::invoices::billed_between;
use projections::mrr::{Customers, Window, customers_lost_between, revenue_between};
use projections::payments::{Collected, collected_between};
use sqlx::AnyPool;
use store::{Ledger, StoreError};

use crate::failure::Failure;

/// The projections that the figures are read from and that can be asked as of a position.
const SOURCES: [&str; 2] = ["mrr", "payments"];
/// Cohorts that are shown, a year of months.
const COHORT_MONTHS: i64 = 12;
/// Months whose churn makes the expected lifetime (revenue.md §1.6).
const CHURN_MONTHS: i64 = 3;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub period_days: i64,
    /// The zone in which days begin; the tenant's own where none is named.
    pub zone: Option<String>,
    /// The position up to which events are known; all of them where none is named.
    pub as_of: Option<i64>,
}

/// One currency's part; nothing here is ever added across currencies.
#[derive(Debug, Clone)]
pub struct CurrencyReport {
    pub currency: Currency,
    pub waterfall: Waterfall,
    /// Customers with MRR in this currency at the end.
    pub active: i64,
    pub collected_minor: i64,
    pub collected_before_minor: i64,
    /// Known only for the present: invoices are not kept as of a position.
    pub billed_minor: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Report {
    pub start_at: i64,
    pub end_at: i64,
    pub days: i64,
    pub zone: String,
    pub as_of: i64,
    /// Of the tenant's reporting currency.
    pub main: CurrencyReport,
    /// Of every currency that occurs, the reporting currency among them, by code.
    pub by_currency: Vec<CurrencyReport>,
    pub customers: Customers,
    pub succeeded_attempts: i64,
    pub failed_attempts: i64,
    pub lifetime_value: Ltv,
    pub cohorts: Vec<CohortFigures>,
}

/// The first instants of a period, of the one before it, and of what follows.
struct Days {
    zone: TimeZone,
    today: Date,
    before_at: i64,
    start_at: i64,
    end_at: i64,
}

pub async fn revenue(
    ledger: &Ledger,
    tenant: &TenantId,
    settings: &Settings,
    question: Question,
) -> Result<Report, Failure> {
    let zone = question.zone.unwrap_or_else(|| settings.timezone.clone());
    let days = days(ledger, question.period_days, &zone)?;
    let as_of = position(ledger, question.as_of).await?;
    let pool = ledger.pool();
    let window = Window { from_at: days.start_at, to_at: days.end_at, as_of };
    let revenue = revenue_between(pool, tenant.as_str(), window).await?;
    let collected = collected_between(pool, tenant.as_str(), (days.start_at, days.end_at), as_of).await?;
    let before = collected_between(pool, tenant.as_str(), (days.before_at, days.start_at), as_of).await?;
    let billed = match question.as_of {
        None => Some(billed_between(pool, tenant.as_str(), (days.start_at, days.end_at)).await?),
        Some(_) => None,
    };
    let part = |code: &str| -> Result<CurrencyReport, Failure> {
        let sum = |of: &[Collected]| of.iter().find(|sum| sum.currency == code).map_or(0, |sum| sum.collected_minor);
        let currency =
            Currency::parse(code).map_err(|error| Failure::Internal { reason: format!("a read model has {error}") })?;
        Ok(CurrencyReport {
            currency,
            waterfall: revenue.by_currency.get(code).copied().unwrap_or_default(),
            active: revenue.active_by_currency.get(code).copied().unwrap_or(0),
            collected_minor: sum(&collected),
            collected_before_minor: sum(&before),
            billed_minor: billed.as_ref().map(|billed| billed.get(code).copied().unwrap_or(0)),
        })
    };
    let main = part(settings.reporting_currency.code())?;
    let billed_codes = billed.iter().flat_map(BTreeMap::keys).map(String::as_str);
    let collected_codes = collected.iter().map(|sum| sum.currency.as_str());
    let mut codes: Vec<&str> = revenue.by_currency.keys().map(String::as_str).collect();
    codes.extend(billed_codes.chain(collected_codes));
    codes.sort_unstable();
    codes.dedup();
    let churn = monthly_churn(pool, tenant, &days, as_of).await?;
    let horizon = Horizon { until_at: days.end_at, as_of, zone: days.zone, months: COHORT_MONTHS };
    Ok(Report {
        start_at: days.start_at,
        end_at: days.end_at,
        days: question.period_days,
        zone,
        as_of,
        lifetime_value: standard_ltv(main.waterfall.closing_minor(), main.active, &churn),
        cohorts: newest_cohorts(pool, tenant.as_str(), main.currency, &horizon).await?,
        by_currency: codes.into_iter().map(part).collect::<Result<_, _>>()?,
        main,
        customers: revenue.customers,
        succeeded_attempts: collected.iter().map(|sum| sum.succeeded).sum(),
        failed_attempts: collected.iter().map(|sum| sum.failed).sum(),
    })
}

/// The period ends with the current local day, so that what has just happened is in it (docs/known-quirks.md).
fn days(ledger: &Ledger, period_days: i64, zone: &str) -> Result<Days, Failure> {
    let known = TimeZone::get(zone)
        .map_err(|_| Failure::invalid("tz", Some(zone), "An IANA time zone name, such as Europe/Berlin"))?;
    let today = local_date(ledger.clock().now(), &known);
    let days_from_today = |days: i64| {
        let date = today.checked_add(days.days()).ok()?;
        Some(to_micros(start_of_day(date, &known)))
    };
    let starts = days_from_today(1 - 2 * period_days).zip(days_from_today(1 - period_days)).zip(days_from_today(1));
    let Some(((before_at, start_at), end_at)) = starts else {
        return Err(Failure::invalid("period_days", Some(&period_days.to_string()), "Days within the calendar"));
    };
    Ok(Days { zone: known, today, before_at, start_at, end_at })
}

/// The position that all figures are of: the one asked for, or as far as the read models are.
async fn position(ledger: &Ledger, asked: Option<i64>) -> Result<i64, Failure> {
    let head = ledger.head().await?;
    if let Some(position) = asked.filter(|position| !(0..=head).contains(position)) {
        let expected = format!("A position from 0 to {head}, the last one");
        return Err(Failure::invalid("as_of", Some(&position.to_string()), &expected));
    }
    let checkpoints = ledger.checkpoints().await?;
    let folded = checkpoints.iter().filter(|checkpoint| SOURCES.contains(&checkpoint.name.as_str()));
    let folded = folded.map(|checkpoint| checkpoint.position).min().unwrap_or(0);
    Ok(asked.unwrap_or(head).min(folded))
}

/// The standard customer churn of the last whole local months.
async fn monthly_churn(pool: &AnyPool, tenant: &TenantId, days: &Days, as_of: i64) -> Result<Vec<Ratio>, StoreError> {
    let month = |months: i64| first_of_month(days.today, months).map(|date| to_micros(start_of_day(date, &days.zone)));
    let mut rates = Vec::new();
    for back in 1..=CHURN_MONTHS {
        let Some((from_at, to_at)) = month(-back).zip(month(1 - back)) else { continue };
        let (active, lost) = customers_lost_between(pool, tenant.as_str(), Window { from_at, to_at, as_of }).await?;
        rates.push(Ratio::of(lost, active, Undefined::NoOpeningCustomers));
    }
    Ok(rates)
}
