//! What discount and tax go with parts of lines? A line's discount is rounded cumulatively, so that no order of notes
//! takes more or less than all of it. A note's tax is rounded on its own, as its reader checks it, and the last note over a
//! rate takes the rest (billing.md §3.7).

use super::creditable::{Creditable, Group, LineLeft, too_much};
use super::note::{CreditedLine, LineCredit};
use crate::money::{allocate, round_ratio};
use crate::refusal::Refusal;
use crate::tax::tax_on;

/// How far the taxes of all notes over a rate may stray from the exact share of what they credited. Without a limit many
/// small notes, each with its tax rounded the same way, would leave the last one a tax out of all proportion.
pub const MAX_TAX_DRIFT_MINOR: i64 = 2;

impl Creditable<'_> {
    pub(super) fn by_lines(&self, wanted: &[LineCredit]) -> Result<Vec<CreditedLine>, Refusal> {
        let mut shares = wanted.iter().map(|credit| self.share(credit)).collect::<Result<Vec<_>, Refusal>>()?;
        shares.sort_by_key(|(line, _)| *line);
        if shares.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            return Err(Refusal::invalid("line", "is named twice"));
        }
        let mut credited = Vec::new();
        for group in &self.groups {
            let of_group = |line: usize| self.lines_of(group).any(|(index, _)| index == line);
            let shares: Vec<_> = shares.iter().filter(|(line, _)| of_group(*line)).collect();
            let net_minor = shares.iter().map(|(_, share)| share.net_minor()).sum();
            if net_minor > group.net_left() {
                return Err(too_much(self.total_left_minor()));
            }
            let nets: Vec<u64> = shares.iter().map(|(_, share)| share.net_minor().unsigned_abs()).collect();
            let taxes = allocate(group.tax_on(net_minor)?, &nets);
            credited.extend(shares.iter().zip(taxes).map(|((line, share), tax)| self.credited(*line, *share, tax)));
        }
        credited.sort_by_key(|credited| credited.line);
        Ok(credited)
    }

    /// A part of a line with the discount that goes with it.
    fn share(&self, credit: &LineCredit) -> Result<(usize, LineLeft), Refusal> {
        let unknown = || Refusal::invalid("line", "is not a line of the invoice");
        let left = self.lines.get(credit.line).ok_or_else(unknown)?;
        let billed = self.totals.lines().get(credit.line).ok_or_else(unknown)?;
        let amount_minor = credit.amount_minor;
        if amount_minor <= 0 {
            return Err(Refusal::invalid("amount", "must be above zero"));
        }
        if amount_minor > left.amount_minor {
            return Err(Refusal::invalid(
                "amount",
                format!("is more than the {} minor units left of its line", left.amount_minor),
            ));
        }
        let credited_minor = billed.amount_minor - left.amount_minor;
        let exact = i128::from(billed.discount_minor) * i128::from(credited_minor + amount_minor);
        let until_now = billed.discount_minor - left.discount_minor;
        let discount_minor = round_ratio(exact, i128::from(billed.amount_minor)).unwrap_or(0) - until_now;
        // Within what is left, of the discount and of the net, even where a note in between was voided.
        let least = (amount_minor - left.net_minor()).max(0);
        let discount_minor = discount_minor.clamp(least, amount_minor.min(left.discount_minor).max(least));
        Ok((credit.line, LineLeft { amount_minor, discount_minor }))
    }
}

impl Group<'_> {
    /// The tax that goes with a net amount of the group.
    fn tax_on(&self, net_minor: i64) -> Result<i64, Refusal> {
        let Some(rate) = self.rate.filter(|_| net_minor > 0) else { return Ok(0) };
        if net_minor >= self.net_left() {
            return Ok(self.tax_left());
        }
        let own = tax_on(net_minor, rate)?;
        let until_now = self.exact_share(self.credited_net_minor + net_minor) - self.credited_tax_minor;
        let near = own.clamp(until_now - MAX_TAX_DRIFT_MINOR, until_now + MAX_TAX_DRIFT_MINOR);
        Ok(near.clamp(0, self.tax_left()))
    }

    fn exact_share(&self, net_minor: i64) -> i64 {
        round_ratio(i128::from(self.tax_minor) * i128::from(net_minor), i128::from(self.net_minor)).unwrap_or(0)
    }
}
