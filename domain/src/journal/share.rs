//! What of a sum that is given back was earned already, what was not, and what was tax? Pro rata of what is left of the
//! invoice (revenue.md J10 to J17, tax as in J11t); a sum that takes all that is left takes exactly that.

use super::chart::Account;
use super::entry::Lines;
use crate::money::{allocate, round_ratio};
use crate::recognition::Schedule;

/// A line of the invoice as it stands at a step.
#[derive(Debug, Clone, Default)]
pub(super) struct LineNow {
    /// How it is earned where that takes time.
    pub schedule: Option<Schedule>,
    /// Earned when it was invoiced.
    pub direct_minor: i64,
    /// Earned and given back since.
    pub contra_minor: i64,
}

/// A sum that was given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shares {
    /// Not yet earned, by line.
    pub deferred: Vec<i64>,
    /// Earned, by line.
    pub earned: Vec<i64>,
    /// Beyond anything the lines have left.
    pub beyond_minor: i64,
    pub taxes: Vec<(String, i64)>,
}

/// What is left of an invoice's lines and taxes.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub lines: Vec<LineNow>,
    pub taxes: Vec<(String, i64)>,
}

impl LineNow {
    fn deferred(&self, tick: i64) -> i64 {
        self.schedule.as_ref().map_or(0, |schedule| schedule.remaining(tick))
    }

    fn earned(&self, tick: i64) -> i64 {
        let recognized = self.schedule.as_ref().map_or(0, |schedule| schedule.recognized(tick));
        recognized.saturating_add(self.direct_minor).saturating_sub(self.contra_minor)
    }
}

impl Shares {
    pub fn deferred_minor(&self) -> i64 {
        sum(&self.deferred)
    }

    pub fn earned_minor(&self) -> i64 {
        sum(&self.earned).saturating_add(self.beyond_minor)
    }

    pub fn tax_minor(&self) -> i64 {
        self.taxes.iter().map(|tax| tax.1).fold(0, i64::saturating_add)
    }

    /// What was earned is a loss on that account; what was not yet, and tax, is simply no longer owed.
    pub fn debited(&self, earned_to: Account) -> Lines {
        Lines::default()
            .debit(earned_to, self.earned_minor())
            .debit(Account::Deferred, self.deferred_minor())
            .debit_tax(&self.taxes)
    }
}

impl Left {
    /// Gives back a sum with its tax.
    pub fn give_back(&mut self, gross_minor: i64, tick: i64) -> Shares {
        let deferred: Vec<i64> = self.lines.iter().map(|line| line.deferred(tick)).collect();
        let earned: Vec<i64> = self.lines.iter().map(|line| line.earned(tick)).collect();
        let (net_left, tax_left) = (sum(&deferred) + sum(&earned), self.tax_minor());
        let shares = if gross_minor == net_left + tax_left {
            Shares { deferred, earned, beyond_minor: 0, taxes: self.taxes.clone() }
        } else {
            let tax_minor = portion(gross_minor, tax_left, net_left + tax_left).clamp(0, tax_left.max(0));
            pro_rata(gross_minor - tax_minor, &deferred, &earned, self.split_tax(tax_minor))
        };
        self.take(&shares, tick);
        shares
    }

    /// Gives back a sum of which the lines are not told, without tax, and the taxes that go with it.
    pub fn give_back_net(&mut self, net_minor: i64, taxes: &[(String, i64)], tick: i64) -> Shares {
        let deferred: Vec<i64> = self.lines.iter().map(|line| line.deferred(tick)).collect();
        let earned: Vec<i64> = self.lines.iter().map(|line| line.earned(tick)).collect();
        let shares = pro_rata(net_minor, &deferred, &earned, taxes.to_vec());
        self.take(&shares, tick);
        shares
    }

    /// Gives back parts of lines, without tax, and the taxes that go with them.
    pub fn give_back_lines(&mut self, nets: &[(usize, i64)], taxes: &[(String, i64)], tick: i64) -> Shares {
        let none = vec![0; self.lines.len()];
        let mut shares = Shares { deferred: none.clone(), earned: none, beyond_minor: 0, taxes: taxes.to_vec() };
        for (line, net_minor) in nets {
            let Some(now) = self.lines.get(*line) else {
                shares.beyond_minor = shares.beyond_minor.saturating_add(*net_minor);
                continue;
            };
            let of_line = pro_rata(*net_minor, &[now.deferred(tick)], &[now.earned(tick)], Vec::new());
            if let Some(deferred) = shares.deferred.get_mut(*line) {
                *deferred = deferred.saturating_add(of_line.deferred_minor());
            }
            if let Some(earned) = shares.earned.get_mut(*line) {
                *earned = earned.saturating_add(of_line.earned_minor());
            }
        }
        self.take(&shares, tick);
        shares
    }

    /// Takes back what was given back before: what was not earned then is earned in the time that is left.
    pub fn restore(&mut self, shares: &Shares, tick: i64) {
        let turned = |parts: &[i64]| parts.iter().map(|part| part.saturating_neg()).collect();
        let taxes = shares.taxes.iter().map(|(name, minor)| (name.clone(), minor.saturating_neg())).collect();
        let back =
            Shares { deferred: turned(&shares.deferred), earned: turned(&shares.earned), beyond_minor: 0, taxes };
        self.take(&back, tick);
    }

    fn take(&mut self, shares: &Shares, tick: i64) {
        for (line, minor) in self.lines.iter_mut().zip(&shares.deferred) {
            if let Some(schedule) = &mut line.schedule {
                schedule.reverse(tick, *minor);
            }
        }
        for (line, minor) in self.lines.iter_mut().zip(&shares.earned) {
            line.contra_minor = line.contra_minor.saturating_add(*minor);
        }
        for (name, minor) in &shares.taxes {
            if let Some(left) = self.taxes.iter_mut().find(|left| left.0 == *name) {
                left.1 = left.1.saturating_sub(*minor);
            }
        }
    }

    fn tax_minor(&self) -> i64 {
        self.taxes.iter().map(|tax| tax.1).fold(0, i64::saturating_add)
    }

    fn split_tax(&self, minor: i64) -> Vec<(String, i64)> {
        let parts = allocate(minor, &weights(self.taxes.iter().map(|tax| tax.1)));
        self.taxes.iter().zip(parts).filter(|(_, part)| *part != 0).map(|(tax, part)| (tax.0.clone(), part)).collect()
    }
}

fn pro_rata(net_minor: i64, deferred: &[i64], earned: &[i64], taxes: Vec<(String, i64)>) -> Shares {
    let (deferred_left, earned_left) = (sum(deferred), sum(earned));
    let left = deferred_left.saturating_add(earned_left);
    let within = if left > 0 { net_minor.clamp(0, left) } else { 0 };
    let deferred_minor = (within - portion(within, earned_left, left)).clamp(0, within.min(deferred_left).max(0));
    let earned_minor = (within - deferred_minor).clamp(0, earned_left.max(0));
    Shares {
        deferred: spread(deferred_minor, deferred),
        earned: spread(earned_minor, earned),
        beyond_minor: net_minor - deferred_minor - earned_minor,
        taxes,
    }
}

fn portion(minor: i64, part: i64, whole: i64) -> i64 {
    round_ratio(i128::from(minor) * i128::from(part), i128::from(whole)).unwrap_or(0)
}

/// By largest remainder over what is above zero.
fn spread(minor: i64, over: &[i64]) -> Vec<i64> {
    allocate(minor, &weights(over.iter().copied()))
}

fn weights(of: impl Iterator<Item = i64>) -> Vec<u64> {
    of.map(|minor| minor.max(0).unsigned_abs()).collect()
}

fn sum(parts: &[i64]) -> i64 {
    parts.iter().copied().fold(0, i64::saturating_add)
}
