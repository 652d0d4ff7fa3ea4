//! A story of one tenant told through the aggregates, posted as it goes: what tests of the journal have in common.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::super::*;
use crate::credit_note::{Creditable, Settle, Wanted};
use crate::event::LedgerEvent;
use crate::id::{CustomerId, InvoiceId, PaymentId};
use crate::invoice::{Invoice, InvoiceCommand, InvoiceSnapshot, IssuedNote, Line};
use crate::invoice_totals::{CustomerBalance, InvoiceTotals, NewLine};
use crate::issued::{Decider, Issued};
use crate::money::Currency;
use crate::payment::{
    ChargeReport, DisputeReport, DisputeStatus, Payment, PaymentCommand, PaymentStatus, RefundReport, RefundStatus,
};
use crate::recognition::Ruler;
use crate::samples;
use crate::tax::{Inclusion, Rate};
use crate::tenant_settings::DisputePolicy;
use crate::time::{Period, start_of_day};

/// A line: its amount, its days, its rate of tax in hundredths of a percent, below zero where the tax is in the amount,
/// and whether it is for usage.
#[derive(Debug, Clone, Copy)]
pub struct L(pub i64, pub Option<(&'static str, &'static str)>, pub i64, pub bool);

pub fn over(minor: i64, from: &'static str, to: &'static str) -> L {
    L(minor, Some((from, to)), 0, false)
}

pub fn taxed(percent: i64, line: L) -> L {
    L(line.0, line.1, percent * 100, line.3)
}

pub fn at(text: &str) -> Timestamp {
    if text.len() == 10 { format!("{text}T00:00:00Z").parse().unwrap() } else { text.parse().unwrap() }
}

#[derive(Debug, Clone, Default)]
pub struct Story {
    pub rules: Rules,
    pub shelf: BTreeMap<BookKey, Book>,
    pub posted: Vec<Entry>,
    pub stretches: Vec<(Stretch, Holds)>,
    pub events: Vec<LedgerEvent>,
    pub invoices: BTreeMap<InvoiceId, Invoice>,
    pub payments: BTreeMap<PaymentId, Payment>,
}

impl Story {
    pub fn under(disputes: DisputePolicy) -> Self {
        Self { rules: Rules { disputes, ..Rules::default() }, ..Self::default() }
    }

    /// Posts an event as a projection would: with the books that it touches and nothing else in hand.
    pub fn post(&mut self, event: LedgerEvent) -> Posted {
        let mut held = BTreeMap::new();
        let mut wanted = books(&event);
        while let Some(key) = wanted.pop() {
            if let Some(book) = self.shelf.remove(&key) {
                wanted.extend(home(&book));
                held.insert(key, book);
            }
        }
        let posted = post(&mut held, &event, &self.rules);
        for (key, book) in held {
            // As it is stored and read back.
            let book = serde_json::from_str(&serde_json::to_string(&book).unwrap()).unwrap();
            self.shelf.insert(key, book);
        }
        self.posted.extend(posted.entries.clone());
        self.stretches.extend(posted.earned.clone());
        self.events.push(event);
        posted
    }

    pub fn invoice(&mut self, id: &str, when: &str, lines: &[L], balance: CustomerBalance) {
        let rate = |hundredths: i64| {
            let inclusion = if hundredths < 0 { Inclusion::Inclusive } else { Inclusion::Exclusive };
            Rate::new("rate", "DE", Decimal::new(hundredths.abs(), 2), inclusion).unwrap()
        };
        let new = |line: &L| NewLine {
            amount_minor: line.0,
            plan: None,
            discountable: false,
            rate: (line.2 != 0).then(|| rate(line.2)),
        };
        let new: Vec<NewLine> = lines.iter().map(new).collect();
        let totals = InvoiceTotals::bill(Currency::USD, &new, &[], balance).unwrap().totals;
        let line = |(line, totals): (&L, &crate::invoice_totals::LineTotals)| Line {
            period: line.1.map(|(from, to)| Period { start: at(from), end: at(to) }),
            usage: line.3,
            tax: totals.tax.clone(),
            ..samples::invoice::line(line.0)
        };
        let lines = lines.iter().zip(totals.lines()).map(line).collect();
        let snapshot = InvoiceSnapshot { lines, ..samples::invoice::draft() }.with_totals(&totals);
        let command = InvoiceCommand::Issue { id: invoice_id(id), snapshot: Box::new(snapshot), year: None };
        self.tell_invoice(id, when, command).unwrap();
    }

    pub fn tell_invoice(
        &mut self,
        id: &str,
        when: &str,
        command: InvoiceCommand,
    ) -> Result<(), crate::refusal::Refusal> {
        let invoice = self.invoices.entry(invoice_id(id)).or_default();
        let events = invoice.decide(&Issued { now: at(when), command })?;
        for event in &events {
            invoice.evolve(event);
        }
        for event in events {
            self.post(LedgerEvent::Invoice(event));
        }
        Ok(())
    }

    pub fn tell_payment(
        &mut self,
        id: &str,
        when: &str,
        command: PaymentCommand,
    ) -> Result<(), crate::refusal::Refusal> {
        let payment = self.payments.entry(payment_id(id)).or_default();
        let events = payment.decide(&Issued { now: at(when), command })?;
        for event in &events {
            payment.evolve(event);
        }
        for event in events {
            self.post(LedgerEvent::Payment(event));
        }
        Ok(())
    }

    /// Charged, and received by the invoice.
    pub fn pay(&mut self, invoice: &str, payment: &str, when: &str, minor: i64) {
        self.charge(Some(invoice), payment, when, minor);
        self.receive(invoice, when, Some(payment), false, minor).unwrap();
    }

    pub fn charge(&mut self, invoice: Option<&str>, payment: &str, when: &str, minor: i64) {
        let charge = ChargeReport {
            amount_minor: minor,
            created_at: at(when),
            invoice: invoice.map(invoice_id),
            fee_minor: None,
            net_minor: None,
            ..samples::payment::charge(&format!("ch_{payment}"), PaymentStatus::Succeeded, samples::payment::TAKEN)
        };
        let command = PaymentCommand::RecordAttempt { id: payment_id(payment), charge: Box::new(charge) };
        self.tell_payment(payment, when, command).unwrap();
    }

    pub fn receive(
        &mut self,
        invoice: &str,
        when: &str,
        payment: Option<&str>,
        out_of_band: bool,
        minor: i64,
    ) -> Result<(), crate::refusal::Refusal> {
        let payment = payment.map(payment_id);
        let command = InvoiceCommand::RecordPayment { payment, out_of_band, amount_minor: Some(minor) };
        self.tell_invoice(invoice, when, command)
    }

    pub fn refund(&mut self, payment: &str, refund: &str, when: &str, minor: i64, status: RefundStatus) {
        let refund = RefundReport { created_at: at(when), ..samples::payment::refund(refund, status, minor) };
        self.tell_payment(payment, when, PaymentCommand::Refund { refund }).unwrap();
    }

    pub fn dispute(&mut self, payment: &str, when: &str, dispute: DisputeReport) {
        self.tell_payment(payment, when, PaymentCommand::Dispute { dispute }).unwrap();
    }

    pub fn note(
        &mut self,
        invoice: &str,
        note: &str,
        when: &str,
        wanted: Wanted,
        settle: Settle,
        refund: Option<&str>,
    ) -> Result<(), crate::refusal::Refusal> {
        let snapshot = self.invoices[&invoice_id(invoice)].snapshot().unwrap();
        let totals = snapshot.totals()?;
        let made = Creditable::of(&totals, &snapshot.standing_notes())?.issue(wanted, settle)?;
        let note = IssuedNote {
            id: note.to_owned(),
            number: String::new(),
            issued_at: at(when),
            reason: None,
            refund: refund.map(str::to_owned),
            voided_at: None,
            note: made,
        };
        self.tell_invoice(invoice, when, InvoiceCommand::IssueNote { note: Box::new(note), year: 2023 })
    }

    pub fn derived(&self) -> Vec<Derived> {
        self.shelf.iter().map(|(key, book)| book.derive(key)).collect()
    }

    /// Every balance at the end of a date, posted and earned, by account number; debits above zero.
    pub fn at(&self, date: Date) -> BTreeMap<u16, i64> {
        let mut balances = Balances::default();
        let end = start_of_day(date.tomorrow().unwrap(), &TimeZone::UTC);
        for entry in self.posted.iter().filter(|entry| entry.effective_at < end) {
            balances.add_entry(entry);
        }
        for (stretch, holds) in &self.stretches {
            balances.add_stretch(stretch, *holds, Ruler::days(TimeZone::UTC).end_of(date));
        }
        by_number(&balances)
    }

    /// The lines of an entry by account number.
    pub fn entry(&self, key: &str) -> Vec<(u16, i64)> {
        let entry = self.posted.iter().find(|entry| entry.key == key);
        entry.map(lines).unwrap_or_default()
    }
}

pub fn lines(entry: &Entry) -> Vec<(u16, i64)> {
    let mut lines: Vec<_> = entry.lines().iter().map(|line| (line.account.number(), line.amount_minor)).collect();
    lines.sort_unstable();
    lines
}

pub fn by_number(balances: &Balances) -> BTreeMap<u16, i64> {
    let balances = balances.iter().map(|(_, account, balance)| (account.number(), balance.balance_minor()));
    balances.filter(|(_, minor)| *minor != 0).collect()
}

pub fn dispute(id: &str, when: &str, status: DisputeStatus, minor: i64) -> DisputeReport {
    DisputeReport {
        created_at: at(when),
        withdrawn_minor: Some(minor),
        reinstated_minor: if status == DisputeStatus::Won { minor } else { 0 },
        ..samples::payment::dispute(id, status, minor)
    }
}

pub fn invoice_id(text: &str) -> InvoiceId {
    InvoiceId::parse(text).unwrap()
}

pub fn payment_id(text: &str) -> PaymentId {
    PaymentId::parse(text).unwrap()
}

pub fn customer_id() -> CustomerId {
    samples::customer_id()
}

pub fn nothing() -> CustomerBalance {
    CustomerBalance::default()
}
