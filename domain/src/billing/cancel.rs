//! How a subscription ends: now or when it was to end, with what was used billed and what was not given back.

use super::bill::{Draft, issue};
use super::desk::Desk;
use super::ids::invoice_of;
use super::lines::{Wanted as Unbilled, in_arrears, unused_line};
use super::pay::{NewNote, put_note};
use super::renew::{Collecting, collect_as, collecting, part_of_full};
use crate::credit_note::{CreditNote, Creditable, LineCredit, Settle, Wanted};
use crate::id::{InvoiceId, SubscriptionId};
use crate::invoice::{InvoiceSnapshot, InvoiceStatus};
use crate::invoice_totals::LineTotals;
use crate::money::round_ratio;
use crate::proration::{Billed, Credit, InvoiceStanding, TerminationPolicy, terminate};
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::subscription::{AsBilled, CancelReason, Standing, SubscriptionCommand, SubscriptionSnapshot, Terms};
use crate::time::Period;
use crate::usage::UsageCommand;

#[derive(Debug, Clone)]
pub struct Cancellation {
    pub cause: CancelReason,
    pub termination: TerminationPolicy,
    pub reason: Option<Sealed>,
    pub feedback: Option<Sealed>,
}

/// Ends the subscription now. What is given back is there before the last invoice, which uses it (L-17 to L-19 of
/// billing.md §5.2).
pub fn cancel(desk: &mut Desk, id: &SubscriptionId, wanted: &Cancellation) -> Result<(), Refusal> {
    let before = desk.subscription(id)?.clone();
    let charged = matches!(before.standing, Standing::Active {} | Standing::PastDue { .. });
    if let (Some(period), true) = (before.terms.period, charged) {
        let mut lines = owed_until(desk, id, &before.terms, period)?;
        if desk.now < period.end && wanted.termination != TerminationPolicy::Skip {
            lines.extend(give_back(desk, &before.terms, wanted.termination, period)?);
        }
        bill_last(desk, id, &before, lines)?;
        let as_billed = AsBilled { billed: Some(Vec::new()), ..AsBilled::default() };
        desk.on_subscription(id, SubscriptionCommand::NoteBilled { as_billed })?;
    } else if matches!(before.standing, Standing::Paused { .. }) {
        bill_last(desk, id, &before, Vec::new())?;
    }
    let command = SubscriptionCommand::CancelNow {
        cause: wanted.cause,
        reason: wanted.reason.clone(),
        feedback: wanted.feedback.clone(),
    };
    desk.on_subscription(id, command)
}

/// What is billed in arrears, until now.
fn owed_until(desk: &Desk, id: &SubscriptionId, terms: &Terms, period: Period) -> Result<Vec<Unbilled>, Refusal> {
    let end = desk.rules.counting.end_of_use(desk.now).min(period.end);
    if end <= period.start {
        return Ok(Vec::new());
    }
    let mut stretch = part_of_full(terms, period)?;
    stretch.period.end = end;
    in_arrears(desk, id, terms, stretch)
}

/// The last invoice, with what waits.
fn bill_last(
    desk: &mut Desk,
    id: &SubscriptionId,
    before: &SubscriptionSnapshot,
    lines: Vec<Unbilled>,
) -> Result<(), Refusal> {
    let terms = &before.terms;
    let mut draft = Draft::of(invoice_of(id, "x", desk.now)?, id, terms, "subscription_cancel");
    draft.lines = lines;
    draft.period = terms.period.map(|period| Period { end: desk.now.clamp(period.start, period.end), ..period });
    draft.take_pending(desk);
    if draft.lines.is_empty() {
        return Ok(());
    }
    let collecting = collecting(before);
    let made = issue(desk, draft, &terms.discounts, collecting != Collecting::Draft)?;
    if desk.usage.contains_key(id) {
        desk.on_usage(id, UsageCommand::Bill { invoice: made.id.clone(), until: desk.now })?;
    }
    collect_as(desk, &made, collecting)
}

type Credits<'b> = Vec<(&'b Billed, Credit)>;

/// Credits what was billed for time that will not be used, invoice by invoice. What no credit note can give back, because
/// it waits for its invoice or because credits lowered that, is for the last invoice to give.
fn give_back(
    desk: &mut Desk,
    terms: &Terms,
    policy: TerminationPolicy,
    period: Period,
) -> Result<Vec<Unbilled>, Refusal> {
    let ended = terminate(&desk.rules.counting, policy, desk.now, period, &terms.billed, InvoiceStanding::default())?;
    let mut by_invoice: Vec<(Option<InvoiceId>, Credits)> = Vec::new();
    for (line, credit) in ended.credits {
        let Some(billed) = terms.billed.iter().find(|billed| billed.line == line) else { continue };
        let invoice = invoice_with(desk, &line);
        match by_invoice.iter_mut().find(|(known, _)| *known == invoice) {
            Some((_, credits)) => credits.push((billed, credit)),
            None => by_invoice.push((invoice, vec![(billed, credit)])),
        }
    }
    let mut lines = Vec::new();
    for (invoice, credits) in by_invoice {
        let rest = match invoice {
            Some(invoice) => credit_invoice(desk, &invoice, policy, credits)?,
            None => credits,
        };
        lines.extend(rest.into_iter().filter(|(_, credit)| credit.amount_minor > 0).map(|(billed, credit)| {
            let line = unused_line(terms, billed, &credit, format!("xc_{}", billed.line));
            Unbilled { line, in_advance: None }
        }));
    }
    Ok(lines)
}

/// Credits the lines of one invoice as far as they fit; what is left of them.
fn credit_invoice<'b>(
    desk: &mut Desk,
    id: &InvoiceId,
    policy: TerminationPolicy,
    credits: Credits<'b>,
) -> Result<Credits<'b>, Refusal> {
    let snapshot = desk.invoice(id)?.clone();
    let settle = match (snapshot.status, policy) {
        (InvoiceStatus::Open | InvoiceStatus::Uncollectible, _) => Settle::BeforePayment,
        (InvoiceStatus::Paid, TerminationPolicy::Refund) => Settle::Refund,
        (InvoiceStatus::Paid, TerminationPolicy::Credit | TerminationPolicy::Skip) => Settle::ToBalance,
        // Nobody owes what these bill.
        (InvoiceStatus::Draft | InvoiceStatus::Void | InvoiceStatus::Deleted, _) => return Ok(Vec::new()),
    };
    let (lines, rest) = fitting(&snapshot, &credits)?;
    let totals = snapshot.totals()?;
    let fits = Creditable::of(&totals, &snapshot.standing_notes())?.issue(Wanted::Lines(&lines), settle).is_ok();
    if !fits {
        return Ok(credits);
    }
    let note = format!("cn_{}_{:x}", tail(id), desk.now.as_microsecond());
    put_note(desk, id, NewNote { id: note, wanted: Wanted::Lines(&lines), settle, reason: None })?;
    Ok(rest)
}

/// What a credit note can give back of these: no more than is left of a line, and of all lines together.
fn fitting<'b>(
    invoice: &InvoiceSnapshot,
    credits: &[(&'b Billed, Credit)],
) -> Result<(Vec<LineCredit>, Credits<'b>), Refusal> {
    let totals = invoice.totals()?;
    let notes = invoice.standing_notes();
    let creditable = Creditable::of(&totals, &notes)?;
    let billed_minor: i64 = totals.lines().iter().map(LineTotals::net_minor).sum();
    let credited_minor: i64 =
        notes.iter().map(CreditNote::figures).map(|note| note.subtotal_minor - note.discount_minor).sum();
    let mut left_minor = (billed_minor - credited_minor).max(0);
    let (mut lines, mut rest) = (Vec::new(), Vec::new());
    for (billed, credit) in credits {
        let index = invoice.lines.iter().position(|line| line.id.as_deref() == Some(billed.line.as_str()));
        let left = index.and_then(|index| Some((index, creditable.lines().get(index)?)));
        // What a note gave back of the line already is not given back again.
        let most_minor = left.map_or(0, |(_, left)| credit.amount_minor.min(left.net_minor()));
        let fits_minor = most_minor.min(left_minor);
        if let Some((line, left)) = left.filter(|_| fits_minor > 0) {
            // A line is credited before its discount.
            let gross = i128::from(fits_minor) * i128::from(left.amount_minor);
            let amount_minor = round_ratio(gross, i128::from(left.net_minor())).unwrap_or(0).min(left.amount_minor);
            lines.push(LineCredit { line, amount_minor });
            left_minor -= fits_minor;
        }
        rest.push((*billed, Credit { amount_minor: most_minor - fits_minor, ..*credit }));
    }
    Ok((lines, rest))
}

fn invoice_with(desk: &Desk, line: &str) -> Option<InvoiceId> {
    let holds = |snapshot: &InvoiceSnapshot| snapshot.lines.iter().any(|known| known.id.as_deref() == Some(line));
    desk.invoices.iter().find(|(_, held)| held.state.snapshot().is_some_and(holds)).map(|(id, _)| id.clone())
}

fn tail(id: &InvoiceId) -> &str {
    id.as_str().strip_prefix("in_").unwrap_or(id.as_str())
}
