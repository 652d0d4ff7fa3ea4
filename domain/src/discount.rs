//! What discounts take off an invoice (decision B6), and which invoices they apply to. How they change MRR is another
//! question, answered in `mrr`.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::money::{Currency, round_half_away};
use crate::price::{Discount, Duration, Off};

/// What the discounts take off a subtotal together: percentages first, in order, then fixed amounts, never below zero.
/// A fixed amount of another currency takes nothing off: no exchange rate is implied.
pub fn discount_minor<'d>(
    subtotal_minor: i64,
    currency: Currency,
    discounts: impl Iterator<Item = &'d Discount> + Clone,
) -> i64 {
    let mut left = subtotal_minor.max(0);
    for discount in discounts.clone() {
        if let Off::Percent(percent) = &discount.off {
            left = left.saturating_sub(share(left, *percent)).max(0);
        }
    }
    for discount in discounts {
        if let Off::Amount { minor, currency: of } = &discount.off
            && *of == currency
        {
            left = left.saturating_sub((*minor).max(0)).max(0);
        }
    }
    subtotal_minor.max(0) - left
}

/// Whether a discount applies to the invoice of an instant. One that applies `once` is spent by the first invoice after
/// it began; `earlier` is the latest invoice before this one.
pub fn applies(discount: &Discount, at: Timestamp, earlier: Option<Timestamp>) -> bool {
    let in_force = discount.start <= at && discount.end.is_none_or(|end| at < end);
    match discount.duration {
        Duration::Forever | Duration::Repeating { .. } => in_force,
        Duration::Once => in_force && earlier.is_none_or(|earlier| earlier < discount.start),
    }
}

fn share(minor: i64, percent: Decimal) -> i64 {
    let exact = Decimal::from(minor).checked_mul(percent).and_then(|exact| exact.checked_div(Decimal::ONE_HUNDRED));
    exact.and_then(round_half_away).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off(off: Off, duration: Duration, start: &str, end: Option<&str>) -> Discount {
        let end = end.map(|end| end.parse().unwrap());
        Discount { coupon: "C".to_owned(), off, duration, start: start.parse().unwrap(), end }
    }

    const START: &str = "2024-01-15T10:30:00Z";

    fn percent(percent: &str) -> Discount {
        off(Off::Percent(percent.parse().unwrap()), Duration::Forever, START, None)
    }

    fn amount(minor: i64, currency: Currency) -> Discount {
        off(Off::Amount { minor, currency }, Duration::Forever, START, None)
    }

    #[test]
    fn percentages_come_before_amounts_and_nothing_goes_below_zero() {
        let usd = |minor| amount(minor, Currency::USD);
        let cases = [
            (500_000, vec![], 0),
            (500_000, vec![percent("20")], 100_000),
            (154_234, vec![percent("20")], 30_847),
            (10_000, vec![percent("33.33")], 3_333),
            (5, vec![percent("50")], 3),
            (10_000, vec![percent("10"), percent("10")], 1_900),
            (10_000, vec![usd(1_000), percent("50")], 6_000),
            (10_000, vec![usd(9_000), usd(9_000)], 10_000),
            (10_000, vec![percent("100"), usd(1)], 10_000),
            (10_000, vec![amount(1_000, Currency::EUR)], 0),
            (0, vec![percent("20"), usd(500)], 0),
            (-700, vec![percent("20"), usd(500)], 0),
        ];
        for (subtotal, discounts, expected) in cases {
            assert_eq!(discount_minor(subtotal, Currency::USD, discounts.iter()), expected, "{subtotal} {discounts:?}");
        }
    }

    #[test]
    fn a_discount_applies_to_the_invoices_of_its_time() {
        let months = Duration::Repeating { months: 2 };
        let end = Some("2024-03-15T10:30:00Z");
        let cases = [
            (Duration::Forever, None, "2024-01-01T00:00:00Z", None, false),
            (Duration::Forever, None, "2034-01-01T00:00:00Z", Some("2033-12-01T00:00:00Z"), true),
            (months, end, START, None, true),
            (months, end, "2024-03-15T10:29:59Z", None, true),
            (months, end, "2024-03-15T10:30:00Z", None, false),
            (Duration::Once, None, "2024-02-01T00:00:00Z", None, true),
            (Duration::Once, None, "2024-02-01T00:00:00Z", Some("2024-01-01T00:00:00Z"), true),
            (Duration::Once, None, "2024-02-01T00:00:00Z", Some(START), false),
            (Duration::Once, None, "2024-02-01T00:00:00Z", Some("2024-01-22T10:30:00Z"), false),
            (Duration::Once, end, "2024-04-01T00:00:00Z", None, false),
        ];
        for (duration, end, at, earlier, expected) in cases {
            let discount = off(Off::Percent(Decimal::TEN), duration, START, end);
            let earlier = earlier.map(|earlier| earlier.parse().unwrap());
            assert_eq!(applies(&discount, at.parse().unwrap(), earlier), expected, "{duration:?} {at} {earlier:?}");
        }
    }
}
