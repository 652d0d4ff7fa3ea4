//! How much of a full period is a stretch of time? Counted in the mode and the zone of the tenant or the customer, as
//! the difference of two positions in the full period, so that neighbouring stretches always add up.

use std::num::NonZeroU8;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{Fraction, ProrationMode};
use crate::refusal::Refusal;
use crate::time::{Period, Stretch, days_between, local_date, start_of_day};

#[derive(Debug, Clone)]
pub struct Counting {
    pub mode: ProrationMode,
    /// Where days begin and end.
    pub zone: TimeZone,
}

impl Counting {
    pub fn utc(mode: ProrationMode) -> Self {
        Self { mode, zone: TimeZone::UTC }
    }

    /// What part of its full period a stretch is. The denominator is the full period's even for a first partial one.
    pub fn fraction(&self, stretch: Stretch) -> Result<Fraction, Refusal> {
        let Stretch { period, reference } = stretch;
        let used = self.elapsed(reference, period.end) - self.elapsed(reference, period.start);
        Fraction::of(used, self.length(reference)).ok_or_else(|| Refusal::invalid("period", "has no length"))
    }

    /// Where the use of what ends at an instant ends: there, or with that whole day where a termination's day counts as
    /// used. A change of plan is no termination; its day belongs to the new plan in every mode.
    pub fn end_of_use(&self, at: Timestamp) -> Timestamp {
        match self.mode {
            ProrationMode::Second | ProrationMode::DayHalfOpen | ProrationMode::FixedDays(_) => at,
            ProrationMode::DayInclusive => {
                let next = local_date(at, &self.zone).checked_add(1.day());
                next.map_or(at, |date| start_of_day(date, &self.zone))
            }
        }
    }

    /// How much of a full period has passed at an instant, from nothing at its start to its length at its end.
    pub(super) fn elapsed(&self, reference: Period, instant: Timestamp) -> i64 {
        let instant = instant.clamp(reference.start, reference.end);
        let (start, at) = (local_date(reference.start, &self.zone), local_date(instant, &self.zone));
        match self.mode {
            ProrationMode::Second => Period { start: reference.start, end: instant }.seconds(),
            ProrationMode::DayHalfOpen | ProrationMode::DayInclusive => days_between(start, at),
            ProrationMode::FixedDays(days) => {
                let end = local_date(reference.end, &self.zone);
                match whole_months(start, end) {
                    Some(_) if at == end => self.length(reference),
                    Some(_) => (position(at, days) - position(start, days)).clamp(0, self.length(reference)),
                    None => days_between(start, at),
                }
            }
        }
    }

    /// The length of a full period in the units of the mode.
    fn length(&self, reference: Period) -> i64 {
        let (start, end) = (local_date(reference.start, &self.zone), local_date(reference.end, &self.zone));
        match self.mode {
            ProrationMode::Second => reference.seconds(),
            ProrationMode::DayHalfOpen | ProrationMode::DayInclusive => days_between(start, end),
            ProrationMode::FixedDays(days) => match whole_months(start, end) {
                Some(months) => months * i64::from(days.get()),
                None => days_between(start, end),
            },
        }
    }
}

/// How many months apart two boundaries are, either of which may be the last day of a month too short for the other's
/// day. `None` for periods of days and weeks, which have no months to fix the length of.
fn whole_months(start: Date, end: Date) -> Option<i64> {
    let months = month_number(end) - month_number(start);
    let meet = |from: Date, months: i64, to: Date| {
        jiff::Span::new().try_months(months).and_then(|span| from.checked_add(span)).is_ok_and(|moved| moved == to)
    };
    (months > 0 && (meet(start, months, end) || meet(end, -months, start))).then_some(months)
}

/// A date's place in a calendar of equal months; the days that a real month has too many share one place.
fn position(date: Date, days: NonZeroU8) -> i64 {
    let days = i64::from(days.get());
    month_number(date) * days + i64::from(date.day()).min(days)
}

fn month_number(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month())
}
