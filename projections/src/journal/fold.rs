//! How events become entries: the books they concern are taken out, take the event in, and are put back; what they post
//! is written beside them and added to the tenant's sums.

use std::collections::{BTreeMap, BTreeSet};

use domain::account::Account as CustomerAccount;
use domain::event::LedgerEvent;
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::journal::{Book, BookKey, Posted, Rules, books, home, post};
use domain::payment::Payment;
use domain::payout::Payout;
use domain::tenant_settings::TenantSettings;
use domain::usage::UsageLog;
use store::{Value, Values};

use super::balance_row::BalanceRow;
use super::book_row::{BookRow, RULES, SUMS, State, Sums, name};
use super::entry_row::EntryRow;
use super::schedule_row::ScheduleRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};
use crate::sheet::Rows;

#[derive(Debug)]
pub struct JournalFold;

impl Fold for JournalFold {
    type Row = BookRow;

    const READS: &'static [&'static str] =
        &[Invoice::TYPE, Payment::TYPE, Payout::TYPE, CustomerAccount::TYPE, UsageLog::TYPE, TenantSettings::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        let tenant = seen.entry.tenant.as_str();
        if let LedgerEvent::TenantSettings(_) = seen.event {
            keys.push(text_key(&[tenant, RULES]));
            return;
        }
        let books = books(seen.event);
        if !books.is_empty() {
            keys.push(text_key(&[tenant, RULES]));
            keys.push(text_key(&[tenant, SUMS]));
            keys.extend(books.iter().map(|book| text_key(&[tenant, &name(book)])));
        }
    }

    fn leads_to(&self, row: &BookRow, keys: &mut Vec<Values>) {
        if let State::Book(book) = &row.state {
            keys.extend(home(book).map(|home| text_key(&[&row.tenant, &name(&home)])));
        }
    }

    /// Only rules stand by themselves; books are folded together.
    fn fold(
        &self,
        row: Option<BookRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<BookRow>, FoldError> {
        let LedgerEvent::TenantSettings(event) = seen.event else { return Ok(row) };
        Ok(Some(row_of(seen, RULES, State::Rules(Rules::of(&event.after)))))
    }

    fn fold_all(
        &self,
        keys: &[Values],
        rows: &mut Rows<'_, BookRow>,
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<(), FoldError> {
        if let (LedgerEvent::TenantSettings(_), [key]) = (seen.event, keys) {
            let row = rows.take(key);
            if let Some(row) = self.fold(row, key, seen, emitted)? {
                rows.put(key, row);
            }
            return Ok(());
        }
        let key_of = |book: &str| text_key(&[seen.entry.tenant.as_str(), book]);
        let rules = match rows.get(&key_of(RULES)).map(|row| &row.state) {
            Some(State::Rules(rules)) => rules.clone(),
            Some(State::Book(_) | State::Sums(_)) | None => Rules::default(),
        };
        let (mut held, before) = take_books(rows, seen);
        let posted = post(&mut held, seen.event, &rules);
        for (key, book) in held {
            let name = name(&key);
            let known = before.get(&key);
            if known.is_some_and(|(_, known)| *known == book) {
                let position = known.map_or(0, |(position, _)| *position);
                rows.put_back(&key_of(&name), BookRow { position, ..row_of(seen, &name, State::Book(Box::new(book))) });
            } else if known.is_some() || !book.is_empty() {
                rows.put(&key_of(&name), row_of(seen, &name, State::Book(Box::new(book))));
            }
        }
        write(&posted, rows, &key_of(SUMS), seen, emitted)
    }
}

type Shelf = BTreeMap<BookKey, Book>;

/// The books of the event, and those they lead to; and what they were and since which position.
fn take_books(rows: &mut Rows<'_, BookRow>, seen: &Seen<'_>) -> (Shelf, BTreeMap<BookKey, (i64, Book)>) {
    let (mut shelf, mut before) = (Shelf::new(), BTreeMap::new());
    let mut wanted = books(seen.event);
    while let Some(key) = wanted.pop() {
        let row = rows.take(&text_key(&[seen.entry.tenant.as_str(), &name(&key)]));
        let Some(BookRow { state: State::Book(book), position, .. }) = row else { continue };
        wanted.extend(home(&book));
        before.insert(key.clone(), (position, book.as_ref().clone()));
        shelf.insert(key, *book);
    }
    (shelf, before)
}

fn row_of(seen: &Seen<'_>, book: &str, state: State) -> BookRow {
    let tenant = seen.entry.tenant.as_str().to_owned();
    BookRow { tenant, book: book.to_owned(), state, position: seen.entry.position }
}

/// Writes what was posted, and the sums of the accounts it moved.
fn write(
    posted: &Posted,
    rows: &mut Rows<'_, BookRow>,
    sums_key: &Values,
    seen: &Seen<'_>,
    emitted: &mut Emitted,
) -> Result<(), FoldError> {
    let book = posted.book.as_ref().map(name).unwrap_or_default();
    for ((stretch, holds), number) in posted.earned.iter().zip(1..) {
        emitted.put(&ScheduleRow::of(seen, number, stretch, *holds));
    }
    if posted.entries.is_empty() {
        return Ok(());
    }
    let mut sums = match rows.take(sums_key).map(|row| row.state) {
        Some(State::Sums(sums)) => sums,
        Some(State::Book(_) | State::Rules(_)) | None => Sums::default(),
    };
    let mut moved = BTreeSet::new();
    for (entry, number) in posted.entries.iter().zip(1..) {
        emitted.put(&EntryRow::of(seen, &book, number, entry));
        sums.0.add_entry(entry);
        moved.extend(entry.lines().iter().map(|line| (entry.currency, line.account)));
    }
    for (currency, account) in moved {
        let sum = sums.0.of(currency, account);
        if sum.debit_minor == i64::MAX || sum.credit_minor == i64::MAX {
            return Err(FoldError::Overflow("the sum of an account"));
        }
        emitted.put(&BalanceRow {
            tenant: seen.entry.tenant.as_str().to_owned(),
            currency: currency.code().to_owned(),
            account: i64::from(account.number()),
            debit_minor: sum.debit_minor,
            credit_minor: sum.credit_minor,
            position: seen.entry.position,
        });
    }
    rows.put(sums_key, row_of(seen, SUMS, State::Sums(sums)));
    Ok(())
}
