//! What is billed afterwards when the agreement changes before: what is owed until then is billed with the next invoice,
//! and what comes instead is owed from then on (K-32, S-04 of billing.md §5).

use jiff::Timestamp;

use super::desk::Desk;
use super::ids::invoice_of;
use super::lines::{agreed, is_in_arrears, key_of, used};
use super::renew::part_of_full;
use crate::account::PendingLine;
use crate::id::SubscriptionId;
use crate::invoice::Line;
use crate::price::{Item, Usage};
use crate::proration::Billed;
use crate::refusal::Refusal;
use crate::subscription::Terms;
use crate::time::{Period, Stretch};
use crate::usage::UsageCommand;

/// How the marks among a subscription's billed lines begin that say since when an item is owed.
const MARK: &str = "ar_";

/// What is owed for items that will not be billed at the end of the period as they were agreed at its beginning.
#[derive(Debug, Default)]
pub(super) struct Arrears {
    pub pending: Vec<PendingLine>,
    /// Since when what comes instead is owed.
    pub marks: Vec<Billed>,
    pub used: bool,
}

/// Since when an item that is billed in arrears is owed in a period that began at `start`.
pub(super) fn owed_since(terms: &Terms, item: &Item, start: Timestamp) -> Timestamp {
    let key = key_of(item);
    let marks = terms.billed.iter().filter(|billed| billed.line.starts_with(MARK) && billed.item == key);
    marks.map(|mark| mark.stretch.period.end).fold(start, Timestamp::max)
}

/// What is owed at an instant of the period, or at its end, where other items are agreed on.
pub(super) fn settle_until(
    desk: &Desk,
    id: &SubscriptionId,
    terms: &Terms,
    after: &[Item],
    at: Timestamp,
) -> Result<Arrears, Refusal> {
    let Some(period) = terms.period.filter(|period| period.start < at) else { return Ok(Arrears::default()) };
    let stays = |item: &&Item, others: &[Item]| others.contains(item);
    let gone = || terms.items.iter().filter(|item| is_in_arrears(item) && !stays(item, after));
    let come = || after.iter().filter(|item| is_in_arrears(item) && !stays(item, &terms.items));
    let reference = part_of_full(terms, period)?.reference;
    let mut lines: Vec<Line> = Vec::new();
    for item in gone().filter(|item| item.price.usage == Usage::Licensed) {
        let owed = Period { start: owed_since(terms, item, period.start), end: at };
        if owed.start < owed.end {
            lines.push(agreed(desk, terms, item, Stretch { period: owed, reference })?);
        }
    }
    let is_metered = |item: &&Item| item.price.usage == Usage::Metered;
    let metered_changes = gone().chain(come()).any(|item| is_metered(&item));
    for item in terms.items.iter().filter(|item| metered_changes && is_metered(item)) {
        let lines_of_item = used(desk, id, item, Period { end: at, ..period })?;
        lines.extend(lines_of_item.into_iter().map(|wanted| wanted.line));
    }
    let key =
        |number: u32| format!("ap_{}_{:x}_{}_{number}", id.as_str(), desk.now.as_microsecond(), desk.sequence_of(id));
    let pending = (1_u32..).zip(lines).map(|(number, line)| PendingLine {
        key: key(number),
        currency: terms.currency,
        subscription: Some(id.clone()),
        line: Line { id: Some(key(number)), ..line },
    });
    let pending = pending.collect();
    let marks = come().filter(|item| !is_metered(item)).map(|item| mark(item, period, at)).collect();
    Ok(Arrears { pending, marks, used: metered_changes })
}

/// The marks of items that are owed only from an instant on, though their period began before.
pub(super) fn marks(items: &[Item], period: Period, at: Timestamp) -> Vec<Billed> {
    let owed = items.iter().filter(|item| is_in_arrears(item) && item.price.usage == Usage::Licensed);
    owed.map(|item| mark(item, period, at)).collect()
}

/// What was used until then is among the lines that wait: no invoice takes it again.
pub(super) fn note_used(desk: &mut Desk, id: &SubscriptionId, period: Period, until: Timestamp) -> Result<(), Refusal> {
    let invoice = invoice_of(id, "r", period.end)?;
    desk.on_usage(id, UsageCommand::Bill { invoice, until })
}

fn mark(item: &Item, period: Period, at: Timestamp) -> Billed {
    let key = key_of(item);
    let period = Period { end: at, ..period };
    Billed {
        line: format!("{MARK}{key}"),
        item: key,
        quantity: item.quantity,
        amount_minor: 0,
        tax_minor: 0,
        stretch: Stretch { period, reference: period },
        adjusted: Vec::new(),
    }
}
