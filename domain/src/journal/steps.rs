//! In what order did the things happen that a book knows of? By business time; what belongs to an invoice never before
//! it was finalized. Which postings they make is `walk`'s.

use jiff::Timestamp;

use super::book::Book;
use super::chart::Account;
use super::invoice_facts::{InvoiceFacts, NoteFacts, Receipt};
use super::payment_facts::{DisputeFacts, PaymentFacts, RefundFacts, Taking};
use crate::id::PaymentId;
use crate::money::Currency;
use crate::payment::RefundStatus;
use crate::tenant_settings::DisputePolicy;

/// One thing that happened, with the entry's key.
#[derive(Debug)]
pub(super) struct Moment<'b> {
    order: (Timestamp, u8),
    pub key: String,
    pub at: Timestamp,
    pub currency: Currency,
    pub step: Step<'b>,
}

#[derive(Debug)]
pub(super) enum Step<'b> {
    Finalized,
    BalanceApplied(i64),
    Noted(&'b NoteFacts),
    NoteVoided(&'b NoteFacts),
    /// The money of a payment that is known came in.
    Settled {
        payment: &'b str,
        minor: i64,
    },
    Fee {
        minor: i64,
    },
    /// The invoice says that it was paid; from where the money is booked to.
    Received {
        from: Account,
        minor: i64,
        excess_minor: i64,
    },
    /// What was paid too much became the customer's credit.
    ExcessCredited {
        payment: Option<&'b str>,
        minor: i64,
    },
    Refunded {
        payment: &'b str,
        refund: &'b str,
        minor: i64,
        through: Account,
    },
    RefundPaidOut {
        minor: i64,
    },
    RefundFailed {
        of: String,
    },
    /// Funds of a dispute were taken by the processor; under policy `stripe` they count as lost at once.
    Withdrawn {
        payment: &'b str,
        dispute: &'b DisputeFacts,
    },
    Reinstated {
        minor: i64,
    },
    FeeReturned {
        minor: i64,
    },
    Lost {
        payment: &'b str,
        minor: i64,
    },
    WrittenOff,
    Voided,
}

/// Everything that a book knows of, in order.
pub(super) fn moments<'b>(book: &'b Book, id: &str, disputes: DisputePolicy) -> Vec<Moment<'b>> {
    let mut moments = Vec::new();
    for (payment, facts) in &book.payments {
        if let Some(taken) = &facts.taken {
            let telling = Telling { moments: &mut moments, currency: taken.currency, late: false };
            of_payment(telling, payment, facts, taken, disputes);
        }
    }
    if let Some(issued) = &book.invoice.issued {
        let mut telling = Telling { moments: &mut moments, currency: issued.currency, late: false };
        of_invoice(&mut telling, &book.invoice, id, issued.at);
        received(&mut telling, book, id);
        for moment in &mut moments {
            moment.order.0 = moment.order.0.max(issued.at);
        }
    }
    moments.sort_by(|a, b| (a.order, &a.key).cmp(&(b.order, &b.key)));
    moments
}

/// More than the rank of anything but a void, which ends all. Only within the invoice's own stream is one told from the
/// other; a payment has a stream of its own.
const LATE: u8 = 20;

/// How things of one instant follow one another.
fn rank(step: &Step) -> u8 {
    match step {
        Step::Finalized => 0,
        Step::BalanceApplied(_) => 1,
        Step::Noted(_) => 2,
        // A payment of the same instant is of what is left after both: a clock that stands still has many.
        Step::NoteVoided(_) => 3,
        Step::Settled { .. } | Step::Received { .. } => 4,
        Step::Fee { .. } | Step::ExcessCredited { .. } => 5,
        Step::Refunded { .. } => 6,
        Step::RefundPaidOut { .. } | Step::RefundFailed { .. } => 7,
        Step::Withdrawn { .. } => 8,
        Step::Reinstated { .. } | Step::FeeReturned { .. } | Step::Lost { .. } => 9,
        Step::WrittenOff => 10,
        Step::Voided => 2 * LATE,
    }
}

/// The moments of one currency in the making.
struct Telling<'m, 'b> {
    moments: &'m mut Vec<Moment<'b>>,
    currency: Currency,
    /// Of an instant, what came after all else.
    late: bool,
}

impl<'b> Telling<'_, 'b> {
    fn tell(&mut self, at: Timestamp, key: String, step: Step<'b>) {
        let rank = if self.late { rank(&step).saturating_add(LATE) } else { rank(&step) };
        self.moments.push(Moment { order: (at, rank), key, at, currency: self.currency, step });
    }
}

fn of_invoice<'b>(telling: &mut Telling<'_, 'b>, facts: &'b InvoiceFacts, id: &str, finalized_at: Timestamp) {
    telling.tell(finalized_at, format!("{id}:finalized"), Step::Finalized);
    for ((at, minor), nth) in facts.applied_later.iter().zip(1..) {
        telling.tell(*at, numbered(&format!("{id}:applied"), nth), Step::BalanceApplied(*minor));
    }
    for note in &facts.notes {
        telling.late = note.late;
        telling.tell(note.at, format!("{}:issued", note.id), Step::Noted(note));
        if let Some(at) = note.voided_at {
            telling.tell(at, format!("{}:voided", note.id), Step::NoteVoided(note));
        }
    }
    telling.late = false;
    if let Some(at) = facts.written_off_at {
        telling.tell(at, format!("{id}:uncollectible"), Step::WrittenOff);
    }
    if let Some(at) = facts.voided_at {
        telling.tell(at, format!("{id}:voided"), Step::Voided);
    }
}

/// What the invoice says was paid. A payment that is known posts its money by itself; that of any other is looked for
/// among the unapplied, where it is or will be.
fn received<'b>(telling: &mut Telling<'_, 'b>, book: &'b Book, id: &str) {
    let (facts, currency) = (&book.invoice, telling.currency);
    let known_minor = |payment: &PaymentId| {
        let taken = book.payments.get(payment).and_then(|facts| facts.taken.as_ref());
        taken.filter(|taken| taken.currency == currency).map(|taken| taken.minor)
    };
    let mut receive = |receipt: &Receipt, name: &str, from: Option<Account>, payment: Option<&'b str>| {
        let Receipt { at, minor, excess_minor, late } = *receipt;
        telling.late = late;
        if let Some(from) = from {
            telling.tell(at, format!("{id}:paid{name}"), Step::Received { from, minor, excess_minor });
        }
        if excess_minor > 0 {
            let credited = Step::ExcessCredited { payment, minor: excess_minor };
            telling.tell(at, format!("{id}:excess{name}"), credited);
        }
    };
    let mut covered = 0_i64;
    for (receipt, nth) in facts.out_of_band.iter().zip(1..) {
        covered = covered.saturating_add(receipt.minor);
        receive(receipt, &numbered(":oob", nth), Some(Account::ExternalPayments), None);
    }
    for (payment, receipt) in &facts.by_payment {
        let known = known_minor(payment);
        covered = covered.saturating_add(known.unwrap_or(receipt.minor));
        let from = if known.is_some() { None } else { Some(Account::UnappliedCash) };
        receive(receipt, &format!(":{payment}"), from, Some(payment.as_str()));
    }
    let others = book.payments.keys().filter(|payment| !facts.by_payment.contains_key(*payment));
    covered = others.filter_map(known_minor).fold(covered, i64::saturating_add);
    let rest = facts.paid_minor.saturating_sub(covered);
    if let Some(at) = facts.paid_at.filter(|_| rest > 0) {
        let named = facts.payment.as_ref().filter(|payment| !facts.by_payment.contains_key(*payment));
        let name = named.map(|payment| format!(":{payment}")).unwrap_or_default();
        receive(&Receipt { at, minor: rest, excess_minor: 0, late: false }, &name, Some(Account::UnappliedCash), None);
    }
}

fn of_payment<'b>(
    mut telling: Telling<'_, 'b>,
    payment: &'b PaymentId,
    facts: &'b PaymentFacts,
    taken: &Taking,
    disputes: DisputePolicy,
) {
    let payment = payment.as_str();
    telling.tell(taken.at, format!("{payment}:settled"), Step::Settled { payment, minor: taken.minor });
    if taken.fee_minor != 0 {
        telling.tell(taken.at, format!("{payment}:fee"), Step::Fee { minor: taken.fee_minor });
    }
    for (refund, known) in &facts.refunds {
        // Where reports of a refund differ in the sum, the payment knows the newest.
        let part = facts.given_back.iter().find(|part| part.source == *refund);
        refunded(&mut telling, payment, refund, known, part.map_or(known.minor, |part| part.minor));
    }
    // Of these only the charge tells, by its own sum.
    for part in facts.given_back.iter().filter(|part| !facts.refunds.contains_key(&part.source)) {
        let key = format!("{}:refunded:{}", part.source, part.at.as_microsecond());
        let through = Account::PspClearing;
        telling.tell(part.at, key, Step::Refunded { payment, refund: &part.source, minor: part.minor, through });
    }
    for (id, dispute) in &facts.disputes {
        disputed(&mut telling, payment, id, dispute, disputes);
    }
}

fn refunded<'b>(telling: &mut Telling<'_, 'b>, payment: &'b str, refund: &'b str, known: &RefundFacts, minor: i64) {
    let (through, name) =
        if known.waited { (Account::RefundsPayable, "created") } else { (Account::PspClearing, "succeeded") };
    let key = format!("{refund}:{name}");
    let since = known.since.max(known.at);
    telling.tell(known.at, key.clone(), Step::Refunded { payment, refund, minor, through });
    match known.status {
        RefundStatus::Succeeded if known.waited => {
            telling.tell(since, format!("{refund}:succeeded"), Step::RefundPaidOut { minor });
        }
        RefundStatus::Pending | RefundStatus::Succeeded => {}
        RefundStatus::Failed | RefundStatus::Canceled => {
            telling.tell(since, format!("{refund}:failed"), Step::RefundFailed { of: key });
        }
    }
}

fn disputed<'b>(
    telling: &mut Telling<'_, 'b>,
    payment: &'b str,
    id: &str,
    dispute: &'b DisputeFacts,
    policy: DisputePolicy,
) {
    let Some(withdrawn_at) = dispute.withdrawn_at else { return };
    telling.tell(withdrawn_at, format!("{id}:withdrawn"), Step::Withdrawn { payment, dispute });
    let reinstated_minor = dispute.reinstated_minor.min(dispute.withdrawn_minor);
    if let Some(at) = dispute.reinstated_at {
        let step = Step::Reinstated { minor: reinstated_minor };
        telling.tell(at.max(withdrawn_at), format!("{id}:reinstated"), step);
    }
    let Some(closed_at) = dispute.closed_at.map(|at| at.max(withdrawn_at)) else { return };
    let returned = dispute.fee_left_minor.map_or(0, |left| dispute.fee_minor - left);
    if returned > 0 {
        telling.tell(closed_at, format!("{id}:fee_returned"), Step::FeeReturned { minor: returned });
    }
    let lost = dispute.withdrawn_minor - reinstated_minor;
    if dispute.lost && lost > 0 && policy == DisputePolicy::Withhold {
        telling.tell(closed_at, format!("{id}:lost"), Step::Lost { payment, minor: lost });
    }
}

fn numbered(name: &str, nth: usize) -> String {
    if nth == 1 { name.to_owned() } else { format!("{name}{nth}") }
}
