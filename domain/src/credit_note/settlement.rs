//! Where does the money of a credit note go: off what is due, back to the payer, or to the customer's balance?

use serde::{Deserialize, Serialize};

use super::creditable::Creditable;
use crate::refusal::Refusal;

/// How a credit note is to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// Off what remains to be paid; what is more, to the balance.
    BeforePayment,
    /// Paid back as far as more was paid than is owed with the note; what is more, to the balance.
    Refund,
    ToBalance,
    /// As somebody wants it, within what remains to be paid and what can be paid back.
    As(Settlement),
}

/// The parts of a credit note's total by where they went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub before_payment_minor: i64,
    pub refund_minor: i64,
    pub to_balance_minor: i64,
}

impl Creditable<'_> {
    pub(super) fn settlement(&self, total_minor: i64, settle: Settle) -> Result<Settlement, Refusal> {
        let remaining_minor = self.totals.figures().amount_remaining_minor;
        let none = Settlement::default();
        match settle {
            Settle::ToBalance => Ok(Settlement { to_balance_minor: total_minor, ..none }),
            Settle::BeforePayment => {
                let before_payment_minor = total_minor.min(remaining_minor);
                Ok(Settlement { before_payment_minor, to_balance_minor: total_minor - before_payment_minor, ..none })
            }
            Settle::Refund => {
                let most = total_minor.min(self.refundable_minor());
                let refund_minor = self.surplus_with(total_minor).clamp(0, most);
                Ok(Settlement { refund_minor, to_balance_minor: total_minor - refund_minor, ..none })
            }
            Settle::As(settlement) => self.checked(settlement, total_minor),
        }
    }

    /// What the customer gave for the invoice beyond what it comes to after a note of this total.
    fn surplus_with(&self, total_minor: i64) -> i64 {
        let figures = self.totals.figures();
        let given = figures.amount_paid_minor + figures.applied_balance_minor;
        let returned = self.refunded_minor + self.to_balance_minor;
        let owed = figures.total_minor - self.credited_minor - total_minor;
        given - returned - owed
    }

    fn checked(&self, settlement: Settlement, total_minor: i64) -> Result<Settlement, Refusal> {
        let Settlement { before_payment_minor, refund_minor, to_balance_minor } = settlement;
        let sum = i128::from(before_payment_minor) + i128::from(refund_minor) + i128::from(to_balance_minor);
        if before_payment_minor < 0 || refund_minor < 0 || to_balance_minor < 0 || sum != i128::from(total_minor) {
            return Err(Refusal::invalid("settlement", "does not sum to the credit note's total"));
        }
        if before_payment_minor > self.totals.figures().amount_remaining_minor {
            return Err(Refusal::invalid("before_payment", "is more than remains to be paid"));
        }
        if refund_minor > self.refundable_minor() {
            return Err(Refusal::invalid("refund", "is more than was paid and not refunded yet"));
        }
        Ok(settlement)
    }
}
