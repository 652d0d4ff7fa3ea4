//! How is an amount of money read from a request? A JSON number or a decimal string in major units, digit by digit: it
//! never passes through a float, and nothing is rounded.

use domain::money::{Currency, Money};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;

/// The largest amount that a request may name, in major units: more is a mistake in a form.
const MAX_MAJOR: i64 = 1_000_000_000_000;
/// Digits of the largest amount of a currency with three places, and a sign of good will for leading zeros.
const MAX_CHARS: usize = 32;

/// An amount as it was written, until its currency is known.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Sum(Box<RawValue>);

impl Sum {
    /// Any amount, below zero too.
    pub fn read(&self, field: &str, currency: Currency) -> Result<Money, Failure> {
        let text = self.text();
        let wrong = |expected: &str| Failure::invalid(field, Some(&text), expected);
        let Some(places) = places(&text) else {
            return Err(wrong("An amount in major units, such as 997.00 or \"997.00\""));
        };
        if places > currency.exponent() as usize {
            let expected = format!("An amount with at most {} decimal places, as {currency} has", currency.exponent());
            return Err(wrong(&expected));
        }
        let too_large = || wrong("An amount of at most 1000000000000");
        let money = Money::from_major(&text, currency).map_err(|_| too_large())?;
        let most = i128::from(MAX_MAJOR) * 10_i128.pow(currency.exponent());
        if i128::from(money.minor()).abs() > most { Err(too_large()) } else { Ok(money) }
    }

    /// An amount above zero.
    pub fn positive(&self, field: &str, currency: Currency) -> Result<Money, Failure> {
        let money = self.read(field, currency)?;
        if money.minor() > 0 {
            Ok(money)
        } else {
            Err(Failure::invalid(field, Some(&self.text()), "An amount above zero"))
        }
    }

    fn text(&self) -> String {
        let written = self.0.get();
        serde_json::from_str::<String>(written).unwrap_or_else(|_| written.to_owned())
    }
}

/// A currency of a request.
pub fn currency(field: &str, code: &str) -> Result<Currency, Failure> {
    Currency::parse(code).map_err(|_| Failure::invalid(field, Some(code), "An ISO 4217 currency code"))
}

/// How many decimal places a plain decimal needs; `None` for other text.
fn places(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fine = text.len() <= MAX_CHARS && is_number(whole) && fraction.is_none_or(is_number);
    fine.then(|| fraction.map_or(0, |part| part.trim_end_matches('0').len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        let cases = [
            ("997.00", Currency::USD, Some(99_700)),
            ("\"997\"", Currency::USD, Some(99_700)),
            ("0.10", Currency::USD, Some(10)),
            ("0.100", Currency::USD, Some(10)),
            ("-5.00", Currency::USD, Some(-500)),
            ("997", Currency::JPY, Some(997)),
            ("1000000000000", Currency::USD, Some(100_000_000_000_000)),
            ("1000000000000.01", Currency::USD, None),
            ("99999999999999999999999999999", Currency::USD, None),
            ("0.001", Currency::USD, None),
            ("997.5", Currency::JPY, None),
            ("9.97e2", Currency::USD, None),
            ("\"1_000\"", Currency::USD, None),
            ("\"+5\"", Currency::USD, None),
            ("\"\"", Currency::USD, None),
            ("\"5.\"", Currency::USD, None),
            ("true", Currency::USD, None),
            ("{}", Currency::USD, None),
        ];
        for (written, currency, expected) in cases {
            let sum: Sum = serde_json::from_str(written).unwrap();
            assert_eq!(sum.read("amount", currency).ok().map(Money::minor), expected, "{written} {currency}");
        }
        let zero: Sum = serde_json::from_str("0.00").unwrap();
        let expected = Failure::invalid("amount", Some("0.00"), "An amount above zero");
        assert_eq!(zero.positive("amount", Currency::USD), Err(expected));
    }
}
