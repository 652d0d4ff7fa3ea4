//! What is time measured in while revenue is earned: local days by default, or seconds. A tick is the number of days or
//! seconds since 1970; everything before it has passed, nothing from it on has.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::{Period, days_between, local_date, start_of_day};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Granularity {
    #[default]
    Day,
    Second,
}

/// Where instants lie, as far as earning is concerned.
#[derive(Debug, Clone)]
pub struct Ruler {
    granularity: Granularity,
    zone: TimeZone,
}

impl Ruler {
    pub fn new(granularity: Granularity, zone: TimeZone) -> Self {
        Self { granularity, zone }
    }

    pub fn days(zone: TimeZone) -> Self {
        Self::new(Granularity::Day, zone)
    }

    /// The tick an instant falls on: its local day or its second.
    pub fn tick(&self, instant: Timestamp) -> i64 {
        match self.granularity {
            Granularity::Day => tick_of_date(local_date(instant, &self.zone)),
            Granularity::Second => instant.as_second(),
        }
    }

    /// The tick at which a local date begins.
    pub fn start_of(&self, date: Date) -> i64 {
        match self.granularity {
            Granularity::Day => tick_of_date(date),
            Granularity::Second => start_of_day(date, &self.zone).as_second(),
        }
    }

    /// The tick by which a local date is over.
    pub fn end_of(&self, date: Date) -> i64 {
        self.start_of(date.tomorrow().unwrap_or(date))
    }

    /// A period's first tick and the one after its last. One that begins and ends on the same day is earned on it.
    pub fn span(&self, period: Period) -> (i64, i64) {
        let (start, end) = (self.tick(period.start), self.tick(period.end));
        (start, end.max(start.saturating_add(1)))
    }
}

fn tick_of_date(date: Date) -> i64 {
    days_between(Date::constant(1970, 1, 1), date)
}
