//! What the lines of a Stripe invoice say: three lists in 2012, `plan` and `price` on the line later, `parent` and
//! `pricing` since 2025.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::json::{at, clear, flag, get, list, minor, period, reference, sealed, text};
use super::price;
use crate::id::PlanId;
use crate::invoice::Line;
use crate::price::{Interval, IntervalUnit};
use crate::sealed::Sealer;
use crate::time::Period;

/// Lines of one invoice that are kept; Stripe itself puts ten into an event. A body of a megabyte holds hundreds of
/// thousands of empty ones, which would make an event larger than the log takes. The stored body has them all.
const MAX_LINES: usize = 500;
/// The lists of 2012.
const OF_2012: [&str; 3] = ["subscriptions", "invoiceitems", "prorations"];

pub(super) fn lines(invoice: &Value, sealer: &Sealer<'_>) -> Vec<Line> {
    let flat = list(invoice, "lines").iter().map(|line| read(line, Known::Nothing, sealer));
    let of_2012 = |key: &str, known: Known| {
        let found = get(invoice, "lines").map_or(&[][..], |lines| list(lines, key));
        found.iter().map(move |line| read(line, known, sealer))
    };
    flat.chain(of_2012("subscriptions", Known::Subscription))
        .chain(of_2012("invoiceitems", Known::Nothing))
        .chain(of_2012("prorations", Known::Proration))
        .take(MAX_LINES)
        .collect()
}

/// Whether the invoice has more lines than `lines` gives: more than are kept, or more than the event brought.
pub(super) fn are_incomplete(invoice: &Value) -> bool {
    let Some(lines) = get(invoice, "lines") else { return false };
    let of_2012 = OF_2012.iter().map(|key| list(lines, key).len());
    let brought = of_2012.fold(list(invoice, "lines").len(), usize::saturating_add);
    brought > MAX_LINES || flag(lines, "has_more")
}

/// What the list that a line was in says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Subscription,
    Proration,
}

fn read(line: &Value, known: Known, sealer: &Sealer<'_>) -> Line {
    let sold = [get(line, "price"), get(line, "plan"), at(line, &["pricing", "price_details", "price"])];
    let expanded = || sold.iter().flatten().copied().filter(|sold| sold.is_object());
    let plan = reference(line, "price")
        .or_else(|| reference(line, "plan"))
        .or_else(|| reference(at(line, &["pricing", "price_details"])?, "price"));
    let proration = known == Known::Proration || is_proration(line);
    let period = period(get(line, "period").unwrap_or(&Value::Null), "start", "end");
    let unnamed = !proration && of_subscription_item(line);
    // Stripe words the lines of subscriptions and prorations by itself; those of other items a person wrote.
    let worded = known != Known::Nothing || proration || is_of_subscription(line);
    let note = if worded { None } else { sealed(line, "description", sealer) };
    let words = if worded { clear(line, "description") } else { None };
    let description = words.or_else(|| expanded().find_map(price::name).filter(|_| note.is_none())).unwrap_or_default();
    Line {
        id: clear(line, "id"),
        description,
        note,
        quantity: price::quantity(line).unwrap_or(1),
        period,
        proration,
        plan: plan.and_then(|id| PlanId::parse(id).ok()),
        interval: expanded().find_map(price::interval).or_else(|| period.filter(|_| unnamed).and_then(interval_of)),
        ..Line::of(minor(line, "amount").unwrap_or(0))
    }
}

/// The parent that the line says it has; the others may be there, too, and empty.
fn parent(line: &Value) -> Option<&Value> {
    let kind = at(line, &["parent", "type"])?.as_str()?;
    at(line, &["parent", kind])
}

fn is_proration(line: &Value) -> bool {
    flag(line, "proration") || parent(line).is_some_and(|parent| flag(parent, "proration"))
}

/// Whether the line is what a subscription bills by itself; until 2025 its type said so.
fn is_of_subscription(line: &Value) -> bool {
    text(line, "type") == Some("subscription") || of_subscription_item(line)
}

fn of_subscription_item(line: &Value) -> bool {
    at(line, &["parent", "type"]).and_then(Value::as_str) == Some("subscription_item_details")
}

/// Since 2025 a line names its price and no longer the interval, which a full period still shows: it is the one that
/// leads from its start to its end, or back again where the month is short.
fn interval_of(period: Period) -> Option<Interval> {
    const USUAL: [(IntervalUnit, u32); 7] = [
        (IntervalUnit::Year, 1),
        (IntervalUnit::Month, 1),
        (IntervalUnit::Month, 3),
        (IntervalUnit::Month, 6),
        (IntervalUnit::Week, 1),
        (IntervalUnit::Week, 2),
        (IntervalUnit::Day, 1),
    ];
    let start = TimeZone::UTC.to_datetime(period.start);
    let end = TimeZone::UTC.to_datetime(period.end);
    let spans = |(unit, count): (IntervalUnit, u32)| {
        let count = i64::from(count);
        match unit {
            IntervalUnit::Day => count.days(),
            IntervalUnit::Week => count.weeks(),
            IntervalUnit::Month => count.months(),
            IntervalUnit::Year => count.years(),
        }
    };
    USUAL
        .into_iter()
        .find(|usual| {
            let span = spans(*usual);
            start.checked_add(span).is_ok_and(|there| there == end)
                || end.checked_sub(span).is_ok_and(|back| back == start)
        })
        .map(|(unit, count)| Interval { unit, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_period_shows_its_interval() {
        let month = |count| Some(Interval { unit: IntervalUnit::Month, count });
        let cases = [
            ("2025-04-01T00:00:00Z", "2025-05-01T00:00:00Z", month(1)),
            ("2025-01-31T10:00:00Z", "2025-02-28T10:00:00Z", month(1)),
            ("2025-02-28T10:00:00Z", "2025-03-31T10:00:00Z", month(1)),
            ("2025-01-01T00:00:00Z", "2025-04-01T00:00:00Z", month(3)),
            ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", Some(Interval::YEARLY)),
            ("2025-01-01T00:00:00Z", "2025-01-08T00:00:00Z", Some(Interval { unit: IntervalUnit::Week, count: 1 })),
            ("2025-01-01T00:00:00Z", "2025-01-18T00:00:00Z", None),
            ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", None),
        ];
        for (start, end, expected) in cases {
            let period = Period { start: start.parse().unwrap(), end: end.parse().unwrap() };
            assert_eq!(interval_of(period), expected, "{start} to {end}");
        }
    }
}
