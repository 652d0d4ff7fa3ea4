//! What does an event add to the journal? The books it touches take it in; what they then come to is compared with what
//! they came to before. Entries that are new are posted; one that came out otherwise is taken back and posted anew under
//! the next number of its key, and nothing is ever edited.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Book, BookKey, PayoutFacts};
use super::chart::Account;
use super::derive::{Derived, Earning};
use super::direct;
use super::entry::Entry;
use super::rules::Rules;
use crate::event::LedgerEvent;
use crate::id::{InvoiceId, PaymentId};
use crate::invoice::{InvoiceChange, InvoiceEvent};
use crate::origin::Origin;
use crate::payment::{PaymentChange, PaymentEvent};
use crate::payout::{PayoutChange, PayoutEvent};
use crate::recognition::Segment;

/// What an event adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// In whose book.
    pub book: Option<BookKey>,
    pub entries: Vec<Entry>,
    /// Stretches of earning that begin to hold, and those that no longer do.
    pub earned: Vec<(Stretch, Holds)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    FromNow,
    NoMore,
}

/// A stretch of the schedule by which a line is earned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    pub book: BookKey,
    pub line: usize,
    pub account: Account,
    pub currency: crate::money::Currency,
    pub billed: i64,
    pub segment: Segment,
}

/// The books an event touches by what it says itself.
pub fn books(event: &LedgerEvent) -> Vec<BookKey> {
    match event {
        LedgerEvent::Invoice(event) => {
            let payments = named_payments(event).into_iter().map(BookKey::Payment);
            std::iter::once(BookKey::Invoice(event.invoice.clone())).chain(payments).collect()
        }
        LedgerEvent::Payment(event) => {
            let invoices = named_invoices(event).into_iter().map(BookKey::Invoice);
            std::iter::once(BookKey::Payment(event.payment.clone())).chain(invoices).collect()
        }
        LedgerEvent::Payout(event) => {
            let PayoutChange::PayoutReported { payout, .. } = &event.change;
            vec![BookKey::Payout(payout.id.clone())]
        }
        LedgerEvent::Account(event) => direct::book_of_account(event).into_iter().collect(),
        LedgerEvent::Usage(event) => direct::book_of_usage(event).into_iter().collect(),
        LedgerEvent::Customer(_)
        | LedgerEvent::Subscription(_)
        | LedgerEvent::Dunning(_)
        | LedgerEvent::StripeEvent(_)
        | LedgerEvent::CatalogueEntry(_)
        | LedgerEvent::TenantSettings(_)
        | LedgerEvent::Sandbox(_)
        | LedgerEvent::ProcessorCall(_) => Vec::new(),
    }
}

/// The book in which a payment is kept, where that is not its own; an event that touches the one touches the other.
pub fn home(book: &Book) -> Option<BookKey> {
    book.home.clone().map(BookKey::Invoice)
}

/// Takes an event in. The shelf holds every book that `books` and `home` name, where it exists; books that come to be
/// are put there, kept by the rules given.
pub fn post(shelf: &mut BTreeMap<BookKey, Book>, event: &LedgerEvent, rules: &Rules) -> Posted {
    if let Some(event) = event.invoice() {
        return compared(shelf, rules, |shelf| absorb_invoice(shelf, event));
    }
    if let Some(event) = event.payment() {
        return compared(shelf, rules, |shelf| absorb_payment(shelf, event));
    }
    if let Some(event) = event.payout() {
        return compared(shelf, rules, |shelf| absorb_payout(shelf, event));
    }
    if let Some(event) = event.account() {
        return direct::post_account(shelf, event);
    }
    event.usage().map(direct::post_usage).unwrap_or_default()
}

type Shelf = BTreeMap<BookKey, Book>;

fn absorb_invoice(shelf: &mut Shelf, event: &InvoiceEvent) -> BookKey {
    for payment in named_payments(event) {
        bring_home(shelf, &payment, &event.invoice);
    }
    let key = BookKey::Invoice(event.invoice.clone());
    shelf.entry(key.clone()).or_default().invoice.absorb(event);
    key
}

fn absorb_payment(shelf: &mut Shelf, event: &PaymentEvent) -> BookKey {
    for invoice in named_invoices(event) {
        bring_home(shelf, &event.payment, &invoice);
    }
    let own = BookKey::Payment(event.payment.clone());
    let key = shelf.get(&own).and_then(home).unwrap_or(own);
    let book = shelf.entry(key.clone()).or_default();
    book.payments.entry(event.payment.clone()).or_default().absorb(event);
    key
}

/// Moves what is known of a payment into the book of its invoice. Of several invoices that were ever named for it the
/// first by id keeps it, so that it ends in the same book whichever was named first.
fn bring_home(shelf: &mut Shelf, payment: &PaymentId, invoice: &InvoiceId) {
    let own_key = BookKey::Payment(payment.clone());
    let own = shelf.entry(own_key.clone()).or_default();
    if own.home.as_ref().is_some_and(|home| home <= invoice) {
        return;
    }
    let from = own.home.replace(invoice.clone()).map_or(own_key, BookKey::Invoice);
    let Some(left) = shelf.get_mut(&from) else { return };
    // Numbers of what was taken back go along, since no key may be given out again.
    let (facts, revisions) = (left.payments.remove(payment), left.revisions.clone());
    let book = shelf.entry(BookKey::Invoice(invoice.clone())).or_default();
    book.payments.extend(facts.map(|facts| (payment.clone(), facts)));
    number_on(&mut book.revisions, &revisions);
}

fn absorb_payout(shelf: &mut Shelf, event: &PayoutEvent) -> BookKey {
    let PayoutChange::PayoutReported { stamp, payout } = &event.change;
    let key = BookKey::Payout(payout.id.clone());
    PayoutFacts::absorb(&mut shelf.entry(key.clone()).or_default().payout, stamp.created, payout);
    key
}

/// The payments that an event joins to its invoice: what is known after it and what it said itself, whether that is the
/// newest or not. One of our own names its invoice by itself.
fn named_payments(event: &InvoiceEvent) -> BTreeSet<PaymentId> {
    let said = match &event.change {
        InvoiceChange::InvoicePaymentLinked { payment, .. } => return BTreeSet::from([payment.clone()]),
        InvoiceChange::InvoiceReported { snapshot, .. } => snapshot.as_deref(),
        InvoiceChange::InvoiceDrafted {}
        | InvoiceChange::InvoiceFinalized {}
        | InvoiceChange::InvoiceSent {}
        | InvoiceChange::InvoiceBalanceApplied { .. }
        | InvoiceChange::InvoiceCreditNoteIssued { .. }
        | InvoiceChange::InvoiceCreditNoteVoided { .. }
        | InvoiceChange::InvoiceCreditNoteReported { .. }
        | InvoiceChange::InvoiceReminded {}
        | InvoiceChange::InvoiceOverdue {}
        | InvoiceChange::InvoicePaid { .. }
        | InvoiceChange::InvoicePartiallyPaid { .. }
        | InvoiceChange::InvoicePaymentFailed { .. }
        | InvoiceChange::InvoiceVoided {}
        | InvoiceChange::InvoiceMarkedUncollectible {}
        | InvoiceChange::InvoiceDeleted {} => None,
    };
    let after = event.after.as_deref().filter(|after| after.origin == Origin::Stripe);
    said.into_iter().chain(after).filter_map(|invoice| invoice.payment.clone()).collect()
}

/// The invoices named for a payment by what is known after the event and by what it said itself.
fn named_invoices(event: &PaymentEvent) -> BTreeSet<InvoiceId> {
    let said = match &event.change {
        PaymentChange::ChargeReported { charge, .. }
        | PaymentChange::PaymentSucceeded { charge }
        | PaymentChange::PaymentDeclined { charge }
        | PaymentChange::PaymentPending { charge } => charge.invoice.clone(),
        PaymentChange::IntentReported { intent, .. } => intent.invoice.clone(),
        PaymentChange::RefundReported { .. }
        | PaymentChange::DisputeReported { .. }
        | PaymentChange::PaymentRefunded { .. }
        | PaymentChange::PaymentRefundSettled { .. }
        | PaymentChange::PaymentDisputed { .. } => None,
    };
    said.into_iter().chain(event.after.as_ref().and_then(|after| after.invoice.clone())).collect()
}

/// Lets the books take the event in and posts the difference.
fn compared(shelf: &mut Shelf, rules: &Rules, absorb: impl FnOnce(&mut Shelf) -> BookKey) -> Posted {
    let before = derived(shelf);
    let key = absorb(shelf);
    for book in shelf.values_mut() {
        book.rules.get_or_insert_with(|| rules.clone());
    }
    let after = derived(shelf);
    let mut revisions: BTreeMap<String, u32> = BTreeMap::new();
    for book in shelf.values() {
        number_on(&mut revisions, &book.revisions);
    }
    let entries = changed(&before, &after, &mut revisions);
    for (key, derived) in before.iter().chain(&after) {
        let Some(book) = shelf.get_mut(key) else { continue };
        let numbered = derived.entries.iter().filter_map(|entry| revisions.get_key_value(&entry.key));
        book.revisions.extend(numbered.map(|(key, number)| (key.clone(), *number)));
    }
    let earned = changed_stretches(&before, &after);
    Posted { book: (!entries.is_empty() || !earned.is_empty()).then_some(key), entries, earned }
}

/// Of two numbers of one key the higher counts.
fn number_on(revisions: &mut BTreeMap<String, u32>, others: &BTreeMap<String, u32>) {
    for (key, number) in others {
        let known = revisions.entry(key.clone()).or_default();
        *known = (*known).max(*number);
    }
}

fn derived(shelf: &Shelf) -> Vec<(BookKey, Derived)> {
    shelf.iter().map(|(key, book)| (key.clone(), book.derive(key))).collect()
}

/// Reversals first, then what is new.
fn changed(
    before: &[(BookKey, Derived)],
    after: &[(BookKey, Derived)],
    revisions: &mut BTreeMap<String, u32>,
) -> Vec<Entry> {
    let all = |books: &'_ [(BookKey, Derived)]| -> Vec<Entry> {
        books.iter().flat_map(|(_, derived)| derived.entries.iter().cloned()).collect()
    };
    let (before, after) = (all(before), all(after));
    let mut entries = Vec::new();
    for old in &before {
        if after.iter().any(|new| is_same(old, new)) {
            continue;
        }
        let revision = revisions.entry(old.key.clone()).or_insert(1);
        entries.push(old.reversed(format!("{}:reversed", revised(&old.key, *revision))));
        *revision += 1;
    }
    for new in after {
        if !before.iter().any(|old| is_same(old, &new)) {
            let key = revised(&new.key, revisions.get(&new.key).copied().unwrap_or(1));
            entries.push(new.renamed(key));
        }
    }
    entries
}

/// Two reports of one thing may date it seconds apart; that alone posts nothing again.
fn is_same(old: &Entry, new: &Entry) -> bool {
    const DAY_S: u64 = 86_400;
    let apart = old.effective_at.as_second().abs_diff(new.effective_at.as_second());
    old.key == new.key && old.currency == new.currency && old.lines() == new.lines() && apart < DAY_S
}

fn revised(key: &str, revision: u32) -> String {
    if revision == 1 { key.to_owned() } else { format!("{key}#{revision}") }
}

fn changed_stretches(before: &[(BookKey, Derived)], after: &[(BookKey, Derived)]) -> Vec<(Stretch, Holds)> {
    let (mut gone, mut new) = (stretches(before), stretches(after));
    gone.retain(|old| match new.iter().position(|stretch| stretch == old) {
        Some(index) => {
            new.remove(index);
            false
        }
        None => true,
    });
    let gone = gone.into_iter().map(|stretch| (stretch, Holds::NoMore));
    gone.chain(new.into_iter().map(|stretch| (stretch, Holds::FromNow))).collect()
}

fn stretches(books: &[(BookKey, Derived)]) -> Vec<Stretch> {
    let of = |book: &BookKey, earning: &Earning| -> Vec<Stretch> {
        let Earning { line, account, currency, billed, schedule } = earning;
        let stretch = |segment: &Segment| Stretch {
            book: book.clone(),
            line: *line,
            account: *account,
            currency: *currency,
            billed: *billed,
            segment: *segment,
        };
        schedule.segments().iter().map(stretch).collect()
    };
    books.iter().flat_map(|(key, derived)| derived.earnings.iter().flat_map(move |earning| of(key, earning))).collect()
}
