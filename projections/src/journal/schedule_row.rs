//! A stretch of days over which a part of an invoice's line is earned. When something changes how it is earned, a second
//! row takes the stretch back and others follow: the sum of all rows up to a position is what was known then.

use domain::journal::{Account, Holds, Stretch};
use domain::recognition::Segment;
use domain::time::days_between;
use jiff::ToSpan;
use jiff::civil::Date;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::{Row, Seen};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRow {
    pub tenant: String,
    pub position: i64,
    /// Counted from 1 within the position.
    pub number: i64,
    pub book: String,
    /// The line of the invoice, counted from zero.
    pub line: i64,
    pub account: i64,
    pub currency: String,
    /// The local day on which it was invoiced.
    pub billed_on: String,
    /// Earned evenly over these local days, half-open, but only until `stops_on`.
    pub starts_on: String,
    pub ends_on: String,
    pub stops_on: String,
    /// Below zero where the row takes a stretch back.
    pub amount_minor: i64,
    /// What of it is earned when it stops.
    pub earned_minor: i64,
}

impl ScheduleRow {
    pub(super) fn of(seen: &Seen<'_>, number: i64, stretch: &Stretch, holds: Holds) -> Self {
        let Segment { amount_minor, start, end, stop } = stretch.segment;
        let signed = |minor: i64| match holds {
            Holds::FromNow => minor,
            Holds::NoMore => minor.saturating_neg(),
        };
        Self {
            tenant: seen.entry.tenant.as_str().to_owned(),
            position: seen.entry.position,
            number,
            book: stretch.book.to_string(),
            line: i64::try_from(stretch.line).unwrap_or(i64::MAX),
            account: i64::from(stretch.account.number()),
            currency: stretch.currency.code().to_owned(),
            billed_on: date_of(stretch.billed),
            starts_on: date_of(start),
            ends_on: date_of(end),
            stops_on: date_of(stop),
            amount_minor: signed(amount_minor),
            earned_minor: signed(stretch.segment.whole()),
        }
    }

    /// What of it is earned before a day, rounded as the stretch itself is.
    pub(super) fn earned_before(&self, tick: i64) -> Option<i64> {
        let [start, end, stop] = [&self.starts_on, &self.ends_on, &self.stops_on].map(|date| tick_of(date));
        Some(Segment { amount_minor: self.amount_minor, start: start?, end: end?, stop: stop? }.recognized(tick))
    }

    pub(super) fn account(&self) -> Option<Account> {
        u16::try_from(self.account).ok().and_then(Account::from_number)
    }
}

const FIRST: Date = Date::constant(1970, 1, 1);

/// The date of a day counted from 1970; days outside the calendar are its last.
pub(super) fn date_of(tick: i64) -> String {
    FIRST.checked_add(tick.days()).unwrap_or(Date::MAX).to_string()
}

fn tick_of(date: &str) -> Option<i64> {
    date.parse().ok().map(|date: Date| days_between(FIRST, date))
}

impl Row for ScheduleRow {
    const TABLE: Table = Table {
        name: "journal_schedules",
        columns: &[
            text("tenant"),
            int("position"),
            int("number"),
            text("book"),
            int("line"),
            int("account"),
            text("currency"),
            text("billed_on"),
            text("starts_on"),
            text("ends_on"),
            text("stops_on"),
            int("amount_minor"),
            int("earned_minor"),
        ],
        key_columns: 3,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .int(self.position)
            .int(self.number)
            .text(&self.book)
            .int(self.line)
            .int(self.account)
            .text(&self.currency)
            .text(&self.billed_on)
            .text(&self.starts_on)
            .text(&self.ends_on)
            .text(&self.stops_on)
            .int(self.amount_minor)
            .int(self.earned_minor)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            position: cells.int()?,
            number: cells.int()?,
            book: cells.text()?,
            line: cells.int()?,
            account: cells.int()?,
            currency: cells.text()?,
            billed_on: cells.text()?,
            starts_on: cells.text()?,
            ends_on: cells.text()?,
            stops_on: cells.text()?,
            amount_minor: cells.int()?,
            earned_minor: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 256
    }
}
