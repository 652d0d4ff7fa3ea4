//! What does a customer have with us, and how much of it goes into an invoice? Credit and prepaid money (decision B15) are
//! kept apart, because only what was bought is owed back. A balance is never below zero: debts are open invoices.

use serde::{Deserialize, Serialize};

use crate::money::MAX_MINOR;
use crate::refusal::Refusal;

/// The money of one customer in one currency that no invoice has used yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CustomerBalance {
    credit_minor: i64,
    prepaid_minor: i64,
}

/// What of a balance an invoice used. Credit below zero was given by the invoice instead, whose total is below zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub credit_minor: i64,
    pub prepaid_minor: i64,
}

impl Applied {
    pub(super) fn total(self) -> i128 {
        i128::from(self.credit_minor) + i128::from(self.prepaid_minor)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            credit_minor: self.credit_minor.saturating_add(other.credit_minor),
            prepaid_minor: self.prepaid_minor.saturating_add(other.prepaid_minor),
        }
    }
}

impl CustomerBalance {
    pub fn new(credit_minor: i64, prepaid_minor: i64) -> Result<Self, Refusal> {
        let fits = |minor: i64| (0..=MAX_MINOR).contains(&minor);
        if !fits(credit_minor) || !fits(prepaid_minor) {
            return Err(Refusal::invalid("balance", "would be below zero or larger than the ledger accepts"));
        }
        Ok(Self { credit_minor, prepaid_minor })
    }

    /// What came of credit notes, overpayments and invoices below zero.
    pub fn credit_minor(self) -> i64 {
        self.credit_minor
    }

    /// What was bought in advance.
    pub fn prepaid_minor(self) -> i64 {
        self.prepaid_minor
    }

    /// With credit given to it, or money bought.
    pub fn plus(self, credit_minor: i64, prepaid_minor: i64) -> Result<Self, Refusal> {
        let given = Applied { credit_minor, prepaid_minor };
        self.with_returned(given)
    }

    /// How much of a sum it pays: credit first, then prepaid money. To a sum below zero it contributes by growing.
    pub(super) fn use_for(self, due_minor: i64) -> Result<(Applied, Self), Refusal> {
        let credit_minor = due_minor.min(self.credit_minor);
        let prepaid_minor = (due_minor - credit_minor).clamp(0, self.prepaid_minor);
        let left = Self::new(self.credit_minor.saturating_sub(credit_minor), self.prepaid_minor - prepaid_minor)?;
        Ok((Applied { credit_minor, prepaid_minor }, left))
    }

    /// With what an invoice had used returned to it.
    pub(super) fn with_returned(self, applied: Applied) -> Result<Self, Refusal> {
        let credit_minor = self.credit_minor.saturating_add(applied.credit_minor);
        Self::new(credit_minor, self.prepaid_minor.saturating_add(applied.prepaid_minor))
    }
}

/// A stored balance before it is checked again.
#[derive(Deserialize)]
struct Unchecked {
    credit_minor: i64,
    prepaid_minor: i64,
}

impl TryFrom<Unchecked> for CustomerBalance {
    type Error = Refusal;

    fn try_from(balance: Unchecked) -> Result<Self, Refusal> {
        Self::new(balance.credit_minor, balance.prepaid_minor)
    }
}
