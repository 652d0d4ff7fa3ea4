//! What is done with invoices: made, finalized, paid, credited, voided, written off, reminded of.

use domain::billing::{self, Bill, Desk, Subject};
use domain::credit_note::{Settle, Wanted};
use domain::id::{CustomerId, InvoiceId};
use domain::invoice::{Invoice, InvoiceCommand, InvoiceSnapshot, InvoiceStatus, Line};
use domain::money::Currency;
use domain::origin::Origin;
use domain::refusal::Refusal;
use store::{AsOf, Ledger};

use super::repeats::once;
use super::{Call, Done, stripe_calls};
use crate::billing::{Place, bill};
use crate::failure::Failure;

/// Where the money of a credit note goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditTo {
    Balance,
    Refund,
    /// Off what remains to be paid.
    Receivable,
}

/// Money that came another way. `None` is all that remains.
pub async fn receive_out_of_band(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    amount_minor: Option<i64>,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return stripe_calls::receive_out_of_band(ledger, call, patience, id, amount_minor).await;
    }
    on_invoice(ledger, call, id, id, |desk, id| billing::receive_out_of_band(desk, id, amount_minor)).await
}

pub async fn void_invoice(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return stripe_calls::void_invoice(ledger, call, patience, id).await;
    }
    on_invoice(ledger, call, id, id, billing::void_invoice).await
}

pub async fn mark_uncollectible(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    on_invoice(ledger, call, id, id, billing::write_off).await
}

/// Puts a reminder into the outbox of messages.
pub async fn remind_of_invoice(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    on_invoice(ledger, call, id, id, |desk, id| desk.on_invoice(id, InvoiceCommand::Remind)).await
}

/// Issues a credit note over a sum with its tax; `None` is all that is left. What is done has the note's id.
pub async fn credit_invoice(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    amount_minor: Option<i64>,
    to: CreditTo,
    reason: Option<String>,
) -> Result<Done, Failure> {
    let snapshot = invoice(ledger, call, &parse(id)?).await?;
    // A note is found again by its id, which has its invoice's in it.
    let note = store::ids::prefixed(&format!("cn_{}_", id.strip_prefix("in_").unwrap_or(id)));
    let reason = match (&snapshot.customer, reason) {
        (Some(customer), Some(reason)) => {
            let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
            Some(sealer.seal(&reason))
        }
        (_, _) => None,
    };
    let settle = match to {
        CreditTo::Balance => Settle::ToBalance,
        CreditTo::Refund => Settle::Refund,
        CreditTo::Receivable => Settle::BeforePayment,
    };
    let wanted = amount_minor.map_or(Wanted::Rest, Wanted::Amount);
    on_invoice(ledger, call, id, &note, |desk, id| billing::credit(desk, id, &note, wanted, settle, reason.clone()))
        .await
}

pub async fn void_credit_note(ledger: &Ledger, call: &Call, note: &str) -> Result<Done, Failure> {
    let invoice = invoice_of_note(note)?;
    on_invoice(ledger, call, invoice.as_str(), note, |desk, id| billing::void_note(desk, id, note)).await
}

/// The invoice that a note with this id is of, if there is such a note.
pub(crate) fn invoice_of_note(note: &str) -> Result<InvoiceId, Failure> {
    let tail = note.strip_prefix("cn_").and_then(|rest| rest.rsplit_once('_'));
    let invoice = tail.and_then(|(tail, _)| InvoiceId::parse(&format!("in_{tail}")).ok());
    invoice.ok_or_else(|| Failure::not_found("credit note"))
}

/// Gives a draft its number, and charges or sends it.
pub async fn finalize_invoice(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    on_invoice(ledger, call, id, id, billing::finalize).await
}

/// An invoice over things that no subscription bills.
#[derive(Debug, Clone)]
pub struct InvoiceFields {
    pub customer_id: String,
    pub currency: Currency,
    pub items: Vec<ItemFields>,
    /// Lines that wait on the customer's account are billed along.
    pub with_pending: bool,
    /// `None` is charged at once.
    pub due_in_days: Option<u16>,
    pub finalize: bool,
}

#[derive(Debug, Clone)]
pub struct ItemFields {
    pub description: String,
    pub quantity: u64,
    /// Of the whole line.
    pub amount_minor: i64,
}

/// Makes an invoice, and charges or sends it where it is not left a draft. What is done has the invoice's id.
pub async fn create_invoice(ledger: &Ledger, call: &Call, fields: &InvoiceFields) -> Result<Done, Failure> {
    once(ledger, call, async {
        let customer = CustomerId::parse(&fields.customer_id).map_err(|_| Failure::not_found("customer"))?;
        let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
        let line = |item: &ItemFields| Line {
            quantity: item.quantity,
            ..billing::line_of_sum(item.amount_minor, "", Some(sealer.seal(&item.description)))
        };
        let wanted = Bill {
            key: store::ids::prefixed(""),
            currency: fields.currency,
            lines: fields.items.iter().map(line).collect(),
            with_pending: fields.with_pending,
            due_in_days: fields.due_in_days,
            finalize: false,
        };
        let place = Place::of(customer);
        let id = billing::sale_of(&place.customer, &wanted.key)?;
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), |desk| {
            desk.confirm_payer(None)?;
            let id = billing::bill_now(desk, &wanted)?;
            if fields.finalize { billing::finalize(desk, &id) } else { Ok(()) }
        })
        .await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}

/// The invoice as it was at a position.
pub async fn invoice_at(ledger: &Ledger, call: &Call, done: &Done) -> Result<Invoice, Failure> {
    let loaded = ledger.load_at::<Invoice>(&call.tenant, &done.id, AsOf::Position(done.position)).await?;
    Ok(std::sync::Arc::unwrap_or_clone(loaded.state))
}

/// The invoice as it stands.
pub(crate) async fn invoice(ledger: &Ledger, call: &Call, id: &InvoiceId) -> Result<InvoiceSnapshot, Failure> {
    let loaded = ledger.load::<Invoice>(&call.tenant, id.as_str()).await?;
    let snapshot = loaded.state.snapshot().filter(|snapshot| snapshot.status != InvoiceStatus::Deleted);
    snapshot.cloned().ok_or_else(|| Failure::not_found("invoice"))
}

/// Does something with an invoice; `result` is what a repetition is answered with.
async fn on_invoice(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    result: &str,
    work: impl Fn(&mut Desk, &InvoiceId) -> Result<(), Refusal>,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let id = parse(id)?;
        let snapshot = invoice(ledger, call, &id).await?;
        foreign(snapshot.origin)?;
        let customer = snapshot.customer.clone().ok_or_else(|| Failure::not_found("customer"))?;
        let mut place = Place::of(customer);
        place.subjects = vec![Subject::Invoice(id.clone())];
        let ((), receipt) = bill(ledger, call, &place, result, |desk| work(desk, &id)).await?;
        Ok(Done::of(result, receipt))
    })
    .await
}

/// What Stripe billed is changed at Stripe, which tells what became of it.
pub(super) fn foreign(origin: Origin) -> Result<(), Failure> {
    match origin {
        Origin::Daybook => Ok(()),
        Origin::Stripe => Err(Failure::Illegal { reason: "what Stripe billed is changed at Stripe".to_owned() }),
    }
}

pub(crate) fn parse(id: &str) -> Result<InvoiceId, Failure> {
    InvoiceId::parse(id).map_err(|_| Failure::not_found("invoice"))
}
