//! What tax does each line bear, so that the lines sum to the invoice's tax to the cent (decision B6)? The invoice's
//! exclusive tax is rounded once; rates share it, and lines their rate's, by largest remainder. Discounts are taken off
//! before.

use super::apportion::apportion;
use super::rate::{Inclusion, Rate, WHOLE};
use crate::money::round_ratio;
use crate::refusal::Refusal;

/// A line as tax sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineToTax<'l> {
    /// After discounts; below zero for a credit.
    pub amount_minor: i64,
    pub rate: Option<&'l Rate>,
}

/// The tax of one rate on an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateTax {
    pub rate: Rate,
    /// What the tax is on, without the tax.
    pub base_minor: i64,
    pub tax_minor: i64,
}

/// The taxes of an invoice. Whether a line's tax comes on top of it or is in it, its rate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxes {
    pub by_line_minor: Vec<i64>,
    /// In order of their first lines.
    pub by_rate: Vec<RateTax>,
    pub exclusive_minor: i64,
    pub inclusive_minor: i64,
}

/// The lines of one rate.
struct Group<'l> {
    rate: &'l Rate,
    lines: Vec<(usize, i128)>,
    amount: i128,
}

pub fn tax_lines(lines: &[LineToTax]) -> Result<Taxes, Refusal> {
    let groups = groups(lines);
    let (exclusive, wholes) = wholes(&groups)?;
    let mut taxes = Taxes {
        by_line_minor: vec![0; lines.len()],
        by_rate: Vec::new(),
        exclusive_minor: minor(exclusive)?,
        inclusive_minor: 0,
    };
    for (group, tax) in groups.iter().zip(wholes) {
        let base = match group.rate.inclusion() {
            Inclusion::Exclusive => group.amount,
            Inclusion::Inclusive => group.amount - tax,
        };
        let (numerators, denominator) = fractions(group);
        for ((line, _), part) in group.lines.iter().zip(apportion(tax, &numerators, denominator)) {
            if let Some(tax) = taxes.by_line_minor.get_mut(*line) {
                *tax = minor(part)?;
            }
        }
        taxes.by_rate.push(RateTax { rate: group.rate.clone(), base_minor: minor(base)?, tax_minor: minor(tax)? });
    }
    let inclusive = taxes.by_rate.iter().filter(|tax| tax.rate.inclusion() == Inclusion::Inclusive);
    taxes.inclusive_minor = minor(inclusive.map(|tax| i128::from(tax.tax_minor)).sum())?;
    Ok(taxes)
}

/// The tax on one amount by itself.
pub fn tax_on(amount_minor: i64, rate: &Rate) -> Result<i64, Refusal> {
    let taxes = tax_lines(&[LineToTax { amount_minor, rate: Some(rate) }])?;
    Ok(taxes.by_line_minor.iter().sum())
}

fn groups<'l>(lines: &[LineToTax<'l>]) -> Vec<Group<'l>> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(rate) = line.rate else { continue };
        let amount = i128::from(line.amount_minor);
        match groups.iter_mut().find(|group| group.rate == rate) {
            Some(group) => {
                group.lines.push((index, amount));
                group.amount += amount;
            }
            None => groups.push(Group { rate, lines: vec![(index, amount)], amount }),
        }
    }
    groups
}

/// The invoice's exclusive tax, and the tax of each group.
fn wholes(groups: &[Group]) -> Result<(i128, Vec<i128>), Refusal> {
    let is_exclusive = |group: &&Group| group.rate.inclusion() == Inclusion::Exclusive;
    let exact: Vec<i128> = groups.iter().filter(is_exclusive).map(|group| group.amount * group.rate.units()).collect();
    let exclusive = i128::from(rounded(exact.iter().sum(), WHOLE)?);
    let mut shares = apportion(exclusive, &exact, WHOLE).into_iter();
    let wholes = groups.iter().map(|group| match group.rate.inclusion() {
        Inclusion::Exclusive => Ok(shares.next().unwrap_or(0)),
        // The net is rounded and the tax is what is left of the gross (revenue.md §1.1).
        Inclusion::Inclusive => {
            Ok(group.amount - i128::from(rounded(group.amount * WHOLE, WHOLE + group.rate.units())?))
        }
    });
    Ok((exclusive, wholes.collect::<Result<_, Refusal>>()?))
}

/// The exact taxes of a group's lines, as numerators over a common denominator.
fn fractions(group: &Group) -> (Vec<i128>, i128) {
    let numerators = group.lines.iter().map(|(_, amount)| amount * group.rate.units()).collect();
    match group.rate.inclusion() {
        Inclusion::Exclusive => (numerators, WHOLE),
        Inclusion::Inclusive => (numerators, WHOLE + group.rate.units()),
    }
}

fn rounded(numerator: i128, denominator: i128) -> Result<i64, Refusal> {
    round_ratio(numerator, denominator).ok_or_else(too_large)
}

fn minor(amount: i128) -> Result<i64, Refusal> {
    i64::try_from(amount).map_err(|_| too_large())
}

fn too_large() -> Refusal {
    Refusal::invalid("tax", "is larger than the ledger accepts")
}
