//! Money and instants in JSON.

use domain::money::{Currency, Money};
use domain::time::from_micros;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// An amount as a JSON number in major units with exactly the currency's places (`5000.00`), printed from the integer
/// and never through a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Money);

impl Amount {
    pub fn minor(minor: i64, currency: Currency) -> Self {
        Self(Money::from_minor(minor, currency))
    }

    /// The amount of a row, whose currency is stored as its code. Rows are written from valid currencies only; USD
    /// stands in for what cannot be.
    pub fn of_row(minor: i64, currency: &str) -> Self {
        Self::minor(minor, Currency::parse(currency).unwrap_or(Currency::USD))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(&self.0.to_major().to_string(), serializer)
    }
}

/// An exact decimal as a JSON number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact(pub rust_decimal::Decimal);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(&self.0.to_string(), serializer)
    }
}

fn number<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(text.to_owned()).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// RFC 3339 in UTC to the second, `2024-01-15T10:30:00Z`.
pub fn rfc3339(instant: Timestamp) -> String {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant).to_string()
}

/// The same of stored microseconds.
pub fn rfc3339_micros(micros: i64) -> String {
    rfc3339(from_micros(micros))
}

/// RFC 3339 to the microsecond, for the ledger's own surface, where the order of events within a second shows.
pub fn rfc3339_exact(micros: i64) -> String {
    from_micros(micros).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_json_numbers() {
        let cases = [
            (500_000, Currency::USD, "5000.00"),
            (1, Currency::USD, "0.01"),
            (-1, Currency::USD, "-0.01"),
            (700, Currency::JPY, "700"),
            (900_719_925_474_099, Currency::USD, "9007199254740.99"),
        ];
        for (minor, currency, expected) in cases {
            assert_eq!(serde_json::to_string(&Amount::minor(minor, currency)).unwrap(), expected);
        }
    }
}
