//! The roll-forward of a period: from its opening MRR and customers, by its movements, to its closing (revenue.md
//! §1.3, invariants I1 and I2). One currency at a time; what exchange rates did is a line of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::balance::Balance;
use super::movement::{LogoChange, Movement, MovementType};
use crate::money::Currency;
use crate::time::Period;

/// Where a period stands at its beginning: the closing of the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub mrr_minor: i64,
    pub customers: i64,
    pub paused_customers: i64,
}

/// What moved, all as non-negative figures, except for `exchange_minor`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waterfall {
    pub opening: Opening,
    pub new_minor: i64,
    pub expansion_minor: i64,
    pub reactivation_minor: i64,
    pub contraction_minor: i64,
    pub churn_minor: i64,
    /// What exchange rates alone did, in a converted waterfall.
    pub exchange_minor: i64,
    pub new_customers: i64,
    pub reactivated_customers: i64,
    pub resumed_customers: i64,
    pub paused_customers: i64,
    pub churned_customers: i64,
    /// Customers who left while paused; they had stopped counting as active before.
    pub churned_while_paused: i64,
}

/// A waterfall that does not end where the balances do. Nothing should be published from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "movements lead to {expected_minor} and {expected_customers} customers, balances to {found_minor} and {found_customers}"
)]
pub struct Unbalanced {
    pub expected_minor: i64,
    pub found_minor: i64,
    pub expected_customers: i64,
    pub found_customers: i64,
}

/// Sums the movements of `[start, end)`, which should be of one currency.
pub fn waterfall<'a>(opening: Opening, movements: impl IntoIterator<Item = &'a Movement>, period: Period) -> Waterfall {
    let mut sums = Waterfall { opening, ..Waterfall::default() };
    for movement in movements.into_iter().filter(|movement| period.contains(movement.effective_at)) {
        let sum = match movement.kind {
            MovementType::New => &mut sums.new_minor,
            MovementType::Expansion => &mut sums.expansion_minor,
            MovementType::Reactivation => &mut sums.reactivation_minor,
            MovementType::Contraction => &mut sums.contraction_minor,
            MovementType::Churn => &mut sums.churn_minor,
        };
        *sum = sum.saturating_add(movement.amount_minor);
        let Some(logo) = movement.logo else { continue };
        let count = match logo {
            LogoChange::New => &mut sums.new_customers,
            LogoChange::Reactivated => &mut sums.reactivated_customers,
            LogoChange::Resumed => &mut sums.resumed_customers,
            LogoChange::Paused => &mut sums.paused_customers,
            LogoChange::Churned => &mut sums.churned_customers,
            LogoChange::ChurnedWhilePaused => &mut sums.churned_while_paused,
        };
        *count += 1;
    }
    sums
}

impl Waterfall {
    /// Net new MRR; exchange rates are no part of it.
    pub fn net_new_minor(&self) -> i64 {
        self.gained_minor().saturating_sub(self.lost_minor())
    }

    pub fn gained_minor(&self) -> i64 {
        self.new_minor.saturating_add(self.expansion_minor).saturating_add(self.reactivation_minor)
    }

    pub fn lost_minor(&self) -> i64 {
        self.contraction_minor.saturating_add(self.churn_minor)
    }

    /// Invariant I1.
    pub fn closing_minor(&self) -> i64 {
        self.opening.mrr_minor.saturating_add(self.net_new_minor()).saturating_add(self.exchange_minor)
    }

    /// Invariant I2; paused customers are not active.
    pub fn closing_customers(&self) -> i64 {
        self.opening.customers + self.new_customers + self.reactivated_customers + self.resumed_customers
            - self.churned_customers
            - self.paused_customers
    }

    pub fn closing_paused_customers(&self) -> i64 {
        self.opening.paused_customers + self.paused_customers - self.resumed_customers - self.churned_while_paused
    }

    /// All customers lost, paused ones among them.
    pub fn lost_customers(&self) -> i64 {
        self.churned_customers + self.churned_while_paused
    }

    /// The opening of the period that follows.
    pub fn closing(&self) -> Opening {
        Opening {
            mrr_minor: self.closing_minor(),
            customers: self.closing_customers(),
            paused_customers: self.closing_paused_customers(),
        }
    }

    /// Compares the closing with what the balances say at the period's end.
    pub fn check(&self, found_minor: i64, found_customers: i64) -> Result<(), Unbalanced> {
        let (expected_minor, expected_customers) = (self.closing_minor(), self.closing_customers());
        if (expected_minor, expected_customers) == (found_minor, found_customers) {
            Ok(())
        } else {
            Err(Unbalanced { expected_minor, found_minor, expected_customers, found_customers })
        }
    }
}

/// MRR by currency at an instant; currencies without any are left out.
pub fn mrr_at<'a>(balances: impl IntoIterator<Item = &'a Balance>, instant: Timestamp) -> BTreeMap<Currency, i64> {
    let mut totals: BTreeMap<Currency, i64> = BTreeMap::new();
    for balance in balances.into_iter().filter(|balance| balance.mrr_minor != 0 && balance.holds_at(instant)) {
        let total = totals.entry(balance.currency).or_default();
        *total = total.saturating_add(balance.mrr_minor);
    }
    totals
}
