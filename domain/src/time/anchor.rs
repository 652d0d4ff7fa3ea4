//! Which periods does a subscription have? Every boundary is counted from the anchor, never from the boundary before it
//! (decision B4), so what is anchored on January 31st is billed on the last day of short months and on the 31st again
//! afterwards. Nothing here knows an amount.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{Period, days_between};
use crate::price::{Interval, IntervalUnit};
use crate::refusal::Refusal;

/// A cycle day that its month lacks is looked for in so many later periods. Leap days are the rarest: eight years apart
/// around 2100, which is eight periods of a year.
const LONGEST_MONTH_SEARCH: i64 = 48;

/// Where the boundaries of periods lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorRule {
    /// The anchor's day, or the month's last where it is shorter: 31 January → 29 February → 31 March.
    #[default]
    Clamp,
    /// An anchor on a month's last day stays on last days: 29 February → 31 March.
    StickyEndOfMonth,
    /// Periods of the calendar, each from its local midnight: days, weeks from Monday, months, quarters, years.
    Calendar,
}

/// Where the first boundary lies when only a day of the month is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstBoundary {
    /// On the next such day, so that the first full period starts within a month. Stripe does this.
    #[default]
    NextDay,
    /// Whole intervals from that day of the month in which it starts. Kill Bill does this.
    WholeIntervals,
}

/// What decides the boundaries of a subscription's periods.
#[derive(Debug, Clone)]
pub struct Anchor {
    pub instant: Timestamp,
    pub rule: AnchorRule,
    /// Boundaries keep the anchor's local wall-clock time in this zone, across daylight saving.
    pub zone: TimeZone,
}

/// What is billed at once: a period or a part of it, beside the full period that the price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stretch {
    pub period: Period,
    pub reference: Period,
}

impl Stretch {
    pub fn whole(period: Period) -> Self {
        Self { period, reference: period }
    }

    pub fn is_whole(self) -> bool {
        self.period == self.reference
    }

    /// The part before an instant; `None` where there is none.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Option<Self> {
        let period = Period { end: self.period.end.min(end), ..self.period };
        (period.start < period.end).then_some(Self { period, ..self })
    }
}

impl Anchor {
    pub fn utc(instant: Timestamp) -> Self {
        Self { instant, rule: AnchorRule::Clamp, zone: TimeZone::UTC }
    }

    /// The anchor of what starts at an instant and is billed on a day of the month, at the start's time of day. A day
    /// that the first month lacks is anchored in a later one that has it, so that it comes back.
    pub fn on_cycle_day(
        day: i8,
        start: Timestamp,
        interval: Interval,
        first: FirstBoundary,
        zone: TimeZone,
    ) -> Result<Self, Refusal> {
        let refused = |reason: &str| Refusal::invalid("billing_cycle_day", reason);
        if !(1..=31).contains(&day) {
            return Err(refused("must be from 1 to 31"));
        }
        let months = match interval.unit {
            IntervalUnit::Month => i64::from(interval.count),
            IntervalUnit::Year => i64::from(interval.count) * 12,
            IntervalUnit::Day | IntervalUnit::Week => return Err(refused("needs an interval of months or years")),
        };
        let local = zone.to_datetime(start);
        let passed = on_day(local.date(), day, 0).is_some_and(|own| own < local.date());
        let skipped = i64::from(passed && first == FirstBoundary::NextDay);
        let mut found: Option<Date> = None;
        for date in (0..LONGEST_MONTH_SEARCH).map_while(|k| on_day(local.date(), day, skipped + k * months)) {
            if found.is_none_or(|earlier| earlier.day() < date.day()) {
                found = Some(date);
            }
            if date.day() == day {
                break;
            }
        }
        let instant = found.and_then(|date| zone.to_timestamp(date.to_datetime(local.time())).ok());
        let instant = instant.ok_or_else(|| refused("is outside the calendar"))?;
        Ok(Self { instant, rule: AnchorRule::Clamp, zone })
    }

    /// The `k`-th boundary: the anchor, or where its calendar period began, plus `k` intervals. `None` outside the
    /// calendar's range.
    pub fn boundary(&self, interval: Interval, k: i64) -> Option<Timestamp> {
        let count = i64::from(interval.count).checked_mul(k)?;
        let span: Span = match interval.unit {
            IntervalUnit::Day => Span::new().try_days(count).ok()?,
            IntervalUnit::Week => Span::new().try_weeks(count).ok()?,
            IntervalUnit::Month => Span::new().try_months(count).ok()?,
            IntervalUnit::Year => Span::new().try_years(count).ok()?,
        };
        let origin = self.origin(interval)?;
        let moved = origin.checked_add(span).ok()?;
        let sticky = self.rule == AnchorRule::StickyEndOfMonth
            && origin.date() == origin.date().last_of_month()
            && matches!(interval.unit, IntervalUnit::Month | IntervalUnit::Year);
        let moved = if sticky { moved.date().last_of_month().to_datetime(moved.time()) } else { moved };
        self.zone.to_timestamp(moved).ok()
    }

    /// The `k`-th period. Where a zone left out a whole day of its calendar, a daily period can be empty.
    pub fn period(&self, interval: Interval, k: i64) -> Option<Period> {
        Some(Period { start: self.boundary(interval, k)?, end: self.boundary(interval, k.checked_add(1)?)? })
    }

    /// The period between two neighbouring boundaries that contains the instant.
    /// `None` outside the calendar's range, and for an interval of no length, which has no periods.
    pub fn period_containing(&self, interval: Interval, instant: Timestamp) -> Option<Period> {
        self.period(interval, self.index_of(interval, instant)?)
    }

    /// Everything to bill from a start on: what is left of its period, then whole periods. It does not end by itself.
    pub fn stretches(&self, interval: Interval, start: Timestamp) -> impl Iterator<Item = Stretch> + '_ {
        let first = self.index_of(interval, start);
        let periods = first.into_iter().flat_map(|k| k..).map_while(move |k| self.period(interval, k));
        periods.map(move |reference| Stretch {
            period: Period { start: reference.start.max(start), ..reference },
            reference,
        })
    }

    /// The same stretch priced by the interval that ends where it ends, instead of the one between two boundaries. They
    /// differ where a boundary's day is the last of a short month: February 14th to 28th is 14 of 28 days for a cycle
    /// day of 31, and 14 of 31 when counted back, as Kill Bill does.
    pub fn counted_back(&self, interval: Interval, stretch: Stretch) -> Option<Stretch> {
        let end = stretch.reference.end;
        let start = Self { instant: end, rule: AnchorRule::Clamp, zone: self.zone.clone() }.boundary(interval, -1)?;
        Some(Stretch { reference: Period { start, end }, ..stretch })
    }

    /// The number of the period that contains an instant. Found by the calendar and not by walking, so that the
    /// hundredth period costs what the first does.
    fn index_of(&self, interval: Interval, instant: Timestamp) -> Option<i64> {
        if interval.count == 0 {
            return None;
        }
        let (from, to) = (self.origin(interval)?.date(), self.zone.to_datetime(instant).date());
        let months = || (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month() - from.month());
        let units = match interval.unit {
            IntervalUnit::Day => days_between(from, to),
            IntervalUnit::Week => days_between(from, to).div_euclid(7),
            IntervalUnit::Month => months(),
            IntervalUnit::Year => months().div_euclid(12),
        };
        let mut k = units.div_euclid(i64::from(interval.count));
        // The time of day and the day of the month decide the rest: a step or two.
        while self.boundary(interval, k + 1)? <= instant {
            k += 1;
        }
        while self.boundary(interval, k)? > instant {
            k -= 1;
        }
        Some(k)
    }

    /// The local time that boundaries are counted from.
    fn origin(&self, interval: Interval) -> Option<DateTime> {
        let local = self.zone.to_datetime(self.instant);
        let date = match (self.rule, interval.unit) {
            (AnchorRule::Clamp | AnchorRule::StickyEndOfMonth, _) => return Some(local),
            (AnchorRule::Calendar, IntervalUnit::Day) => local.date(),
            (AnchorRule::Calendar, IntervalUnit::Week) => {
                let since_monday = i64::from(local.date().weekday().to_monday_zero_offset());
                local.date().checked_sub(since_monday.days()).ok()?
            }
            // Months that divide the year are its quarters and halves; others are counted from their own beginning.
            (AnchorRule::Calendar, IntervalUnit::Month) if 12_u32.checked_rem(interval.count) != Some(0) => {
                local.date().first_of_month()
            }
            (AnchorRule::Calendar, IntervalUnit::Month | IntervalUnit::Year) => local.date().first_of_year(),
        };
        Some(date.to_datetime(Time::midnight()))
    }
}

/// A day of the month so many months after a date's own, or that month's last day.
fn on_day(date: Date, day: i8, months: i64) -> Option<Date> {
    let month = super::first_of_month(date, months)?;
    Date::new(month.year(), month.month(), day.min(month.days_in_month())).ok()
}

#[cfg(test)]
#[path = "anchor_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "anchor_property_tests.rs"]
mod property_tests;
