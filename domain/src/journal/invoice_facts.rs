//! What of an invoice matters to the journal? Facts that are merged so that the order of reports plays no part, and
//! that repeating an event does not change.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::id::PaymentId;
use crate::invoice::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus, IssuedNote, Line, ReportedNote};
use crate::invoice_totals::LineTotals;
use crate::money::{Currency, allocate};
use crate::origin::Origin;
use crate::time::Period;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InvoiceFacts {
    /// Absent until it is known to be finalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Issued>,
    /// Of the customer's balance, after it was finalized.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied_later: Vec<(Timestamp, i64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<NoteFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_off_at: Option<Timestamp>,
    /// By ourselves, so that what is heard of later happened later, if only within one instant.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gave_up: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<Timestamp>,
    /// What it says was paid of it, all in all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub paid_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The payment that it names without saying how much of it is its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentId>,
    /// What it says came by which payment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_payment: BTreeMap<PaymentId, Receipt>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out_of_band: Vec<Receipt>,
}

/// What does not change once an invoice is finalized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Issued {
    pub currency: Currency,
    pub at: Timestamp,
    pub lines: Vec<LineFacts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<(String, i64)>,
    /// Of the customer's balance at that time; below zero where the invoice gave credit.
    #[serde(default, skip_serializing_if = "is_default")]
    pub applied_minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LineFacts {
    /// After discounts, without any tax.
    pub net_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub usage: bool,
    /// Earned as it was used, and since then a receivable that is not billed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accrued_minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NoteFacts {
    pub id: String,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<Timestamp>,
    /// By line, without tax.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nets: Vec<(usize, i64)>,
    /// Without tax, where nothing is told of its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<(String, i64)>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub due_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub refund_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub balance_minor: i64,
    /// Given back another way than by the processor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub external_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// Since we gave the invoice up.
    #[serde(default, skip_serializing_if = "is_default")]
    pub late: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    pub at: Timestamp,
    pub minor: i64,
    /// Beyond what remained; it became credit of the customer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub excess_minor: i64,
    /// Since we gave the invoice up.
    #[serde(default, skip_serializing_if = "is_default")]
    pub late: bool,
}

impl Issued {
    pub fn total_minor(&self) -> i64 {
        let nets = self.lines.iter().map(|line| line.net_minor);
        nets.chain(self.taxes.iter().map(|tax| tax.1)).fold(0, i64::saturating_add)
    }
}

impl InvoiceFacts {
    pub fn absorb(&mut self, event: &InvoiceEvent) {
        match &event.change {
            InvoiceChange::InvoicePaid { payment, out_of_band, received_minor: _, excess_minor } => {
                self.receive(event, payment.as_ref(), *out_of_band, *excess_minor);
            }
            InvoiceChange::InvoicePartiallyPaid { payment, out_of_band, received_minor: _ } => {
                self.receive(event, payment.as_ref(), *out_of_band, 0);
            }
            InvoiceChange::InvoicePaymentLinked { payment, amount_minor } => {
                let new = Receipt { at: event.at, minor: *amount_minor, excess_minor: 0, late: false };
                let known = self.by_payment.entry(payment.clone()).or_insert_with(|| new.clone());
                known.minor = known.minor.max(new.minor);
            }
            // A report that is not the newest still tells what once was so.
            InvoiceChange::InvoiceReported { stamp, snapshot, attempt: _ } => {
                if let Some(told) = snapshot.as_deref().filter(|told| told.status == InvoiceStatus::Uncollectible) {
                    earliest(&mut self.written_off_at, told.closed_at.unwrap_or(stamp.created));
                }
            }
            InvoiceChange::InvoiceCreditNoteReported { stamp: _, note } => self.take_note(reported(note)),
            InvoiceChange::InvoiceDrafted {}
            | InvoiceChange::InvoiceFinalized {}
            | InvoiceChange::InvoiceSent {}
            | InvoiceChange::InvoiceBalanceApplied { .. }
            | InvoiceChange::InvoiceCreditNoteIssued { .. }
            | InvoiceChange::InvoiceCreditNoteVoided { .. }
            | InvoiceChange::InvoiceReminded {}
            | InvoiceChange::InvoiceOverdue {}
            | InvoiceChange::InvoicePaymentFailed { .. }
            | InvoiceChange::InvoiceVoided {}
            | InvoiceChange::InvoiceMarkedUncollectible {}
            | InvoiceChange::InvoiceDeleted {} => {}
        }
        if let Some(after) = &event.after {
            self.take(event.at, after);
        }
        self.gave_up |= matches!(event.change, InvoiceChange::InvoiceMarkedUncollectible {});
    }

    /// What grew of what was paid is what this event brought; an event seen before brings nothing.
    fn receive(&mut self, event: &InvoiceEvent, payment: Option<&PaymentId>, out_of_band: bool, excess_minor: i64) {
        let paid = event.after.as_ref().map_or(0, |after| after.amount_paid_minor);
        let minor = paid.saturating_sub(self.paid_minor);
        if minor <= 0 {
            return;
        }
        let receipt = Receipt { at: event.at, minor, excess_minor, late: self.gave_up };
        match payment {
            Some(payment) => {
                let known = self.by_payment.entry(payment.clone()).or_insert(Receipt { minor: 0, ..receipt });
                known.minor = known.minor.saturating_add(minor);
            }
            None if out_of_band => self.out_of_band.push(receipt),
            None => {}
        }
    }

    fn take(&mut self, at: Timestamp, after: &InvoiceSnapshot) {
        match after.status {
            InvoiceStatus::Draft | InvoiceStatus::Deleted => return,
            InvoiceStatus::Open => {}
            InvoiceStatus::Uncollectible => earliest(&mut self.written_off_at, after.closed_at.unwrap_or(at)),
            InvoiceStatus::Void => earliest(&mut self.voided_at, after.closed_at.unwrap_or(at)),
            InvoiceStatus::Paid => {
                // Stripe still tells when an invoice was written off that was paid in the end.
                if let Some(written_off_at) = after.closed_at.filter(|_| after.origin == Origin::Stripe) {
                    earliest(&mut self.written_off_at, written_off_at);
                }
            }
        }
        match after.origin {
            Origin::Stripe => {
                self.issued = Some(issued_by_stripe(after));
                self.paid_minor = after.amount_paid_minor;
                self.payment.clone_from(&after.payment);
            }
            Origin::Daybook => self.take_own(at, after),
        }
        if self.paid_minor > 0 {
            earliest(&mut self.paid_at, after.paid_at.unwrap_or(at));
        }
        for issued in &after.notes {
            match self.notes.iter_mut().find(|known| known.id == issued.id) {
                Some(known) => known.voided_at = known.voided_at.or(issued.voided_at),
                None => self.notes.push(NoteFacts { late: self.gave_up, ..note(issued) }),
            }
        }
    }

    /// Reports of one note differ in what they know of its refunds; the one that knows most counts, whichever came first.
    fn take_note(&mut self, told: NoteFacts) {
        let Some(known) = self.notes.iter_mut().find(|known| known.id == told.id) else { return self.notes.push(told) };
        let voided_at = [known.voided_at, told.voided_at].into_iter().flatten().min();
        let order = |note: &NoteFacts| (note.refund_minor, note.external_minor, note.due_minor, note.refund.clone());
        if order(&told) > order(known) {
            *known = NoteFacts { at: told.at.min(known.at), ..told };
        }
        known.voided_at = voided_at;
    }

    fn take_own(&mut self, at: Timestamp, after: &InvoiceSnapshot) {
        let applied_minor = after.applied_credit_minor.saturating_add(after.applied_prepaid_minor);
        let later: i64 = self.applied_later.iter().map(|applied| applied.1).sum();
        match &self.issued {
            None => self.issued = Some(issued(after, applied_minor)),
            Some(issued) if applied_minor > issued.applied_minor + later => {
                self.applied_later.push((at, applied_minor - issued.applied_minor - later));
            }
            Some(_) => {}
        }
        self.paid_minor = self.paid_minor.max(after.amount_paid_minor);
    }
}

fn earliest(known: &mut Option<Timestamp>, told: Timestamp) {
    *known = Some(known.map_or(told, |known| known.min(told)));
}

fn issued(after: &InvoiceSnapshot, applied_minor: i64) -> Issued {
    let lines = after.lines.iter().map(|line| line_facts(line, line.earned_minor())).collect();
    let taxes = taxes_of(after.lines.iter().map(Line::totals));
    let mut issued = Issued {
        currency: after.currency,
        at: after.finalized_at.unwrap_or(after.created_at),
        lines,
        taxes,
        applied_minor,
    };
    if issued.total_minor() != after.total_minor {
        // Lines from before they had shares: the invoice's own figures are spread over them.
        (issued.lines, issued.taxes) = spread(after);
    }
    issued
}

/// Stripe's lines do not say their shares of discount and tax, and may not all be there.
fn issued_by_stripe(after: &InvoiceSnapshot) -> Issued {
    let (lines, taxes) = spread(after);
    Issued {
        currency: after.currency,
        at: after.finalized_at.unwrap_or(after.created_at),
        lines,
        taxes,
        applied_minor: after.total_minor - after.amount_due_minor - after.credited_before_payment_minor,
    }
}

/// The lines with what their amounts exceed the invoice's net taken off by largest remainder, so that they sum to it.
fn spread(after: &InvoiceSnapshot) -> (Vec<LineFacts>, Vec<(String, i64)>) {
    let net_minor = after.total_minor.saturating_sub(after.tax_minor);
    let known: i64 = after.lines.iter().map(|line| line.amount_minor).fold(0, i64::saturating_add);
    let weights: Vec<u64> = after.lines.iter().map(|line| line.amount_minor.max(0).unsigned_abs()).collect();
    let excess_minor = known.saturating_sub(net_minor);
    let off = if excess_minor > 0 && known > 0 { allocate(excess_minor, &weights) } else { vec![0; weights.len()] };
    let nets = after.lines.iter().zip(off).map(|(line, off)| line_facts(line, line.amount_minor - off));
    let mut lines: Vec<LineFacts> = nets.collect();
    let missing = net_minor - lines.iter().map(|line| line.net_minor).fold(0, i64::saturating_add);
    if missing != 0 {
        let period = after.lines.iter().find_map(|line| line.period);
        lines.push(LineFacts {
            net_minor: missing,
            period: period.filter(|_| after.more_lines),
            usage: false,
            accrued_minor: 0,
        });
    }
    let taxes = if after.tax_minor == 0 { Vec::new() } else { vec![(String::new(), after.tax_minor)] };
    (lines, taxes)
}

fn line_facts(line: &Line, net_minor: i64) -> LineFacts {
    let period = line.period.filter(|period| period.start < period.end);
    LineFacts { net_minor, period, usage: line.usage, accrued_minor: line.accrued_minor }
}

fn taxes_of(lines: impl Iterator<Item = LineTotals>) -> Vec<(String, i64)> {
    let mut taxes: BTreeMap<String, i64> = BTreeMap::new();
    for tax in lines.filter_map(|line| line.tax) {
        *taxes.entry(tax.rate.jurisdiction().to_owned()).or_default() += tax.tax_minor;
    }
    taxes.into_iter().filter(|tax| tax.1 != 0).collect()
}

fn note(issued: &IssuedNote) -> NoteFacts {
    let credited = &issued.note.lines;
    let net = |credit: &LineTotals| credit.net_minor().saturating_sub(credit.inclusive_tax_minor());
    let settlement = issued.note.settlement;
    NoteFacts {
        id: issued.id.clone(),
        at: issued.issued_at,
        voided_at: issued.voided_at,
        nets: credited.iter().map(|line| (line.line, net(&line.credit))).collect(),
        net_minor: None,
        taxes: taxes_of(credited.iter().map(|line| line.credit.clone())),
        due_minor: settlement.before_payment_minor,
        refund_minor: settlement.refund_minor,
        balance_minor: settlement.to_balance_minor,
        external_minor: 0,
        refund: issued.refund.clone(),
        late: false,
    }
}

/// What a note of the processor comes to is what it took off or gave back; less its tax, that is what it credited.
fn reported(told: &ReportedNote) -> NoteFacts {
    let ReportedNote { before_payment_minor, refund_minor, to_balance_minor, out_of_band_minor, .. } = *told;
    let gross_minor = [refund_minor, to_balance_minor, out_of_band_minor];
    let gross_minor = gross_minor.into_iter().fold(before_payment_minor, i64::saturating_add);
    NoteFacts {
        id: told.id.clone(),
        at: told.issued_at,
        voided_at: told.voided_at,
        nets: Vec::new(),
        net_minor: Some(gross_minor.saturating_sub(told.tax_minor)),
        taxes: if told.tax_minor == 0 { Vec::new() } else { vec![(String::new(), told.tax_minor)] },
        due_minor: before_payment_minor,
        refund_minor,
        balance_minor: to_balance_minor,
        external_minor: out_of_band_minor,
        refund: told.refund.clone(),
        late: false,
    }
}
