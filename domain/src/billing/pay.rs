//! What people do with finalized invoices: pay, refund, credit, void, write off.

use super::collect::{collect, note_fate, note_paid, subscription_of};
use super::create::settle;
use super::desk::Desk;
use super::ids::payment_of;
use crate::account::{AccountCommand, CreditSource};
use crate::credit_note::{Creditable, Settle, Wanted};
use crate::id::{InvoiceId, PaymentId, PaymentMethodId};
use crate::invoice::{InvoiceCommand, InvoiceStatus, IssuedNote, Line};
use crate::invoice_totals::Applied;
use crate::money::Currency;
use crate::origin::Origin;
use crate::payment::{PaymentCommand, PaymentSnapshot, RefundReport, RefundStatus};
use crate::proration::{Adjusted, Billed};
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::subscription::{AsBilled, SubscriptionCommand};

/// Gives a draft its number, and charges or sends it.
pub fn finalize(desk: &mut Desk, id: &InvoiceId) -> Result<(), Refusal> {
    let year = Some(desk.rules.year(desk.now));
    desk.on_invoice(id, InvoiceCommand::Finalize { year })?;
    settle(desk, id)
}

/// Charges an open invoice now, by a given method or the one agreed on.
pub fn pay(desk: &mut Desk, id: &InvoiceId, method: Option<&PaymentMethodId>) -> Result<(), Refusal> {
    let status = desk.invoice(id)?.status;
    if !matches!(status, InvoiceStatus::Open | InvoiceStatus::Uncollectible) {
        return Err(Refusal::illegal("an invoice", status.as_str(), "pay"));
    }
    if let Some(method) = method
        && desk.party.state.method(method).is_none_or(|method| !method.attached)
    {
        return Err(Refusal::invalid("payment_method_id", "is not one of the customer's payment methods"));
    }
    collect(desk, id, method)
}

/// Money that came another way; more than remains becomes credit.
pub fn receive_out_of_band(desk: &mut Desk, id: &InvoiceId, amount_minor: Option<i64>) -> Result<(), Refusal> {
    receive(desk, id, None, amount_minor)
}

/// Money for an invoice, out of band where it came by no payment of ours.
pub(super) fn receive(
    desk: &mut Desk,
    id: &InvoiceId,
    payment: Option<&PaymentId>,
    amount_minor: Option<i64>,
) -> Result<(), Refusal> {
    let before = desk.invoice(id)?.clone();
    let (payment, out_of_band) = (payment.cloned(), payment.is_none());
    desk.on_invoice(id, InvoiceCommand::RecordPayment { payment, out_of_band, amount_minor })?;
    let excess_minor = amount_minor.unwrap_or(0).saturating_sub(before.amount_remaining_minor);
    if excess_minor > 0 {
        give_credit(desk, before.currency, excess_minor, CreditSource::Overpayment { invoice: id.clone() })?;
    }
    note_paid(desk, id)
}

/// Pays money back; the sandbox does so at once.
pub fn refund(
    desk: &mut Desk,
    id: &PaymentId,
    refund: &str,
    amount_minor: Option<i64>,
    reason: Option<String>,
    status: RefundStatus,
) -> Result<(), Refusal> {
    let held = desk.payments.get(id).and_then(|held| held.state.snapshot());
    let payment = held.ok_or_else(|| Refusal::not_found("payment"))?;
    let bought = bought_balance(&payment);
    let mut left = payment.amount_minor - payment.refunded_minor - payment.disputed_minor;
    if bought {
        left = left.min(desk.account.state.snapshot().balance(payment.currency).prepaid_minor());
    }
    let amount_minor = amount_minor.unwrap_or(left);
    let report = RefundReport {
        id: refund.to_owned(),
        status,
        amount_minor,
        currency: payment.currency,
        created_at: desk.now,
        reason,
    };
    desk.on_payment(id, PaymentCommand::Refund { refund: report })?;
    if bought { refund_prepaid(desk, id, refund, payment.currency, amount_minor) } else { Ok(()) }
}

pub fn settle_refund(desk: &mut Desk, id: &PaymentId, refund: &str, status: RefundStatus) -> Result<(), Refusal> {
    let held = desk.payments.get(id).cloned();
    desk.on_payment(id, PaymentCommand::SettleRefund { refund: refund.to_owned(), status })?;
    let Some(held) = held.filter(|_| matches!(status, RefundStatus::Failed | RefundStatus::Canceled)) else {
        return Ok(());
    };
    let waited = held.state.all_refunds().find(|known| known.id == refund && known.status == RefundStatus::Pending);
    let Some((payment, known)) = held.state.snapshot().filter(bought_balance).zip(waited) else { return Ok(()) };
    refund_prepaid(desk, id, refund, payment.currency, -known.amount_minor)
}

/// Of our own payments only those that bought balance are for no invoice.
fn bought_balance(payment: &PaymentSnapshot) -> bool {
    payment.origin == Origin::Daybook && payment.invoice.is_none() && payment.succeeded_at.is_some()
}

/// What was bought goes back with the money.
fn refund_prepaid(
    desk: &mut Desk,
    payment: &PaymentId,
    refund: &str,
    currency: Currency,
    amount_minor: i64,
) -> Result<(), Refusal> {
    let (id, payment, refund) = (desk.customer.clone(), payment.clone(), refund.to_owned());
    desk.on_account(AccountCommand::RefundPrepaid { id, currency, amount_minor, payment, refund })
}

/// A credit note to be issued.
pub(super) struct NewNote<'n> {
    pub id: String,
    pub wanted: Wanted<'n>,
    pub settle: Settle,
    pub reason: Option<Sealed>,
}

/// Credits a part of an invoice, or all of it that is left.
pub fn credit(
    desk: &mut Desk,
    invoice: &InvoiceId,
    note: &str,
    wanted: Wanted,
    settle: Settle,
    reason: Option<Sealed>,
) -> Result<(), Refusal> {
    put_note(desk, invoice, NewNote { id: note.to_owned(), wanted, settle, reason })?;
    // Together with what prorations gave back, no more than was billed (K-10 of billing.md §5.1).
    adjust_billed(desk, invoice, note, |billed, credit| {
        let left_minor = billed.creditable_minor();
        if credit.amount_minor > left_minor {
            let reason = format!("is more than the {left_minor} minor units that were not given back of its line");
            return Err(Refusal::invalid("amount", reason));
        }
        billed.adjusted.push(credit);
        Ok(())
    })
}

/// What a note credited of a line cannot be given back of it again, whatever the time; unless the note is voided.
fn adjust_billed(
    desk: &mut Desk,
    id: &InvoiceId,
    note: &str,
    adjust: impl Fn(&mut Billed, Adjusted) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let Some(subscription) = subscription_of(desk, id) else { return Ok(()) };
    let mut billed = desk.subscription(&subscription)?.terms.billed.clone();
    let invoice = desk.invoice(id)?;
    let issued = invoice.notes.iter().filter(|issued| issued.id == note);
    for credited in issued.flat_map(|issued| &issued.note.lines) {
        let line = invoice.lines.get(credited.line).and_then(|line| line.id.as_deref());
        let credit = &credited.credit;
        let (amount_minor, tax_minor) = (credit.net_minor(), credit.exclusive_tax_minor());
        if let Some(billed) = billed.iter_mut().find(|billed| Some(billed.line.as_str()) == line) {
            adjust(billed, Adjusted { amount_minor, tax_minor, period: None })?;
        }
    }
    let as_billed = AsBilled { billed: Some(billed), ..AsBilled::default() };
    desk.on_subscription(&subscription, SubscriptionCommand::NoteBilled { as_billed })
}

pub(super) fn put_note(desk: &mut Desk, invoice: &InvoiceId, new: NewNote) -> Result<(), Refusal> {
    let before = desk.invoice(invoice)?.clone();
    if !matches!(before.status, InvoiceStatus::Open | InvoiceStatus::Paid | InvoiceStatus::Uncollectible) {
        return Err(Refusal::illegal("an invoice", before.status.as_str(), "credit"));
    }
    let totals = before.totals()?;
    let mut note = Creditable::of(&totals, &before.standing_notes())?.issue(new.wanted, new.settle)?;
    let payment = before.payment.clone().map_or_else(|| payment_of(invoice), Ok)?;
    if new.settle == Settle::Refund {
        // What came another way than by the payment cannot go back by it.
        let beyond_minor = (note.settlement.refund_minor - refundable_minor(desk, &payment)).max(0);
        note.settlement.refund_minor -= beyond_minor;
        note.settlement.to_balance_minor += beyond_minor;
    }
    let settlement = note.settlement;
    let refund = (settlement.refund_minor > 0).then(|| format!("re_{}", new.id));
    let issued = IssuedNote {
        id: new.id.clone(),
        number: String::new(),
        issued_at: desk.now,
        reason: new.reason,
        refund: refund.clone(),
        voided_at: None,
        note,
    };
    let year = desk.rules.year(desk.now);
    desk.on_invoice(invoice, InvoiceCommand::IssueNote { note: Box::new(issued), year })?;
    if settlement.to_balance_minor > 0 {
        let source = CreditSource::CreditNote { invoice: invoice.clone(), note: new.id };
        give_credit(desk, before.currency, settlement.to_balance_minor, source)?;
    }
    if let Some(id) = refund {
        let reason = Some("credit_note".to_owned());
        refund_of_note(desk, &payment, &id, settlement.refund_minor, reason)?;
    }
    note_paid(desk, invoice)
}

fn refundable_minor(desk: &Desk, payment: &PaymentId) -> i64 {
    let payment = desk.payments.get(payment).and_then(|held| held.state.snapshot());
    let taken = payment.filter(|payment| payment.succeeded_at.is_some());
    taken.map_or(0, |payment| (payment.amount_minor - payment.refunded_minor - payment.disputed_minor).max(0))
}

fn refund_of_note(
    desk: &mut Desk,
    payment: &PaymentId,
    id: &str,
    minor: i64,
    reason: Option<String>,
) -> Result<(), Refusal> {
    refund(desk, payment, id, Some(minor), reason, RefundStatus::Succeeded)
}

/// Takes a credit note back; credit that was spent meanwhile cannot be.
pub fn void_note(desk: &mut Desk, invoice: &InvoiceId, note: &str) -> Result<(), Refusal> {
    let before = desk.invoice(invoice)?.clone();
    let known = before.notes.iter().find(|known| known.id == note);
    let known = known.ok_or_else(|| Refusal::not_found("credit note"))?;
    desk.on_invoice(invoice, InvoiceCommand::VoidNote { id: note.to_owned() })?;
    let to_balance_minor = known.note.settlement.to_balance_minor;
    if to_balance_minor > 0 && known.voided_at.is_none() {
        let source = CreditSource::VoidedNote { invoice: invoice.clone(), note: note.to_owned() };
        give_credit(desk, before.currency, -to_balance_minor, source)?;
    }
    if known.voided_at.is_some() {
        return Ok(());
    }
    adjust_billed(desk, invoice, note, |billed, credit| {
        if let Some(index) = billed.adjusted.iter().position(|adjusted| *adjusted == credit) {
            billed.adjusted.remove(index);
        }
        Ok(())
    })
}

/// Voids an invoice of which nothing was paid: what it used of the balance comes back, and what it billed in advance can
/// no longer be given back.
pub fn void_invoice(desk: &mut Desk, id: &InvoiceId) -> Result<(), Refusal> {
    let before = desk.invoice(id)?.clone();
    desk.on_invoice(id, InvoiceCommand::Void)?;
    let applied = before.applied();
    if applied != Applied::default() {
        let (customer, currency, invoice) = (desk.customer.clone(), before.currency, id.clone());
        desk.on_account(AccountCommand::Return { id: customer, currency, applied, invoice })?;
    }
    if let Some(subscription) = subscription_of(desk, id) {
        let mut billed = desk.subscription(&subscription)?.terms.billed.clone();
        billed.retain(|billed| before.lines.iter().all(|line| line.id.as_deref() != Some(billed.line.as_str())));
        before.lines.iter().for_each(|line| take_back(&mut billed, line));
        let as_billed = AsBilled { billed: Some(billed), ..AsBilled::default() };
        desk.on_subscription(&subscription, SubscriptionCommand::NoteBilled { as_billed })?;
        // A voided invoice is ignored where the status is told (billing.md §3.1).
        desk.on_subscription(&subscription, SubscriptionCommand::NoteUncollectible { invoice: id.clone() })?;
    }
    note_fate(desk, id)
}

/// What a voided line gave back of another can be given back again.
fn take_back(billed: &mut [Billed], line: &Line) {
    let credited = billed.iter_mut().find(|billed| line.credits.as_ref() == Some(&billed.line));
    let Some(credited) = credited else { return };
    let of_line = |adjusted: &Adjusted| adjusted.period == line.period && adjusted.amount_minor == -line.amount_minor;
    if let Some(index) = credited.adjusted.iter().position(of_line) {
        credited.adjusted.remove(index);
    }
}

/// Gives up an open invoice.
pub fn write_off(desk: &mut Desk, id: &InvoiceId) -> Result<(), Refusal> {
    desk.on_invoice(id, InvoiceCommand::MarkUncollectible)?;
    if let Some(subscription) = subscription_of(desk, id) {
        desk.on_subscription(&subscription, SubscriptionCommand::NoteUncollectible { invoice: id.clone() })?;
    }
    note_fate(desk, id)
}

fn give_credit(desk: &mut Desk, currency: Currency, amount_minor: i64, source: CreditSource) -> Result<(), Refusal> {
    let id = desk.customer.clone();
    desk.on_account(AccountCommand::Credit { id, currency, amount_minor, source })
}
