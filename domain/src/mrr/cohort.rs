//! What became of the customers who began in the same month (revenue.md §1.10). Those who left and came back stay in
//! the cohort they began in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::movement::Movement;
use super::ratio::{Ratio, Undefined};
use crate::money::Currency;
use crate::time::{first_of_month, local_date, month_of, start_of_day};

/// One customer as cohorts see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The first day of the local month of its first MRR.
    pub month: Date,
    /// Its first amount of MRR.
    pub first_minor: i64,
    /// MRR at the end of that month and of each month after it; what is missing at the end counts as nothing.
    pub ends_minor: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// `2024-02`
    pub month: String,
    pub size: i64,
    /// The sum of its customers' first amounts.
    pub first_minor: i64,
    /// Column 0 is the end of the first month.
    pub columns: Vec<CohortColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortColumn {
    pub month: String,
    pub active: i64,
    pub mrr_minor: i64,
    pub logo: Ratio,
    pub revenue: Ratio,
    /// The month is not over yet, so the column shows today and can still change.
    pub incomplete: bool,
}

/// Reads a customer off its movements in one currency, up to the end of the month that holds `through`. `None` for
/// one without MRR until then.
pub fn member(movements: &[Movement], currency: Currency, through: Date, zone: &TimeZone) -> Option<Member> {
    let last_end = month_end(through, zone)?;
    let known: Vec<&Movement> =
        movements.iter().filter(|movement| movement.currency == currency && movement.effective_at < last_end).collect();
    let first = known.iter().find(|movement| movement.after_minor > 0)?;
    let month = local_date(first.effective_at, zone).first_of_month();
    let mut ends_minor = Vec::new();
    for start in months(month, through) {
        let end = month_end(start, zone)?;
        let last = known.iter().rev().find(|movement| movement.effective_at < end);
        ends_minor.push(last.map_or(0, |movement| movement.after_minor));
    }
    Some(Member { month, first_minor: first.after_minor, ends_minor })
}

/// The cohorts of the members, ascending by month, each with a column a month up to the one that holds `today`.
pub fn cohorts(members: &[Member], today: Date) -> Vec<Cohort> {
    let mut by_month: BTreeMap<Date, Vec<&Member>> = BTreeMap::new();
    for member in members {
        by_month.entry(member.month.first_of_month()).or_default().push(member);
    }
    by_month.into_iter().map(|(month, members)| cohort(month, &members, today)).collect()
}

/// The instant at which a date's local month is over.
pub fn month_end(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(start_of_day(first_of_month(date, 1)?, zone))
}

fn cohort(month: Date, members: &[&Member], today: Date) -> Cohort {
    let size = i64::try_from(members.len()).unwrap_or(i64::MAX);
    let first_minor = sum(members.iter().map(|member| member.first_minor));
    let columns = months(month, today).enumerate().map(|(k, start)| {
        let ends = || members.iter().map(|member| member.ends_minor.get(k).copied().unwrap_or(0));
        let active = i64::try_from(ends().filter(|minor| *minor > 0).count()).unwrap_or(i64::MAX);
        let mrr_minor = sum(ends());
        CohortColumn {
            month: month_of(start),
            active,
            mrr_minor,
            logo: Ratio::of(active, size, Undefined::EmptyCohort),
            revenue: Ratio::of(mrr_minor, first_minor, Undefined::EmptyCohort),
            incomplete: start == today.first_of_month(),
        }
    });
    Cohort { month: month_of(month), size, first_minor, columns: columns.collect() }
}

/// The first days of the months from one date's to another's.
fn months(from: Date, through: Date) -> impl Iterator<Item = Date> {
    let last = through.first_of_month();
    std::iter::successors(Some(from.first_of_month()), |month| first_of_month(*month, 1))
        .take_while(move |month| *month <= last)
}

fn sum(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.fold(0, i64::saturating_add)
}

#[cfg(test)]
#[path = "cohort_tests.rs"]
mod tests;
