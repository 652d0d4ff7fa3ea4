//! What of the revenue not yet earned falls into which month? The deferred waterfall: month by month what is earned in it
//! and what is left at its end.

use jiff::civil::Date;

use super::ruler::Ruler;
use super::schedule::Schedule;
use crate::time::{first_of_month, month_of};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// `2024-02`.
    pub month: String,
    pub recognized_minor: i64,
    /// What is still to be earned at the month's end.
    pub deferred_minor: i64,
}

/// The months from that of a date on, as many as asked for.
pub fn waterfall<'s>(
    schedules: impl IntoIterator<Item = &'s Schedule>,
    ruler: &Ruler,
    from: Date,
    months: usize,
) -> Vec<Month> {
    let schedules: Vec<&Schedule> = schedules.into_iter().collect();
    let recognized = |tick| schedules.iter().map(|schedule| schedule.recognized(tick)).fold(0, i64::saturating_add);
    let whole = schedules.iter().map(|schedule| schedule.whole()).fold(0, i64::saturating_add);
    let count = i64::try_from(months).unwrap_or(i64::MAX);
    let bounds = (0..count).map_while(|month| Some((first_of_month(from, month)?, first_of_month(from, month + 1)?)));
    let month = |(first, next): (Date, Date)| {
        let (before, after) = (recognized(ruler.start_of(first)), recognized(ruler.start_of(next)));
        Month { month: month_of(first), recognized_minor: after - before, deferred_minor: whole - after }
    };
    bounds.map(month).collect()
}
