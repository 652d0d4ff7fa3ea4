//! What part of something is charged, exactly? Integers only; the amount is rounded once, here.

use rust_decimal::Decimal;

use crate::money::{MAX_MINOR, round_ratio};
use crate::refusal::Refusal;

/// A part of a period in the units it was counted in, `981000/2678400`, not reduced, so that a line can show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: i64,
    denominator: i64,
}

impl Fraction {
    pub const WHOLE: Self = Self { numerator: 1, denominator: 1 };

    /// `None` unless it is from 0 to 1.
    pub fn of(numerator: i64, denominator: i64) -> Option<Self> {
        (denominator > 0 && (0..=denominator).contains(&numerator)).then_some(Self { numerator, denominator })
    }

    pub fn numerator(self) -> i64 {
        self.numerator
    }

    pub fn denominator(self) -> i64 {
        self.denominator
    }
}

/// That part of an amount of minor units, which may itself have decimals, rounded once and half away from zero.
pub fn prorate(full_minor: Decimal, part: Fraction) -> Result<i64, Refusal> {
    let full = full_minor.normalize();
    let exact = full.mantissa().checked_mul(i128::from(part.numerator));
    let scale = 10_i128.checked_pow(full.scale()).and_then(|scale| scale.checked_mul(i128::from(part.denominator)));
    let rounded = exact.zip(scale).and_then(|(exact, scale)| round_ratio(exact, scale));
    rounded
        .filter(|minor| minor.unsigned_abs() <= MAX_MINOR.unsigned_abs())
        .ok_or_else(|| Refusal::invalid("amount", "is larger than the ledger accepts"))
}
