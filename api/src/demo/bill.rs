//! The money of a story: invoices whose figures add up, charges with the sandbox's fee, refunds.

use domain::discount::discount_minor;
use domain::id::{InvoiceId, PaymentId};
use domain::invoice::{FailedAttempt, InvoiceCommand, InvoiceSnapshot, InvoiceStatus, Line};
use domain::money::{Money, MoneyError, round_half_away, round_ratio};
use domain::origin::Origin;
use domain::payment::{ChargeReport, PaymentCommand, PaymentSnapshot, PaymentStatus, RefundReport, RefundStatus};
use domain::price::{Duration, Item};
use domain::refusal::Refusal;
use domain::subscription::SubscriptionCommand;
use domain::time::Period;
use jiff::Timestamp;

use super::book::{Bill, Stop};
use super::life::Life;

impl From<MoneyError> for Stop {
    fn from(error: MoneyError) -> Self {
        Self::Refused(Refusal::invalid("amount", error.to_string()))
    }
}

impl Life<'_> {
    /// Drafts and finalizes the invoice of a whole period. False where there is nothing to charge.
    pub(super) fn bill_period(&mut self, period: Period, billing_reason: &str) -> Result<bool, Stop> {
        let terms = self.book.terms()?.clone();
        let lines = terms.items.iter().map(|item| Ok(line(item, charge(item)?, period, false)));
        let lines = lines.collect::<Result<Vec<_>, Stop>>()?;
        let subtotal: i64 = lines.iter().map(|line| line.amount_minor).sum();
        if subtotal == 0 {
            return Ok(false);
        }
        self.bill(lines, discount_minor(subtotal, terms.currency, terms.discounts.iter()), period, billing_reason)?;
        for discount in terms.discounts.iter().filter(|discount| discount.duration == Duration::Once) {
            self.book.subscription(SubscriptionCommand::EndDiscount { coupon: discount.coupon.clone() })?;
        }
        Ok(true)
    }

    /// Drafts and finalizes the invoice of a change in the middle of a period: the rest of the old terms back, the rest
    /// of the new ones charged, each rounded on its own (billing.md §3.4).
    pub(super) fn bill_change(&mut self, before: &[Item], after: &[Item], period: Period) -> Result<(), Stop> {
        let at = self.book.at();
        let rest = Period { start: at, end: period.end };
        let prorated = |item: &Item, sign: i64| {
            let whole = Money::from_minor(charge(item)?, item.price.currency);
            Ok(line(item, whole.share(sign * rest.seconds(), period.seconds())?.minor(), rest, true))
        };
        let credits = before.iter().map(|item| prorated(item, -1));
        let lines = credits.chain(after.iter().map(|item| prorated(item, 1))).collect::<Result<Vec<_>, Stop>>()?;
        let lines = lines.into_iter().filter(|line| line.amount_minor != 0).collect();
        self.bill(lines, 0, rest, "subscription_update")
    }

    fn bill(
        &mut self,
        lines: Vec<Line>,
        discount_minor: i64,
        period: Period,
        billing_reason: &str,
    ) -> Result<(), Stop> {
        let id = InvoiceId::parse(&self.chance.id("in_"))?;
        let subtotal_minor: i64 = lines.iter().map(|line| line.amount_minor).sum();
        let total_minor = subtotal_minor - discount_minor;
        let snapshot = InvoiceSnapshot {
            origin: Origin::Daybook,
            customer: Some(self.book.customer.clone()),
            subscription: self.book.subscription_id.clone(),
            status: InvoiceStatus::Draft,
            number: None,
            currency: self.book.terms()?.currency,
            lines,
            subtotal_minor,
            discount_minor,
            tax_minor: 0,
            total_minor,
            amount_due_minor: total_minor,
            amount_paid_minor: 0,
            amount_remaining_minor: total_minor,
            attempt_count: 0,
            next_attempt_at: None,
            created_at: self.book.at(),
            due_at: Some(self.book.at()),
            finalized_at: None,
            paid_at: None,
            closed_at: None,
            period: Some(period),
            billing_reason: Some(billing_reason.to_owned()),
            payment: None,
            hosted_url: None,
            pdf_url: None,
            more_lines: false,
        };
        self.book.bill = Some(Bill {
            id: id.clone(),
            payment_id: PaymentId::parse(&self.chance.id("pay_"))?,
            invoice: domain::invoice::Invoice::default(),
            payment: domain::payment::Payment::default(),
            campaign: domain::dunning::Dunning::default(),
        });
        self.book.invoice(InvoiceCommand::Draft { id, snapshot: Box::new(snapshot) })?;
        self.book.invoice(InvoiceCommand::Finalize)
    }

    /// The charge succeeds and pays the invoice.
    pub(super) fn pay(&mut self) -> Result<(), Stop> {
        let (id, charge) = self.charge_report(None)?;
        self.book.payment(PaymentCommand::RecordAttempt { id: id.clone(), charge: Box::new(charge) })?;
        self.book.invoice(InvoiceCommand::RecordPayment { payment: Some(id), out_of_band: false })
    }

    /// The charge is declined; the campaign that follows says when it will be tried again.
    pub(super) fn decline(&mut self, code: &str, next_attempt_at: Option<Timestamp>) -> Result<(), Stop> {
        let (id, charge) = self.charge_report(Some(code))?;
        let bill = self.book.bill.as_ref().ok_or_else(|| Refusal::not_found("invoice"))?;
        let earlier = u32::try_from(bill.invoice.failed_attempts().len()).unwrap_or(u32::MAX);
        let attempt = FailedAttempt {
            key: charge.id.clone(),
            count: earlier.saturating_add(1),
            at: self.book.at(),
            next_attempt_at,
            decline_code: Some(code.to_owned()),
        };
        self.book.payment(PaymentCommand::RecordAttempt { id, charge: Box::new(charge) })?;
        self.book.invoice(InvoiceCommand::RecordFailedAttempt { attempt })
    }

    /// Gives back all of the latest payment, or half of it.
    pub(super) fn refund(&mut self, whole: bool) -> Result<(), Stop> {
        let bill = self.book.bill.as_ref().ok_or_else(|| Refusal::not_found("payment"))?;
        let whole_yet = |paid: &PaymentSnapshot| paid.status == PaymentStatus::Succeeded;
        let Some(paid) = bill.payment.snapshot().filter(whole_yet) else { return Ok(()) };
        let share = if whole { 1 } else { 2 };
        let refund = RefundReport {
            id: self.chance.id("re_"),
            status: RefundStatus::Succeeded,
            amount_minor: Money::from_minor(paid.amount_minor, paid.currency).share(1, share)?.minor(),
            currency: paid.currency,
            created_at: self.book.at(),
            reason: Some("requested_by_customer".to_owned()),
        };
        self.book.payment(PaymentCommand::Refund { refund })
    }

    fn charge_report(&mut self, decline_code: Option<&str>) -> Result<(PaymentId, ChargeReport), Stop> {
        let bill = self.book.bill.as_ref().ok_or_else(|| Refusal::not_found("invoice"))?;
        let invoice = bill.invoice.snapshot().ok_or_else(|| Refusal::not_found("invoice"))?;
        let amount_minor = invoice.amount_due_minor;
        let fee_minor = decline_code.is_none().then(|| fee_minor(amount_minor)).flatten();
        let report = ChargeReport {
            id: self.chance.id("ch_"),
            status: if decline_code.is_some() { PaymentStatus::Failed } else { PaymentStatus::Succeeded },
            amount_minor,
            amount_refunded_minor: 0,
            currency: invoice.currency,
            created_at: self.book.at(),
            customer: Some(self.book.customer.clone()),
            invoice: Some(bill.id.clone()),
            method: Some(self.card.id.clone()),
            method_type: Some("card".to_owned()),
            last4: self.card.last4.clone(),
            exp_month: self.card.exp_month,
            exp_year: self.card.exp_year,
            decline_code: decline_code.map(str::to_owned),
            fee_minor,
            net_minor: fee_minor.map(|fee| amount_minor - fee),
            description: None,
            receipt_url: None,
        };
        Ok((bill.payment_id.clone(), report))
    }
}

/// What an item costs for a whole period, in minor units.
pub(super) fn charge(item: &Item) -> Result<i64, Stop> {
    let charge = item.price.charge(item.quantity).and_then(round_half_away);
    Ok(charge.ok_or_else(|| Refusal::invalid("quantity", "the amount is too large"))?)
}

fn line(item: &Item, amount_minor: i64, period: Period, proration: bool) -> Line {
    let name = item.name.as_deref().unwrap_or(item.plan.as_str());
    let description = match (proration, amount_minor < 0) {
        (false, _) => format!("{} × {name}", item.quantity),
        (true, true) => format!("Unused time on {} × {name}", item.quantity),
        (true, false) => format!("Remaining time on {} × {name}", item.quantity),
    };
    Line {
        id: None,
        description,
        note: None,
        quantity: item.quantity,
        amount_minor,
        period: Some(period),
        proration,
        plan: Some(item.plan.clone()),
        interval: item.price.interval,
    }
}

/// The sandbox's fee: 2.9 % and 0.30 (decision B8).
fn fee_minor(amount_minor: i64) -> Option<i64> {
    round_ratio(i128::from(amount_minor) * 29 + 30 * 1000, 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_those_of_the_sandbox() {
        let cases = [(99_700, Some(2_921)), (500_000, Some(14_530)), (699, Some(50)), (9_700, Some(311))];
        for (amount, fee) in cases {
            assert_eq!(fee_minor(amount), fee, "{amount}");
        }
    }
}
