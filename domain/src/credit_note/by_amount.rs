//! Which shares of the lines, their discounts and their taxes make up exactly a given sum? Each rate's part holds tax in
//! the proportion in which it is left (revenue.md J11), so the last note comes out even by itself.

use super::creditable::{Creditable, Group, LineLeft, too_much};
use super::note::CreditedLine;
use crate::money::{allocate, round_ratio};
use crate::refusal::Refusal;

impl Creditable<'_> {
    pub(super) fn by_amount(&self, amount_minor: i64) -> Result<Vec<CreditedLine>, Refusal> {
        if amount_minor > self.total_left_minor() {
            return Err(too_much(self.total_left_minor()));
        }
        if amount_minor <= 0 {
            return Err(Refusal::invalid("amount", "must be above zero"));
        }
        let weights: Vec<u64> = self.groups.iter().map(|group| group.total_left().unsigned_abs()).collect();
        let parts = self.groups.iter().zip(allocate(amount_minor, &weights));
        let mut credited: Vec<CreditedLine> =
            parts.flat_map(|(group, part_minor)| self.part_of(group, part_minor)).collect();
        credited.sort_by_key(|credited| credited.line);
        Ok(credited)
    }

    /// A group's part of the sum, spread over its lines by what is left of them.
    fn part_of(&self, group: &Group, part_minor: i64) -> Vec<CreditedLine> {
        let tax_minor = group.tax_in(part_minor);
        let net_minor = if group.is_on_top() { part_minor - tax_minor } else { part_minor };
        let lines: Vec<(usize, LineLeft)> = self.lines_of(group).collect();
        let left: Vec<u64> = lines.iter().map(|(_, left)| left.net_minor().unsigned_abs()).collect();
        let nets = allocate(net_minor, &left);
        let weights: Vec<u64> = nets.iter().map(|net| net.unsigned_abs()).collect();
        let shares = lines.iter().zip(nets).zip(allocate(tax_minor, &weights));
        let credited = shares.filter(|((_, net_minor), tax_minor)| *net_minor != 0 || *tax_minor != 0);
        credited.map(|(((line, left), net), tax)| self.credited(*line, share(*left, net), tax)).collect()
    }
}

impl Group<'_> {
    /// The tax in a sum of the group.
    fn tax_in(&self, part_minor: i64) -> i64 {
        let exact = i128::from(part_minor) * i128::from(self.tax_left());
        round_ratio(exact, i128::from(self.total_left())).unwrap_or(0)
    }
}

/// The part of a line that comes to this net amount, with the discount in the proportion in which it is left.
fn share(left: LineLeft, net_minor: i64) -> LineLeft {
    let exact = i128::from(left.discount_minor) * i128::from(net_minor);
    let discount_minor = round_ratio(exact, i128::from(left.net_minor())).unwrap_or(0);
    LineLeft { amount_minor: net_minor.saturating_add(discount_minor), discount_minor }
}
