//! Is every amount printed exactly, with its currency's places?

use domain::money::Currency;
use jiff::civil::date;
use rust_decimal::Decimal;

use super::sample::of_amount;
use super::{body, laid_out};
use crate::pdf::amount;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

#[test]
fn amounts_have_the_places_of_their_currency() {
    let check = |minor: i64, code: &str, expected: &str| {
        assert_eq!(amount::amount(minor, currency(code)), expected, "{minor} {code}");
    };
    for (minor, code, expected) in [
        (0, "USD", "0.00"),
        (5, "USD", "0.05"),
        (-5, "USD", "-0.05"),
        (99_700, "USD", "997.00"),
        (123_456_789, "USD", "1,234,567.89"),
        (-100_000, "USD", "-1,000.00"),
        (0, "JPY", "0"),
        (999, "JPY", "999"),
        (1_000, "JPY", "1,000"),
        (-123_456, "JPY", "-123,456"),
        (1, "KWD", "0.001"),
        (1_234_567, "KWD", "1,234.567"),
        (i64::MAX, "USD", "92,233,720,368,547,758.07"),
        (i64::MIN, "JPY", "-9,223,372,036,854,775,808"),
    ] {
        check(minor, code, expected);
    }
    assert_eq!(amount::deduction(i64::MIN, Currency::JPY), "9,223,372,036,854,775,808");
    assert_eq!(amount::deduction(100, Currency::USD), "-1.00");
}

#[test]
fn unit_prices_have_all_their_places() {
    for (minor, code, expected) in [
        ("1000", "USD", "10.00"),
        ("0.25", "USD", "0.0025"),
        ("12.50", "USD", "0.125"),
        ("-0.5", "JPY", "-0.5"),
        ("100.000", "KWD", "0.100"),
        ("0.0000000000000000000000000001", "USD", "0.000000000000000000000000000001"),
    ] {
        assert_eq!(amount::unit_price(minor.parse().unwrap(), currency(code)), expected, "{minor} {code}");
    }
}

#[test]
fn other_figures_read_as_people_write_them() {
    assert_eq!(amount::quantity(0), "0");
    assert_eq!(amount::quantity(u64::MAX), "18,446,744,073,709,551,615");
    assert_eq!(amount::percent(Decimal::new(2000, 2)), "20%");
    assert_eq!(amount::percent(Decimal::new(7750, 3)), "7.75%");
    assert_eq!(amount::date(date(2024, 2, 9)), "9 Feb 2024");
    assert_eq!(amount::date(date(-9999, 1, 1)), "1 Jan -9999");
}

#[test]
fn a_document_prints_its_currency() {
    for (minor, code, expected) in [
        (-123_456, "USD", ["-1,234.56", "USD -1,234.56"]),
        (123_456, "JPY", ["123,456", "JPY 123,456"]),
        (123_456, "KWD", ["123.456", "KWD 123.456"]),
        (i64::MIN, "JPY", ["-9,223,372,036,854,775,808", "JPY -9,223,372,036,854,775,808"]),
    ] {
        let pages = laid_out(&of_amount(minor, currency(code)));
        let [plain, total] = expected;
        let figures = [
            "Description",
            "Quantity",
            "Unit price",
            "Amount",
            "Plan",
            "1",
            plain,
            plain,
            "Subtotal",
            plain,
            "Total",
            total,
        ];
        let texts = body(&pages[0]);
        assert_eq!(texts[texts.len() - figures.len()..], figures, "{minor} {code}");
        assert!(texts.contains(&code.to_owned()));
    }
}
