//! How lines become an invoice: discounts, tax, the customer's balance, the number; and what that means for the account.

use jiff::{SignedDuration, Timestamp};

use super::desk::Desk;
use super::ids::invoice_of_customer;
use super::lines::{Wanted, billed};
use crate::account::{AccountCommand, CreditSource};
use crate::discount::{Reduction, applies};
use crate::id::{InvoiceId, SubscriptionId};
use crate::invoice::{CouponShare, InvoiceCommand, InvoiceSnapshot, Line};
use crate::invoice_totals::{Applied, InvoiceTotals, NewLine};
use crate::money::{Currency, MAX_MINOR};
use crate::price::{Discount, Duration};
use crate::proration::Billed;
use crate::refusal::Refusal;
use crate::subscription::{Collection, SubscriptionCommand, Terms};
use crate::time::Period;

/// Days an invoice may be paid in that the customer pays by themselves, where nothing else was agreed.
const DAYS_UNTIL_DUE: u16 = 30;

/// An invoice to be made.
#[derive(Debug, Clone)]
pub(super) struct Draft<'d> {
    pub id: InvoiceId,
    pub subscription: Option<&'d SubscriptionId>,
    pub currency: Currency,
    pub lines: Vec<Wanted>,
    pub reason: &'static str,
    pub period: Option<Period>,
    /// Waiting lines of the account that are billed along; they are among `lines`.
    pub pending: Vec<String>,
    /// `None` charges at once.
    pub due_in_days: Option<u16>,
}

impl<'d> Draft<'d> {
    pub(super) fn of(id: InvoiceId, subscription: &'d SubscriptionId, terms: &Terms, reason: &'static str) -> Self {
        let due_in_days = match terms.collection {
            Collection::ChargeAutomatically => None,
            Collection::SendInvoice => Some(terms.days_until_due.unwrap_or(DAYS_UNTIL_DUE)),
        };
        Self {
            id,
            subscription: Some(subscription),
            currency: terms.currency,
            lines: Vec::new(),
            reason,
            period: None,
            pending: Vec::new(),
            due_in_days,
        }
    }

    /// Takes what waits on the customer's account for this invoice.
    pub(super) fn take_pending(&mut self, desk: &Desk) {
        let waiting = desk.account.state.snapshot().pending.iter().filter(|pending| {
            let for_this = pending.subscription.is_none() || pending.subscription.as_ref() == self.subscription;
            pending.currency == self.currency && for_this
        });
        for pending in waiting {
            self.lines.push(Wanted { line: pending.line.clone(), in_advance: None });
            self.pending.push(pending.key.clone());
        }
    }
}

/// What came of an invoice that was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub id: InvoiceId,
    /// What was billed in advance by it.
    pub billed: Vec<Billed>,
}

/// Makes the invoice and finalizes it, or leaves it a draft. `discounts` are those of the subscription.
pub(super) fn issue(desk: &mut Desk, draft: Draft, discounts: &[Discount], finalize: bool) -> Result<Made, Refusal> {
    let now = desk.now;
    let in_force: Vec<&Discount> = discounts.iter().filter(|discount| applies(discount, now, None)).collect();
    let new: Vec<NewLine> = draft.lines.iter().map(|wanted| new_line(desk, &wanted.line)).collect();
    let reductions: Vec<Reduction> = in_force.iter().map(|discount| Reduction::from(*discount)).collect();
    let balance = desk.account.state.snapshot().balance(draft.currency);
    let made = InvoiceTotals::bill(draft.currency, &new, &reductions, balance)?;
    let lines: Vec<Line> = (1_u32..)
        .zip(&draft.lines)
        .zip(made.totals.lines())
        .map(|((number, wanted), totals)| Line {
            id: wanted.line.id.clone().or_else(|| Some(format!("il_{}_{number}", tail(&draft.id)))),
            discount_minor: totals.discount_minor,
            tax: totals.tax.clone(),
            ..wanted.line.clone()
        })
        .collect();
    let in_advance = lines.iter().zip(&draft.lines);
    let billed = in_advance.filter_map(|(line, wanted)| Some(billed(line, wanted.in_advance?))).collect();
    let snapshot = snapshot(desk, &draft, lines).with_totals(&made.totals);
    let snapshot = InvoiceSnapshot { discounts: made.discounts.iter().map(CouponShare::from).collect(), ..snapshot };
    let boxed = Box::new(snapshot);
    let command = if finalize {
        InvoiceCommand::Issue { id: draft.id.clone(), snapshot: boxed, year: Some(desk.rules.year(now)) }
    } else {
        InvoiceCommand::Draft { id: draft.id.clone(), snapshot: boxed }
    };
    desk.on_invoice(&draft.id, command)?;
    settle_account(desk, &draft, made.totals.applied())?;
    // What has no line that a discount could come off spends none.
    let discountable = new.iter().any(|line| line.discountable && line.amount_minor > 0);
    if let (Some(subscription), true) = (draft.subscription, discountable) {
        for spent in in_force.iter().filter(|discount| discount.duration == Duration::Once) {
            let command = SubscriptionCommand::EndDiscount { coupon: spent.coupon.clone() };
            desk.on_subscription(subscription, command)?;
        }
    }
    Ok(Made { id: draft.id, billed })
}

fn new_line(desk: &Desk, line: &Line) -> NewLine {
    NewLine {
        amount_minor: line.amount_minor,
        plan: line.plan.clone(),
        discountable: !line.proration,
        rate: desk.rate.clone(),
    }
}

fn snapshot(desk: &Desk, draft: &Draft, lines: Vec<Line>) -> InvoiceSnapshot {
    let now = desk.now;
    InvoiceSnapshot {
        customer: Some(desk.customer.clone()),
        subscription: draft.subscription.cloned(),
        lines,
        due_at: draft.due_in_days.map(|days| in_days(now, days)),
        period: draft.period,
        billing_reason: Some(draft.reason.to_owned()),
        send_invoice: draft.due_in_days.is_some(),
        ..InvoiceSnapshot::draft(draft.currency, now)
    }
}

/// What the invoice used of the balance, or gave to it, and the waiting lines that wait no more.
fn settle_account(desk: &mut Desk, draft: &Draft, applied: Applied) -> Result<(), Refusal> {
    let (id, currency, invoice) = (desk.customer.clone(), draft.currency, draft.id.clone());
    if !draft.pending.is_empty() {
        desk.on_account(AccountCommand::BillLines { keys: draft.pending.clone(), invoice: invoice.clone() })?;
    }
    if applied.credit_minor < 0 {
        let source = CreditSource::NegativeInvoice { invoice };
        let amount_minor = -applied.credit_minor;
        desk.on_account(AccountCommand::Credit { id, currency, amount_minor, source })?;
    } else if applied != Applied::default() {
        desk.on_account(AccountCommand::Use { id, currency, applied, invoice })?;
    }
    Ok(())
}

/// An invoice that somebody asks for: one-off lines, and what waits.
#[derive(Debug, Clone)]
pub struct Bill {
    /// Told apart from other invoices of the customer by this.
    pub key: String,
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub with_pending: bool,
    pub due_in_days: Option<u16>,
    pub finalize: bool,
}

/// Bills a customer for something that is not a subscription's period.
pub fn bill_now(desk: &mut Desk, bill: &Bill) -> Result<InvoiceId, Refusal> {
    if let Some(line) = bill.lines.iter().find(|line| line.amount_minor.unsigned_abs() > MAX_MINOR.unsigned_abs()) {
        return Err(Refusal::invalid("amount", format!("{} is larger than the ledger accepts", line.amount_minor)));
    }
    let mut draft = Draft {
        id: invoice_of_customer(&desk.customer, &bill.key)?,
        subscription: None,
        currency: bill.currency,
        lines: bill.lines.iter().map(|line| Wanted { line: line.clone(), in_advance: None }).collect(),
        reason: "manual",
        period: None,
        pending: Vec::new(),
        due_in_days: bill.due_in_days,
    };
    if bill.with_pending {
        draft.take_pending(desk);
    }
    if draft.lines.is_empty() {
        return Err(Refusal::invalid("items", "must not be empty"));
    }
    Ok(issue(desk, draft, &[], bill.finalize)?.id)
}

fn in_days(at: Timestamp, days: u16) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX)
}

fn tail(id: &InvoiceId) -> &str {
    id.as_str().strip_prefix("in_").unwrap_or(id.as_str())
}
