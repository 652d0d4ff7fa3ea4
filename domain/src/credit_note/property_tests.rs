//! Whatever is credited, in whatever order: never more than the invoice, and in the end exactly its tax and discount.

use proptest::prelude::*;

use super::*;
use crate::discount::Reduction;
use crate::invoice_totals::testing::{any_line, any_off};
use crate::invoice_totals::{CustomerBalance, InvoiceTotals, LineTotals};
use crate::money::Currency;

#[derive(Debug, Clone)]
enum Step {
    /// Thousandths of what is left of lines.
    Lines(Vec<i64>),
    /// Thousandths of what is left of the whole.
    Amount(i64),
    /// One of the notes is voided.
    Void(prop::sample::Index),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => proptest::collection::vec(0_i64..=1_000, 1..6).prop_map(Step::Lines),
        4 => (0_i64..=1_000).prop_map(Step::Amount),
        1 => any::<prop::sample::Index>().prop_map(Step::Void),
    ]
}

fn any_invoice(amounts: std::ops::Range<i64>) -> impl Strategy<Value = InvoiceTotals> {
    let lines = proptest::collection::vec(any_line(amounts), 1..6);
    (lines, proptest::collection::vec(any_off(), 0..3)).prop_map(|(lines, offs)| {
        let reductions: Vec<_> = offs.iter().map(|off| Reduction { coupon: "C", off, plans: &[] }).collect();
        InvoiceTotals::bill(Currency::USD, &lines, &reductions, CustomerBalance::default()).unwrap().totals
    })
}

fn issue(left: &Creditable, step: &Step) -> Option<CreditNote> {
    match step {
        Step::Lines(shares) => {
            let parts = left.lines().iter().zip(shares).enumerate();
            let parts =
                parts.map(|(line, (left, share))| LineCredit { line, amount_minor: left.amount_minor * share / 1_000 });
            let parts: Vec<_> = parts.filter(|credit| credit.amount_minor > 0).collect();
            left.issue(Wanted::Lines(&parts), Settle::Refund).ok()
        }
        Step::Amount(share) => {
            let amount_minor = left.total_left_minor() * share / 1_000;
            let note = left.issue(Wanted::Amount(amount_minor), Settle::Refund).ok();
            assert_eq!(
                note.as_ref().map(|note| note.figures().total_minor),
                (amount_minor > 0).then_some(amount_minor)
            );
            note
        }
        Step::Void(_) => None,
    }
}

fn check(totals: &InvoiceTotals, notes: &[CreditNote]) -> Result<(), TestCaseError> {
    let (mut total, mut refunded) = (0, 0);
    let mut by_line = vec![(0, 0); totals.lines().len()];
    for note in notes {
        let Settlement { before_payment_minor, refund_minor, to_balance_minor } = note.settlement;
        prop_assert_eq!(before_payment_minor + refund_minor + to_balance_minor, note.figures().total_minor);
        total += note.figures().total_minor;
        refunded += refund_minor;
        for CreditedLine { line, credit } in &note.lines {
            let tax = credit.exclusive_tax_minor() + credit.inclusive_tax_minor();
            prop_assert!(credit.discount_minor >= 0 && credit.net_minor() >= 0 && tax >= 0, "{:?}", credit);
            by_line[*line].0 += credit.amount_minor;
            by_line[*line].1 += credit.discount_minor;
        }
    }
    prop_assert!(total <= totals.figures().total_minor.max(0));
    prop_assert!(refunded <= totals.figures().amount_paid_minor);
    for ((amount, discount), billed) in by_line.into_iter().zip(totals.lines()) {
        prop_assert!(amount <= billed.amount_minor.max(0) && discount <= billed.discount_minor);
        prop_assert!(amount - discount <= billed.net_minor().max(0));
    }
    Ok(())
}

/// All that was credited, summed up by one figure of the lines.
fn sum(notes: &[CreditNote], of: fn(&LineTotals) -> i64) -> i64 {
    notes.iter().flat_map(|note| &note.lines).map(|line| of(&line.credit)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn notes_never_exceed_the_invoice(
        totals in any_invoice(-10_000..30_000),
        paid in 0_i64..60_000,
        steps in proptest::collection::vec(any_step(), 1..10),
    ) {
        let totals = if paid > 0 { totals.receive(paid).unwrap().totals } else { totals };
        let mut notes: Vec<CreditNote> = Vec::new();
        for step in &steps {
            let left = Creditable::of(&totals, &notes).unwrap();
            match step {
                Step::Void(index) if !notes.is_empty() => drop(notes.remove(index.index(notes.len()))),
                Step::Void(_) | Step::Lines(_) | Step::Amount(_) => notes.extend(issue(&left, step)),
            }
            check(&totals, &notes)?;
        }
        let left = Creditable::of(&totals, &notes).unwrap();
        notes.extend(left.issue(Wanted::Rest, Settle::Refund));
        check(&totals, &notes)?;
        prop_assert_eq!(sum(&notes, LineTotals::total_minor), totals.figures().total_minor.max(0));
    }

    #[test]
    fn notes_over_everything_sum_to_the_invoice(
        totals in any_invoice(1..30_000),
        steps in proptest::collection::vec(any_step(), 0..8),
    ) {
        let mut notes: Vec<CreditNote> = Vec::new();
        for step in &steps {
            let left = Creditable::of(&totals, &notes).unwrap();
            notes.extend(issue(&left, step));
        }
        let left = Creditable::of(&totals, &notes).unwrap();
        notes.extend(left.issue(Wanted::Rest, Settle::ToBalance));
        let figures = totals.figures();
        prop_assert_eq!(sum(&notes, LineTotals::total_minor), figures.total_minor);
        prop_assert_eq!(sum(&notes, LineTotals::exclusive_tax_minor), figures.exclusive_tax_minor);
        prop_assert_eq!(sum(&notes, LineTotals::inclusive_tax_minor), figures.inclusive_tax_minor);
        for billed in totals.lines() {
            let of_rate = |line: &LineTotals| line.rate() == billed.rate();
            let billed_tax: i64 = totals.lines().iter().filter(|line| of_rate(line)).filter_map(|line| line.tax.as_ref()).map(|tax| tax.tax_minor).sum();
            let credits = notes.iter().flat_map(|note| &note.lines).filter(|line| of_rate(&line.credit));
            let credited_tax: i64 = credits.filter_map(|line| line.credit.tax.as_ref()).map(|tax| tax.tax_minor).sum();
            prop_assert_eq!(credited_tax, billed_tax);
        }
    }
}
