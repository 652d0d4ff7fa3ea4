//! What is wrong with a price or with how much of it is sold, and in which field. Each becomes a refusal that names it.

use crate::money::Currency;
use crate::refusal::Refusal;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct PriceError {
    /// As the form of a price calls it: `amount`, `tiers[1].up_to`, `quantity`.
    pub field: String,
    pub problem: PriceProblem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceProblem {
    #[error("must not be negative")]
    Negative,
    #[error("must not be over {limit} {currency}")]
    TooLarge { limit: i64, currency: Currency },
    #[error("has more than {places} decimal places")]
    TooManyDecimals { places: u32 },
    #[error("is in {found}, expected {expected}")]
    CurrencyMismatch { expected: Currency, found: Currency },
    #[error("must be a whole number from 1 to {most}")]
    OutOfRange { most: u64 },
    #[error("must not be over {most}")]
    TooMuchUsage { most: u64 },
    #[error("comes to more than can be billed")]
    Overflow,
    #[error("must have 1 to {most} tiers")]
    TierCount { most: usize },
    #[error("must be higher than in the tier before")]
    OutOfOrder,
    #[error("is missing: only the last tier has no end")]
    OpenTierBeforeLast,
    #[error("cannot be given: the last tier has no end")]
    ClosedLastTier,
    #[error("must be at least 1")]
    EmptyPackage,
    #[error("cannot be a flat amount where usage is counted")]
    FlatUsage,
    #[error("is missing: usage is billed for a period")]
    UsageWithoutInterval,
    #[error("lies before the first price")]
    Unpriced,
}

impl PriceError {
    pub fn new(field: impl Into<String>, problem: PriceProblem) -> Self {
        Self { field: field.into(), problem }
    }
}

impl From<PriceError> for Refusal {
    fn from(error: PriceError) -> Self {
        Self::Invalid { field: error.field, reason: error.problem.to_string() }
    }
}
