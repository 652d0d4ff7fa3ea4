//! One entry of the journal. It is written once, at the position of the event that posted it, and never changed.

use domain::journal::{Entry, Posting};
use domain::money::Currency;
use domain::time::from_micros;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::{Row, Seen};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    pub tenant: String,
    pub position: i64,
    /// Counted from 1 within the position.
    pub number: i64,
    /// Object and transition, `in_…:finalized`.
    pub entry_key: String,
    /// What belongs together: `invoice/in_…` with its payments, or `payment/…`, `payout/…`, `account/…`.
    pub book: String,
    /// The stream of the event that posted it.
    pub stream_type: String,
    pub stream_id: String,
    pub currency: String,
    /// Business time.
    pub effective_at: i64,
    /// The tenant's clock when it was posted.
    pub booked_at: i64,
    pub lines: Vec<Posting>,
}

impl EntryRow {
    pub(super) fn of(seen: &Seen<'_>, book: &str, number: i64, entry: &Entry) -> Self {
        let source = seen.entry;
        Self {
            tenant: source.tenant.as_str().to_owned(),
            position: source.position,
            number,
            entry_key: entry.key.clone(),
            book: book.to_owned(),
            stream_type: source.aggregate_type.clone(),
            stream_id: source.aggregate_id.clone(),
            currency: entry.currency.code().to_owned(),
            effective_at: entry.effective_at.as_microsecond(),
            booked_at: source.booked_at,
            lines: entry.lines().to_vec(),
        }
    }
}

impl EntryRow {
    /// The entry itself; `None` for a row that none can have written.
    pub fn entry(&self) -> Option<Entry> {
        let currency = Currency::parse(&self.currency).ok()?;
        Entry::stored(self.entry_key.clone(), from_micros(self.effective_at), currency, self.lines.clone())
    }
}

impl Row for EntryRow {
    const TABLE: Table = Table {
        name: "journal_entries",
        columns: &[
            text("tenant"),
            int("position"),
            int("number"),
            text("entry_key"),
            text("book"),
            text("stream_type"),
            text("stream_id"),
            text("currency"),
            int("effective_at"),
            int("booked_at"),
            text("lines"),
        ],
        key_columns: 3,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .int(self.position)
            .int(self.number)
            .text(&self.entry_key)
            .text(&self.book)
            .text(&self.stream_type)
            .text(&self.stream_id)
            .text(&self.currency)
            .int(self.effective_at)
            .int(self.booked_at)
            .json(&self.lines)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            position: cells.int()?,
            number: cells.int()?,
            entry_key: cells.text()?,
            book: cells.text()?,
            stream_type: cells.text()?,
            stream_id: cells.text()?,
            currency: cells.text()?,
            effective_at: cells.int()?,
            booked_at: cells.int()?,
            lines: cells.json()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 512
    }
}
