//! What is done with payments: something is sold once and charged, a failed one is tried again, money is given back, and the
//! sandbox plays the bank that disputes.

use domain::billing::{self, Bill, Desk, Subject};
use domain::customer::PaymentMethod;
use domain::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId};
use domain::invoice::Invoice;
use domain::money::{Currency, Money};
use domain::payment::{
    DisputeReport, DisputeStatus, Payment, PaymentCommand, PaymentSnapshot, RefundReport, RefundStatus,
};
use domain::refusal::Refusal;
use domain::sealed::Sealed;
use store::{AsOf, Ledger};

use super::invoices::{foreign, invoice, parse as parse_invoice};
use super::payment_methods::{NewMethod, method_of};
use super::repeats::once;
use super::{Call, Done, stripe_calls};
use crate::billing::{Place, bill};
use crate::failure::Failure;

/// What the sandbox takes for a dispute, in minor units of a two-digit currency: Stripe's 15.00.
const DISPUTE_FEE_MINOR: i64 = 1_500;
/// Why a charge fails for which there is nothing to charge.
const NO_METHOD: &str = "payment_method_missing";

/// What a charge is made to. A card is attached to the customer first.
#[derive(Debug, Clone, Default)]
pub enum PayWith {
    #[default]
    Agreed,
    Method(PaymentMethodId),
    New(NewMethod),
}

/// Something sold once.
#[derive(Debug, Clone)]
pub struct SaleFields {
    pub customer_id: String,
    pub amount: Money,
    pub description: Option<String>,
    pub pay_with: PayWith,
}

/// A failed payment to be tried again. What is `None` is not checked.
#[derive(Debug, Clone)]
pub struct RetryFields {
    pub invoice_id: String,
    pub customer_id: Option<String>,
    /// What remains of the invoice, as the caller believes.
    pub amount: Option<Money>,
    pub pay_with: PayWith,
}

/// Sells something and charges it at once. What is done has the payment's id; whether it succeeded is on it.
pub async fn sell(ledger: &Ledger, call: &Call, fields: &SaleFields) -> Result<Done, Failure> {
    once(ledger, call, async {
        let customer = CustomerId::parse(&fields.customer_id).map_err(|_| Failure::not_found("customer"))?;
        let note = match &fields.description {
            Some(text) => {
                Some(ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?.seal(text))
            }
            None => None,
        };
        let payer = Payer::of(ledger, call, &customer, &fields.pay_with).await?;
        let description = if note.is_some() { "" } else { "Payment" };
        let wanted = Bill {
            key: store::ids::prefixed(""),
            currency: fields.amount.currency(),
            lines: vec![billing::line_of_sum(fields.amount.minor(), description, note)],
            with_pending: false,
            due_in_days: None,
            finalize: true,
        };
        let place = Place::of(customer);
        // The id of the payment follows from the customer and the key.
        let payment = billing::payment_of(&billing::sale_of(&place.customer, &wanted.key)?)?;
        let (_, receipt) = bill(ledger, call, &place, payment.as_str(), |desk| {
            let method = payer.confirm(desk)?;
            billing::sell(desk, &wanted, method)
        })
        .await?;
        Ok(Done::of(payment.as_str(), receipt))
    })
    .await
}

/// Charges what remains of an invoice again. What is done has the payment's id; whether it succeeded is on it.
pub async fn retry_payment(ledger: &Ledger, call: &Call, fields: &RetryFields) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return stripe_calls::retry_payment(ledger, call, patience, fields).await;
    }
    once(ledger, call, async {
        let id = parse_invoice(&fields.invoice_id)?;
        let snapshot = invoice(ledger, call, &id).await?;
        foreign(snapshot.origin)?;
        let customer = snapshot.customer.clone().ok_or_else(|| Failure::not_found("customer"))?;
        if fields.customer_id.as_ref().is_some_and(|asked| asked != customer.as_str()) {
            return Err(Failure::invalid("customer_id", None, "The customer of the invoice"));
        }
        let payer = Payer::of(ledger, call, &customer, &fields.pay_with).await?;
        let payment = snapshot.payment.clone().map_or_else(|| billing::payment_of(&id), Ok)?;
        let mut place = Place::of(customer);
        place.subjects = vec![Subject::Invoice(id.clone())];
        let ((), receipt) = bill(ledger, call, &place, payment.as_str(), |desk| {
            check_amount(desk, &id, fields.amount)?;
            let method = payer.confirm(desk)?;
            billing::pay(desk, &id, method)
        })
        .await?;
        Ok(Done::of(payment.as_str(), receipt))
    })
    .await
}

/// The payment as it was at a position; a failure where its last attempt had failed by then.
pub async fn outcome_of(ledger: &Ledger, call: &Call, done: &Done) -> Result<Payment, Failure> {
    let loaded = ledger.load_at::<Payment>(&call.tenant, &done.id, AsOf::Position(done.position)).await?;
    let failed = |decline_code: Option<String>, payment_id| {
        Err(Failure::PaymentFailed { decline_code: decline_code.unwrap_or_else(|| NO_METHOD.to_owned()), payment_id })
    };
    let Some(snapshot) = loaded.state.snapshot() else { return failed(None, None) };
    if snapshot.succeeded_at.is_none() && snapshot.decline_code.is_some() {
        return failed(snapshot.decline_code, Some(done.id.clone()));
    }
    Ok(std::sync::Arc::unwrap_or_clone(loaded.state))
}

/// A refund and its payment, as they were at a position.
pub async fn refund_of(
    ledger: &Ledger,
    call: &Call,
    payment: &str,
    done: &Done,
) -> Result<(PaymentSnapshot, RefundReport), Failure> {
    let loaded = ledger.load_at::<Payment>(&call.tenant, payment, AsOf::Position(done.position)).await?;
    let refund = loaded.state.all_refunds().find(|refund| refund.id == done.id).cloned();
    loaded.state.snapshot().zip(refund).ok_or_else(|| Failure::not_found("refund"))
}

/// A dispute as it was at a position.
pub async fn dispute_at(ledger: &Ledger, call: &Call, payment: &str, done: &Done) -> Result<DisputeReport, Failure> {
    let loaded = ledger.load_at::<Payment>(&call.tenant, payment, AsOf::Position(done.position)).await?;
    let dispute = loaded.state.all_disputes().find(|dispute| dispute.id == done.id).cloned();
    dispute.ok_or_else(|| Failure::not_found("dispute"))
}

/// What somebody wrote about what the payment is for: it stands on the invoice.
pub(crate) async fn note_of(
    ledger: &Ledger,
    call: &Call,
    payment: &PaymentSnapshot,
) -> Result<Option<Sealed>, Failure> {
    let Some(id) = &payment.invoice else { return Ok(None) };
    let loaded = ledger.load::<Invoice>(&call.tenant, id.as_str()).await?;
    let lines = loaded.state.snapshot().map(|snapshot| snapshot.lines.as_slice()).unwrap_or_default();
    Ok(lines.first().and_then(|line| line.note.clone()))
}

/// Who pays, and with what.
struct Payer {
    attach: Option<PaymentMethod>,
    method: Option<PaymentMethodId>,
}

impl Payer {
    async fn of(ledger: &Ledger, call: &Call, customer: &CustomerId, with: &PayWith) -> Result<Self, Failure> {
        match with {
            PayWith::Agreed => Ok(Self { attach: None, method: None }),
            PayWith::Method(id) => Ok(Self { attach: None, method: Some(id.clone()) }),
            PayWith::New(new) => {
                let method = method_of(ledger, call, customer, new).await?;
                Ok(Self { method: Some(method.id.clone()), attach: Some(method) })
            }
        }
    }

    /// That the customer lives and pays with a method of its own is decided with the charge.
    fn confirm(&self, desk: &mut Desk) -> Result<Option<&PaymentMethodId>, Refusal> {
        if let Some(method) = &self.attach {
            billing::attach(desk, method.clone())?;
        }
        desk.confirm_payer(self.method.clone())?;
        Ok(self.method.as_ref())
    }
}

fn check_amount(desk: &Desk, id: &InvoiceId, amount: Option<Money>) -> Result<(), Refusal> {
    let (Some(amount), invoice) = (amount, desk.invoice(id)?) else { return Ok(()) };
    if amount.currency() != invoice.currency {
        return Err(Refusal::invalid("currency", format!("is not the invoice's, which is {}", invoice.currency)));
    }
    if amount.minor() != invoice.amount_remaining_minor {
        let remaining = Money::from_minor(invoice.amount_remaining_minor, invoice.currency).to_major();
        return Err(Refusal::invalid("amount", format!("is not what remains of the invoice, which is {remaining}")));
    }
    Ok(())
}

/// Gives money back; `None` is all that is left. What is done has the refund's id.
pub async fn refund_payment(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    amount_minor: Option<i64>,
    reason: Option<String>,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return stripe_calls::refund_payment(ledger, call, patience, id, amount_minor, reason).await;
    }
    let refund = store::ids::prefixed("re_");
    once(ledger, call, async {
        let id = parse(id)?;
        let place = place_of(ledger, call, &id).await?;
        let ((), receipt) = bill(ledger, call, &place, &refund, |desk| {
            billing::refund(desk, &id, &refund, amount_minor, reason.clone(), RefundStatus::Succeeded)
        })
        .await?;
        Ok(Done::of(&refund, receipt))
    })
    .await
}

/// The customer's bank disputes a payment of the sandbox; `None` is all of it. What is done has the dispute's id.
pub async fn dispute_payment(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    amount_minor: Option<i64>,
    reason: Option<String>,
) -> Result<Done, Failure> {
    let dispute = store::ids::prefixed("dp_");
    once(ledger, call, async {
        let id = parse(id)?;
        let payment = payment(ledger, call, &id).await?;
        let place = place_of(ledger, call, &id).await?;
        let left = payment.amount_minor - payment.refunded_minor - payment.disputed_minor;
        let amount_minor = amount_minor.unwrap_or(left);
        let report = DisputeReport {
            id: dispute.clone(),
            status: DisputeStatus::Open,
            amount_minor,
            currency: payment.currency,
            created_at: call.now,
            reason: reason.clone(),
            withdrawn_minor: Some(amount_minor),
            reinstated_minor: 0,
            fee_minor: Some(fee(payment.currency)),
        };
        let ((), receipt) = bill(ledger, call, &place, &dispute, |desk| {
            desk.on_payment(&id, PaymentCommand::Dispute { dispute: report.clone() })
        })
        .await?;
        Ok(Done::of(&dispute, receipt))
    })
    .await
}

/// The bank decides about the payment's open dispute.
pub async fn close_dispute(ledger: &Ledger, call: &Call, id: &str, won: bool) -> Result<Done, Failure> {
    once(ledger, call, async {
        let id = parse(id)?;
        let place = place_of(ledger, call, &id).await?;
        let loaded = ledger.load::<Payment>(&call.tenant, id.as_str()).await?;
        let open = loaded.state.all_disputes().find(|dispute| dispute.status == DisputeStatus::Open).cloned();
        let open = open.ok_or_else(|| Failure::not_found("open dispute"))?;
        let closed = if won {
            // The sandbox returns the fee of a dispute that was won.
            let reinstated_minor = open.withdrawn_minor.unwrap_or(open.amount_minor);
            DisputeReport { status: DisputeStatus::Won, reinstated_minor, fee_minor: None, ..open }
        } else {
            DisputeReport { status: DisputeStatus::Lost, ..open }
        };
        let result = closed.id.clone();
        let ((), receipt) = bill(ledger, call, &place, &result, |desk| {
            desk.on_payment(&id, PaymentCommand::Dispute { dispute: closed.clone() })
        })
        .await?;
        Ok(Done::of(&result, receipt))
    })
    .await
}

pub(crate) fn parse(id: &str) -> Result<PaymentId, Failure> {
    PaymentId::parse(id).map_err(|_| Failure::not_found("payment"))
}

/// The payment as it stands.
pub(crate) async fn payment(ledger: &Ledger, call: &Call, id: &PaymentId) -> Result<PaymentSnapshot, Failure> {
    let loaded = ledger.load::<Payment>(&call.tenant, id.as_str()).await?;
    loaded.state.snapshot().ok_or_else(|| Failure::not_found("payment"))
}

async fn place_of(ledger: &Ledger, call: &Call, id: &PaymentId) -> Result<Place, Failure> {
    let snapshot = payment(ledger, call, id).await?;
    foreign(snapshot.origin)?;
    let customer = snapshot.customer.ok_or_else(|| Failure::not_found("customer"))?;
    let mut place = Place::of(customer);
    place.subjects = vec![Subject::Payment(id.clone())];
    Ok(place)
}

fn fee(currency: Currency) -> i64 {
    match currency.exponent() {
        0 => DISPUTE_FEE_MINOR / 100,
        2 => DISPUTE_FEE_MINOR,
        _ => DISPUTE_FEE_MINOR * 10,
    }
}
