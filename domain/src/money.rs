//! What an amount of money is, and the only ways to calculate with it.
//!
//! An amount is an `i64` count of the currency's smallest unit beside its ISO 4217 currency. Arithmetic goes through
//! `rust_decimal` or `i128`; there is one rounding function. Floats never touch money.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest amount, in minor units, that a single figure may have: ten trillion of a two-digit currency.
/// It keeps every sum of a billion such figures inside `i128` and every single one far inside `i64`.
pub const MAX_MINOR: i64 = 1_000_000_000_000_000;

/// An ISO 4217 currency, with its number of decimal places (0, 2 or 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub const USD: Self = Self(iso_currency::Currency::USD);
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    pub const GBP: Self = Self(iso_currency::Currency::GBP);
    pub const JPY: Self = Self(iso_currency::Currency::JPY);

    /// Reads a code in any letter case: Stripe and two of the seeds print `usd`, the others `USD`.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(&code.to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }

    /// The upper-case code, `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimal places of the smallest unit: 0 for JPY, 2 for USD, 3 for KWD. Codes without a minor unit count as 0.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("{0:?} is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    #[error("{0:?} is not a decimal amount")]
    NotANumber(String),
    #[error("{amount} has more than the {places} decimal places of {currency}")]
    TooManyDecimals { amount: String, places: u32, currency: Currency },
    #[error("the amount is larger than the ledger accepts")]
    TooLarge,
    #[error("{left} and {right} cannot be added: no exchange rate is implied")]
    CurrencyMismatch { left: Currency, right: Currency },
}

/// An exact amount in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    #[serde(rename = "amount_minor")]
    minor: i64,
    currency: Currency,
}

impl Money {
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    pub fn minor(self) -> i64 {
        self.minor
    }

    pub fn currency(self) -> Currency {
        self.currency
    }

    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Reads an exact decimal in major units, as JSON numbers and forms carry it: `"5000.00"`, `"97"`.
    /// An exponent, a sign other than a leading minus, or more places than the currency has is refused.
    pub fn from_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let decimal = Decimal::from_str(text).map_err(|_| MoneyError::NotANumber(text.to_owned()))?;
        let scaled = decimal
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or(MoneyError::TooLarge)?
            .normalize();
        if scaled.scale() > 0 {
            return Err(MoneyError::TooManyDecimals { amount: text.to_owned(), places: currency.exponent(), currency });
        }
        let minor = i64::try_from(scaled.mantissa()).map_err(|_| MoneyError::TooLarge)?;
        if minor.unsigned_abs() > MAX_MINOR.unsigned_abs() {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The amount in major units with exactly the currency's places: `5000.00`.
    pub fn to_major(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent())
    }

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    pub fn checked_mul(self, factor: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(factor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    /// `self × numerator ÷ denominator`, rounded once, half away from zero. The denominator must be positive.
    pub fn share(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        let minor = round_ratio(i128::from(self.minor) * i128::from(numerator), i128::from(denominator))
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_major(), self.currency)
    }
}

/// The one rounding rule: to the nearest integer, ties away from zero (revenue.md G1).
pub fn round_half_away(value: Decimal) -> Option<i64> {
    let rounded = value.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(rounded.normalize().trunc().mantissa()).ok()
}

/// `numerator ÷ denominator` under the one rounding rule, exact in `i128`. `None` for a denominator that is not
/// positive or a result outside `i64`.
pub fn round_ratio(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let quotient = numerator / denominator;
    let remainder = (numerator % denominator).abs();
    let away = i128::from(remainder * 2 >= denominator) * numerator.signum();
    i64::try_from(quotient + away).ok()
}

/// Splits `total` in proportion to `weights` so that the parts sum to it exactly: each part is the exact share
/// rounded towards zero, and the units left go to the largest remainders, ties to the earlier part.
/// All weights zero puts the whole on the first part.
pub fn allocate(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let magnitude = i128::from(total.unsigned_abs());
    let mut parts: Vec<(i128, i128, usize)> = weights
        .iter()
        .enumerate()
        .map(|(index, &weight)| {
            let exact = magnitude * i128::from(weight);
            (exact / sum, exact % sum, index)
        })
        .collect();
    let given: i128 = parts.iter().map(|part| part.0).sum();
    let mut left = magnitude - given;
    parts.sort_by(|a, b| b.1.cmp(&a.1).then(a.2.cmp(&b.2)));
    for part in &mut parts {
        if left == 0 {
            break;
        }
        part.0 += 1;
        left -= 1;
    }
    parts.sort_by_key(|part| part.2);
    let sign = i128::from(total.signum());
    parts.iter().map(|part| i64::try_from(part.0 * sign).unwrap_or(0)).collect()
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
