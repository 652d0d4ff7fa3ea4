//! The identities of decision B5 hold for any invoice and whatever happens to it.

use proptest::prelude::*;

use super::testing::{any_line, any_off};
use super::*;
use crate::discount::Reduction;
use crate::money::Currency;

#[derive(Debug, Clone)]
enum Step {
    Receive(i64),
    GiveBack(i64),
    Credit(i64),
    Apply(i64, i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let minor = -10_i64..30_000;
    prop_oneof![
        minor.clone().prop_map(Step::Receive),
        minor.clone().prop_map(Step::GiveBack),
        minor.prop_map(Step::Credit),
        (0_i64..5_000, 0_i64..5_000).prop_map(|(credit, prepaid)| Step::Apply(credit, prepaid)),
    ]
}

fn check(totals: &InvoiceTotals) -> Result<(), TestCaseError> {
    let it = totals.figures();
    let sum = |of: fn(&LineTotals) -> i64| totals.lines().iter().map(of).sum::<i64>();
    prop_assert_eq!(it.subtotal_minor, sum(|line| line.amount_minor));
    prop_assert_eq!(it.discount_minor, sum(|line| line.discount_minor));
    prop_assert_eq!(it.exclusive_tax_minor, sum(LineTotals::exclusive_tax_minor));
    prop_assert_eq!(it.inclusive_tax_minor, sum(LineTotals::inclusive_tax_minor));
    prop_assert_eq!(it.total_minor, it.subtotal_minor - it.discount_minor + it.exclusive_tax_minor);
    prop_assert_eq!(it.total_minor, sum(LineTotals::total_minor));
    let applied = it.applied_balance_minor + it.credited_before_payment_minor;
    prop_assert_eq!(it.amount_due_minor, it.total_minor - applied);
    prop_assert_eq!(it.amount_remaining_minor, it.amount_due_minor - it.amount_paid_minor);
    prop_assert!(it.amount_due_minor >= 0 && it.amount_paid_minor >= 0 && it.amount_remaining_minor >= 0);
    prop_assert!(totals.lines().iter().all(|line| line.amount_minor <= 0 || line.net_minor() >= 0));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn identities_hold_for_any_invoice_and_after_any_step(
        lines in proptest::collection::vec(any_line(-20_000..50_000), 0..8),
        offs in proptest::collection::vec(any_off(), 0..4),
        (credit, prepaid) in (0_i64..20_000, 0_i64..20_000),
        steps in proptest::collection::vec(any_step(), 0..8),
    ) {
        let reductions: Vec<_> = offs.iter().map(|off| Reduction { coupon: "C", off, plans: &[] }).collect();
        let before = CustomerBalance::new(credit, prepaid).unwrap();
        let billed = InvoiceTotals::bill(Currency::USD, &lines, &reductions, before).unwrap();
        check(&billed.totals)?;
        prop_assert_eq!(billed.totals.returned_to(billed.balance), Ok(before));
        prop_assert_eq!(
            billed.discounts.iter().map(|part| part.amount_minor).sum::<i64>(),
            billed.totals.figures().discount_minor
        );
        let mut totals = billed.totals;
        for step in steps {
            let remaining = totals.figures().amount_remaining_minor;
            let next = match step {
                Step::Receive(minor) => totals.receive(minor).map(|received| {
                    assert_eq!(received.excess_minor, (minor - remaining).max(0));
                    received.totals
                }),
                Step::GiveBack(minor) => totals.give_back(minor),
                Step::Credit(minor) => totals.credit_before_payment(minor),
                Step::Apply(credit, prepaid) => {
                    totals.apply_balance(CustomerBalance::new(credit, prepaid).unwrap()).map(|(totals, _)| totals)
                }
            };
            if let Ok(next) = next {
                check(&next)?;
                totals = next;
            }
        }
        let stored = serde_json::to_value(&totals).unwrap();
        prop_assert_eq!(serde_json::from_value::<InvoiceTotals>(stored).unwrap(), totals);
    }
}
