//! What can be asked of a customer's account.

use super::event::{CreditSource, PendingLine};
use crate::id::{CustomerId, InvoiceId, PaymentId};
use crate::invoice_totals::Applied;
use crate::money::Currency;
use crate::sealed::Sealed;

#[derive(Debug, Clone)]
pub enum AccountCommand {
    /// Credit that came of something booked elsewhere.
    Credit { id: CustomerId, currency: Currency, amount_minor: i64, source: CreditSource },
    /// Money bought in advance (decision B15).
    Buy { id: CustomerId, currency: Currency, amount_minor: i64, payment: Option<PaymentId> },
    /// What was bought goes back with a refund of its payment; never more than there is. Below zero it is there again,
    /// since the refund failed.
    RefundPrepaid { id: CustomerId, currency: Currency, amount_minor: i64, payment: PaymentId, refund: String },
    /// A correction by hand; below zero it takes credit back, but never more than there is.
    Adjust { id: CustomerId, currency: Currency, amount_minor: i64, reason: Option<Sealed> },
    /// An invoice uses some of the balance; refused where it is not there.
    Use { id: CustomerId, currency: Currency, applied: Applied, invoice: InvoiceId },
    /// What a voided invoice had used comes back.
    Return { id: CustomerId, currency: Currency, applied: Applied, invoice: InvoiceId },
    /// Lines that wait for the next invoice.
    AddLines { id: CustomerId, lines: Vec<PendingLine> },
    /// These lines are on an invoice now; refused where one of them does not wait any more.
    BillLines { keys: Vec<String>, invoice: InvoiceId },
    /// A line that nobody will bill.
    DropLine { key: String },
}
