//! What is remembered of objects that belong together, of a tenant's rules, or of all its sums. The fold's own memory; no
//! surface reads it.

use domain::journal::{Balances, Book, BookKey, Rules};
use domain::money::Currency;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

/// Under which names a tenant's rules and its sums are kept; no other book's name is without a slash.
pub(super) const RULES: &str = "rules";
pub(super) const SUMS: &str = "sums";

#[derive(Debug, Clone, PartialEq)]
pub struct BookRow {
    pub tenant: String,
    /// `invoice/in_…` and so on.
    pub book: String,
    pub state: State,
    /// The last event that changed it.
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Book(Box<Book>),
    Rules(Rules),
    Sums(Sums),
}

/// What was ever debited and credited, by currency and account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums(pub Balances);

impl Row for BookRow {
    const TABLE: Table = Table {
        name: "journal_books",
        columns: &[text("tenant"), text("book"), text("state"), int("position")],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        let cells = Writer::new(&Self::TABLE).text(&self.tenant).text(&self.book);
        let cells = match &self.state {
            State::Book(book) => cells.json(book),
            State::Rules(rules) => cells.json(rules),
            State::Sums(sums) => cells.json(&sums.cells()),
        };
        cells.int(self.position).finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        let (tenant, book) = (cells.text()?, cells.text()?);
        let state = match book.as_str() {
            RULES => State::Rules(cells.json()?),
            SUMS => State::Sums(Sums::of(cells.json()?)),
            _ => State::Book(cells.json()?),
        };
        Ok(Self { tenant, book, state, position: cells.int()? })
    }

    fn weight(&self) -> usize {
        // A book has lines, names and times beside its own size.
        size_of::<Self>() + size_of::<Book>() + 1_024
    }
}

type Cell = (Currency, domain::journal::Account, i64, i64);

impl Sums {
    fn cells(&self) -> Vec<Cell> {
        let cell = |(currency, account, sum): (_, _, domain::journal::AccountBalance)| {
            (currency, account, sum.debit_minor, sum.credit_minor)
        };
        self.0.iter().map(cell).collect()
    }

    fn of(cells: Vec<Cell>) -> Self {
        let mut sums = Balances::default();
        for (currency, account, debit_minor, credit_minor) in cells {
            sums.add_posted(currency, account, debit_minor, credit_minor);
        }
        Self(sums)
    }
}

/// The row's key of a book.
pub(super) fn name(book: &BookKey) -> String {
    book.to_string()
}
