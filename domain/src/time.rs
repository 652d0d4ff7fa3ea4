//! Instants, days and periods, and how they are stored. Which periods a subscription has is asked of its [`Anchor`].
//! Nothing here reads a clock.

mod anchor;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

pub use anchor::{Anchor, AnchorRule, FirstBoundary, Stretch};

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

    /// What two periods have in common; `None` where that is nothing.
    #[must_use]
    pub fn overlap(self, other: Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start < both.end).then_some(both)
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

/// The zone of an IANA name, from the database in the binary, so that every node knows the same zones; UTC for a name it
/// does not have.
pub fn zone_named(name: &str) -> TimeZone {
    if name == "UTC" {
        return TimeZone::UTC;
    }
    TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC)
}

/// The local calendar date of an instant.
pub fn local_date(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}

/// The first instant of a local date; where daylight saving skips midnight, the first instant that exists.
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    zone.to_zoned(date.at(0, 0, 0, 0)).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// Days from one date to another, negative where the second is earlier.
pub fn days_between(first: Date, second: Date) -> i64 {
    first.until(second).map_or(0, |span| i64::from(span.get_days()))
}

/// `2024-02` of a date.
pub fn month_of(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The first day of the month `months` after the date's own.
pub fn first_of_month(date: Date, months: i64) -> Option<Date> {
    date.first_of_month().checked_add(Span::new().try_months(months).ok()?).ok()
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
