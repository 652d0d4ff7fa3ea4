//! Instants, billing periods and anchors. Every period is counted from its anchor, never from the period before it
//! (decision B4), so a subscription that starts on January 31st is billed on the last day of short months and on the
//! 31st again afterwards.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::price::{Interval, IntervalUnit};

/// A half-open stretch of time, `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Period {
    pub fn contains(self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whole seconds from start to end.
    pub fn seconds(self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }
}

/// Microseconds since 1970, the form in which instants are stored.
pub fn to_micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

/// The instant of stored microseconds; out-of-range values saturate.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// How period ends treat the last days of months.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorRule {
    /// The anchor's day, or the month's last where it is shorter: 31 January → 29 February → 31 March.
    #[default]
    Clamp,
    /// An anchor on a month's last day stays on last days: 29 February → 31 March.
    StickyEndOfMonth,
}

/// What decides the boundaries of a subscription's periods.
#[derive(Debug, Clone)]
pub struct Anchor {
    pub instant: Timestamp,
    pub rule: AnchorRule,
    /// Boundaries keep the anchor's local wall-clock time in this zone, across daylight saving.
    pub zone: TimeZone,
}

impl Anchor {
    pub fn utc(instant: Timestamp) -> Self {
        Self { instant, rule: AnchorRule::Clamp, zone: TimeZone::UTC }
    }

    /// The `k`-th boundary: the anchor plus `k` intervals. `None` outside the calendar's range.
    pub fn boundary(&self, interval: Interval, k: i64) -> Option<Timestamp> {
        let count = i64::from(interval.count).checked_mul(k)?;
        let span: Span = match interval.unit {
            IntervalUnit::Day => Span::new().try_days(count).ok()?,
            IntervalUnit::Week => Span::new().try_weeks(count).ok()?,
            IntervalUnit::Month => Span::new().try_months(count).ok()?,
            IntervalUnit::Year => Span::new().try_years(count).ok()?,
        };
        let local = self.zone.to_datetime(self.instant);
        let moved = local.checked_add(span).ok()?;
        let sticky = self.rule == AnchorRule::StickyEndOfMonth
            && local.date() == local.date().last_of_month()
            && matches!(interval.unit, IntervalUnit::Month | IntervalUnit::Year);
        let moved = if sticky { moved.date().last_of_month().to_datetime(moved.time()) } else { moved };
        self.zone.to_timestamp(moved).ok()
    }

    /// The period between two neighbouring boundaries that contains the instant.
    /// `None` outside the calendar's range, and for an interval of no length, which has no periods.
    pub fn period_containing(&self, interval: Interval, instant: Timestamp) -> Option<Period> {
        if interval.count == 0 {
            return None;
        }
        // The estimate by the longest possible unit is at most a few steps off; walk the rest.
        let unit_seconds: i64 = match interval.unit {
            IntervalUnit::Day => 86_400,
            IntervalUnit::Week => 7 * 86_400,
            IntervalUnit::Month => 31 * 86_400,
            IntervalUnit::Year => 366 * 86_400,
        };
        let step = unit_seconds.checked_mul(i64::from(interval.count))?;
        let mut k = (instant.as_second() - self.instant.as_second()).div_euclid(step) - 1;
        while self.boundary(interval, k + 1)? <= instant {
            k += 1;
        }
        while self.boundary(interval, k)? > instant {
            k -= 1;
        }
        Some(Period { start: self.boundary(interval, k)?, end: self.boundary(interval, k + 1)? })
    }
}

/// The local calendar date of an instant.
pub fn local_date(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}

/// The first instant of a local date; where daylight saving skips midnight, the first instant that exists.
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    zone.to_zoned(date.at(0, 0, 0, 0)).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// `2024-02` of a date.
pub fn month_of(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The first day of the month `months` after the date's own.
pub fn first_of_month(date: Date, months: i64) -> Option<Date> {
    date.first_of_month().checked_add(months.months()).ok()
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
