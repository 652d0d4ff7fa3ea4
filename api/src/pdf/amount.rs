//! How is an amount, a quantity or a date printed on a document? Exactly, with the currency's places; never rounded.

use domain::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::document::DateSpan;

/// The hyphen of every keyboard: a figure that is copied out of the document is still a number elsewhere, and the embedded
/// faces lack typography's minus.
const MINUS: char = '-';

/// `1,234.50`, `-1,234` or `0.005`, by the currency's exponent.
pub(super) fn amount(minor: i64, currency: Currency) -> String {
    grouped(i128::from(minor), currency.exponent())
}

/// An amount that is taken off: with the other sign.
pub(super) fn deduction(minor: i64, currency: Currency) -> String {
    grouped(-i128::from(minor), currency.exponent())
}

/// A price in minor units and fractions of them, with all its places: `0.0025` for a quarter of a cent.
pub(super) fn unit_price(minor: Decimal, currency: Currency) -> String {
    let exact = minor.normalize();
    grouped(exact.mantissa(), exact.scale() + currency.exponent())
}

pub(super) fn quantity(count: u64) -> String {
    grouped(i128::from(count), 0)
}

/// `20%` of 20.00.
pub(super) fn percent(rate: Decimal) -> String {
    let exact = rate.normalize();
    format!("{}%", grouped(exact.mantissa(), exact.scale()))
}

/// `15 Jan 2024`: no reader takes the month for the day.
pub(super) fn date(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

pub(super) fn span(span: DateSpan) -> String {
    format!("{} – {}", date(span.start), date(span.end))
}

/// `units` over ten to the `places`, with a comma between thousands.
fn grouped(units: i128, places: u32) -> String {
    let places = places as usize;
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let mut text = String::new();
    if units < 0 {
        text.push(MINUS);
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if places > 0 {
        text.push('.');
        text.push_str(fraction);
    }
    text
}
