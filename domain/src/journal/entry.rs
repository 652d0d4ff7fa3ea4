//! What is an entry of the journal? Postings of one moment in one currency that balance; one that does not balance, or
//! moves nothing, cannot be made.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chart::Account;
use crate::absent::is_default;
use crate::money::Currency;

/// One line: above zero a debit, below zero a credit. It is never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    #[serde(rename = "a")]
    pub account: Account,
    #[serde(rename = "m")]
    pub amount_minor: i64,
    /// Whose tax it is, on tax payable where that is known.
    #[serde(default, rename = "j", skip_serializing_if = "is_default")]
    pub jurisdiction: String,
}

impl Posting {
    pub fn debit_minor(&self) -> i64 {
        self.amount_minor.max(0)
    }

    pub fn credit_minor(&self) -> i64 {
        self.amount_minor.saturating_neg().max(0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Object and transition, `in_…:finalized`; a correction of one that was posted before ends in `#2`, `#3`, … and
    /// what takes the earlier one back in `:reversed`.
    pub key: String,
    pub effective_at: Timestamp,
    pub currency: Currency,
    lines: Vec<Posting>,
}

impl Entry {
    /// `None` where the lines do not sum to zero or there are none.
    pub fn new(key: String, effective_at: Timestamp, currency: Currency, lines: Lines) -> Option<Self> {
        let mut lines = lines.0;
        // Debits first, as is usual.
        lines.sort_by_key(|line| line.amount_minor < 0);
        let sum: i128 = lines.iter().map(|line| i128::from(line.amount_minor)).sum();
        (sum == 0 && !lines.is_empty()).then_some(Self { key, effective_at, currency, lines })
    }

    /// An entry as it was posted, read back; `None` where it does not balance.
    pub fn stored(key: String, effective_at: Timestamp, currency: Currency, lines: Vec<Posting>) -> Option<Self> {
        Self::new(key, effective_at, currency, Lines(lines))
    }

    pub fn lines(&self) -> &[Posting] {
        &self.lines
    }

    pub(super) fn renamed(self, key: String) -> Self {
        Self { key, ..self }
    }

    /// What takes it back.
    #[must_use]
    pub fn reversed(&self, key: String) -> Self {
        Self { key, lines: Lines::of(self).turned().0, ..*self }
    }
}

/// The lines of an entry in the making: what is debited to, and credited to, an account is added up by itself, and
/// nothing is written for zero. An amount below zero goes to the other side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(Vec<Posting>);

impl Lines {
    pub(super) fn of(entry: &Entry) -> Self {
        Self(entry.lines.clone())
    }

    /// The same the other way round.
    #[must_use]
    pub(super) fn turned(mut self) -> Self {
        for line in &mut self.0 {
            line.amount_minor = line.amount_minor.saturating_neg();
        }
        self
    }

    #[must_use]
    pub fn debit(self, account: Account, minor: i64) -> Self {
        self.add(account, minor, "")
    }

    #[must_use]
    pub fn credit(self, account: Account, minor: i64) -> Self {
        self.add(account, minor.saturating_neg(), "")
    }

    /// Tax that is no longer owed to those jurisdictions.
    #[must_use]
    pub fn debit_tax(self, taxes: &[(String, i64)]) -> Self {
        let add =
            |lines: Self, (jurisdiction, minor): &(String, i64)| lines.add(Account::TaxPayable, *minor, jurisdiction);
        taxes.iter().fold(self, add)
    }

    #[must_use]
    pub fn credit_tax(self, taxes: &[(String, i64)]) -> Self {
        let add = |lines: Self, (jurisdiction, minor): &(String, i64)| {
            lines.add(Account::TaxPayable, minor.saturating_neg(), jurisdiction)
        };
        taxes.iter().fold(self, add)
    }

    /// Both together.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        let add = |lines: Self, line: Posting| lines.add(line.account, line.amount_minor, &line.jurisdiction);
        other.0.into_iter().fold(self, add)
    }

    fn add(mut self, account: Account, amount_minor: i64, jurisdiction: &str) -> Self {
        if amount_minor == 0 {
            return self;
        }
        let alike = |line: &&mut Posting| {
            let same_side = (line.amount_minor > 0) == (amount_minor > 0);
            line.account == account && same_side && line.jurisdiction == jurisdiction
        };
        match self.0.iter_mut().find(alike) {
            Some(line) => line.amount_minor = line.amount_minor.saturating_add(amount_minor),
            None => self.0.push(Posting { account, amount_minor, jurisdiction: jurisdiction.to_owned() }),
        }
        self
    }
}
