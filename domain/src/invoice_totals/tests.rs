//! What invoices come to, what balances pay of them and what remains: the cases of billing.md §5 and revenue.md by name.

use super::*;
use crate::discount::{DiscountPart, Reduction};
use crate::id::PlanId;
use crate::money::Currency;
use crate::price::Off;
use crate::refusal::Refusal;
use crate::tax::{Inclusion, Rate};

/// A line and its rate: `20` is on top, `in 20` is in the price, an empty text is none.
fn line(amount_minor: i64, text: &str) -> NewLine {
    let (percent, inclusion) = match text.strip_prefix("in ") {
        Some(percent) => (percent, Inclusion::Inclusive),
        None => (text, Inclusion::Exclusive),
    };
    let rate = (!text.is_empty()).then(|| Rate::new(text, "FR", percent.parse().unwrap(), inclusion).unwrap());
    NewLine { amount_minor, plan: Some(PlanId::parse("plan").unwrap()), discountable: amount_minor > 0, rate }
}

fn lines(lines: &[(i64, &str)]) -> Vec<NewLine> {
    lines.iter().map(|(amount_minor, text)| line(*amount_minor, text)).collect()
}

fn balance(credit_minor: i64, prepaid_minor: i64) -> CustomerBalance {
    CustomerBalance::new(credit_minor, prepaid_minor).unwrap()
}

fn billed(of: &[(i64, &str)], off: &[Off], balance: CustomerBalance) -> Billed {
    let reductions: Vec<_> = off.iter().map(|off| Reduction { coupon: "C", off, plans: &[] }).collect();
    InvoiceTotals::bill(Currency::USD, &lines(of), &reductions, balance).unwrap()
}

fn percent(percent: &str) -> Off {
    Off::Percent(percent.parse().unwrap())
}

/// Subtotal, discount, tax on top, tax inside, total, balance applied, amount due.
type Sums = (i64, i64, i64, i64, i64, i64, i64);

fn sums(totals: &InvoiceTotals) -> Sums {
    let it = totals.figures();
    assert_eq!((it.amount_paid_minor, it.amount_remaining_minor), (0, it.amount_due_minor));
    let taxes = (it.exclusive_tax_minor, it.inclusive_tax_minor);
    let (subtotal, discount, total) = (it.subtotal_minor, it.discount_minor, it.total_minor);
    (subtotal, discount, taxes.0, taxes.1, total, it.applied_balance_minor, it.amount_due_minor)
}

#[test]
fn invoices_come_to_their_lines_less_discounts_plus_tax() {
    type Case<'c> = (&'c str, Vec<(i64, &'c str)>, Vec<Off>, i64, Sums, i64);
    let dollars = |minor| Off::Amount { minor, currency: Currency::USD };
    let cases: Vec<Case> = vec![
        ("J1, 5,437.50", vec![(500_000, "8.75")], vec![], 0, (500_000, 0, 43_750, 0, 543_750, 0, 543_750), 0),
        (
            "the seeds' worked case",
            vec![(154_234, "")],
            vec![percent("20")],
            0,
            (154_234, 30_847, 0, 0, 123_387, 0, 123_387),
            0,
        ),
        ("E52", vec![(3_100, "10")], vec![], 0, (3_100, 0, 310, 0, 3_410, 0, 3_410), 0),
        ("E53", vec![(10_000, "in 10")], vec![], 0, (10_000, 0, 0, 909, 10_000, 0, 10_000), 0),
        (
            "tax inside, after the discount",
            vec![(10_000, "in 10")],
            vec![percent("20")],
            0,
            (10_000, 2_000, 0, 727, 8_000, 0, 8_000),
            0,
        ),
        ("E56, J9", vec![(3_100, "")], vec![], 1_100, (3_100, 0, 0, 0, 3_100, 1_100, 2_000), 0),
        ("J6", vec![(10_000, "")], vec![percent("20")], 0, (10_000, 2_000, 0, 0, 8_000, 0, 8_000), 0),
        ("J8", vec![(-3_000, ""), (1_000, "")], vec![], 0, (-2_000, 0, 0, 0, -2_000, -2_000, 0), 2_000),
        ("L-11", vec![(6_833, "20"); 2], vec![], 0, (13_666, 0, 2_733, 0, 16_399, 0, 16_399), 0),
        ("L-12", vec![(6_833, "20"); 4], vec![], 0, (27_332, 0, 5_466, 0, 32_798, 0, 32_798), 0),
        ("L-17", vec![(7_500, "20")], vec![], 0, (7_500, 0, 1_500, 0, 9_000, 0, 9_000), 0),
        ("L-17, usage", vec![(5_000, "20")], vec![], 3_000, (5_000, 0, 1_000, 0, 6_000, 3_000, 3_000), 0),
        ("L-18, usage", vec![(5_000, "20")], vec![], 1_500, (5_000, 0, 1_000, 0, 6_000, 1_500, 4_500), 0),
        ("L-19, usage", vec![(5_000, "20")], vec![], 8_572, (5_000, 0, 1_000, 0, 6_000, 6_000, 0), 2_572),
        ("L-20", vec![(3_548, ""), (-532, ""), (710, ""), (65, "")], vec![], 0, (3_791, 0, 0, 0, 3_791, 0, 3_791), 0),
        (
            "M-01",
            vec![(-1_497, ""), (-516, ""), (5_110, ""), (1_290, "")],
            vec![],
            0,
            (4_387, 0, 0, 0, 4_387, 0, 4_387),
            0,
        ),
        (
            "M-02",
            vec![(1_497, ""), (516, ""), (-5_110, ""), (-1_290, "")],
            vec![],
            0,
            (-4_387, 0, 0, 0, -4_387, -4_387, 0),
            4_387,
        ),
        ("M-10", vec![(10_000, "")], vec![dollars(5_000), percent("10")], 0, (10_000, 6_000, 0, 0, 4_000, 0, 4_000), 0),
        ("M-12", vec![(4_900, "")], vec![percent("20")], 0, (4_900, 980, 0, 0, 3_920, 0, 3_920), 0),
        ("S-01 classic", vec![(-667, ""), (333, "")], vec![], 0, (-334, 0, 0, 0, -334, -334, 0), 334),
        ("K-08, 05-07", vec![(802, ""), (-48_383, "")], vec![], 0, (-47_581, 0, 0, 0, -47_581, -47_581, 0), 47_581),
        ("K-08, 05-08", vec![(2_319, ""), (-770, "")], vec![], 47_581, (1_549, 0, 0, 0, 1_549, 1_549, 0), 46_032),
        ("K-08, 06-01", vec![(2_995, "")], vec![], 46_032, (2_995, 0, 0, 0, 2_995, 2_995, 0), 43_037),
        ("K-09", vec![(24_995, ""), (-239_995, "")], vec![], 0, (-215_000, 0, 0, 0, -215_000, -215_000, 0), 215_000),
        ("K-09, next month", vec![(24_995, "")], vec![], 215_000, (24_995, 0, 0, 0, 24_995, 24_995, 0), 190_005),
        ("K-17", vec![(24_995, "")], vec![], 8_063, (24_995, 0, 0, 0, 24_995, 8_063, 16_932), 0),
        ("K-20", vec![(21_289, ""), (-8_869, "")], vec![], 8_063, (12_420, 0, 0, 0, 12_420, 8_063, 4_357), 0),
        ("K-21", vec![(-6_575, ""), (-199_886, "")], vec![], 0, (-206_461, 0, 0, 0, -206_461, -206_461, 0), 206_461),
        ("K-29", vec![(9_999, ""), (-21_770, "")], vec![], 0, (-11_771, 0, 0, 0, -11_771, -11_771, 0), 11_771),
        ("all of it off", vec![(10_000, "20")], vec![percent("100")], 500, (10_000, 10_000, 0, 0, 0, 0, 0), 500),
        ("nothing", vec![], vec![percent("20")], 500, (0, 0, 0, 0, 0, 0, 0), 500),
    ];
    for (what, of, off, credit, expected, left) in cases {
        let found = billed(&of, &off, balance(credit, 0));
        assert_eq!((sums(&found.totals), found.balance), (expected, balance(left, 0)), "{what}");
    }
}

#[test]
fn c_24_comes_to_the_sum_of_its_lines() {
    let plans: Vec<PlanId> = ["metric", "rest", "two"].iter().map(|name| PlanId::parse(name).unwrap()).collect();
    let amounts = [1_000, 2_000, 3_000, 4_000, 1_000, 2_000, 3_000, 4_000];
    let of = amounts.into_iter().zip(["10", "20", "10", "10", "10", "20", "10", "10"]);
    let of = of.zip([0, 0, 1, 1, 2, 2, 2, 2]);
    let of: Vec<_> =
        of.map(|((amount, text), plan)| NewLine { plan: Some(plans[plan].clone()), ..line(amount, text) }).collect();
    let off = [2_000, 1_000, 500].map(|minor| Off::Amount { minor, currency: Currency::USD });
    let scopes = [&plans[..1], &plans[2..], &[]];
    let reductions = off.iter().zip(scopes).zip(["scoped", "plan two", "global"]);
    let reductions: Vec<_> = reductions.map(|((off, plans), coupon)| Reduction { coupon, off, plans }).collect();
    let found = InvoiceTotals::bill(Currency::USD, &of, &reductions, CustomerBalance::default()).unwrap();
    assert_eq!(sums(&found.totals), (20_000, 3_500, 1_889, 0, 18_389, 0, 18_389));
    let by_line: Vec<_> =
        found.totals.lines().iter().map(|line| (line.discount_minor, line.exclusive_tax_minor())).collect();
    let expected = [(677, 32), (1_353, 130), (88, 291), (118, 388), (126, 88), (253, 349), (379, 262), (506, 349)];
    assert_eq!(by_line, expected);
    let part = |coupon: &str, amount_minor, by_line_minor: [i64; 8]| DiscountPart {
        coupon: coupon.to_owned(),
        amount_minor,
        by_line_minor: by_line_minor.to_vec(),
    };
    let parts = vec![
        part("scoped", 2_000, [667, 1_333, 0, 0, 0, 0, 0, 0]),
        part("plan two", 1_000, [0, 0, 0, 0, 100, 200, 300, 400]),
        part("global", 500, [10, 20, 88, 118, 26, 53, 79, 106]),
    ];
    assert_eq!(found.discounts, parts);
}

/// Paid and remaining.
fn paid(totals: &InvoiceTotals) -> (i64, i64) {
    (totals.figures().amount_paid_minor, totals.figures().amount_remaining_minor)
}

#[test]
fn payments_come_and_go() {
    let invoice = |minor| billed(&[(minor, "")], &[], CustomerBalance::default()).totals;
    let steps = [
        ("K-33", 24_995, vec![1_000, -1_000, 1_000], vec![(1_000, 23_995), (0, 24_995), (1_000, 23_995)]),
        ("K-22 without an adjustment", 23_382, vec![23_382, -23_382], vec![(23_382, 0), (0, 23_382)]),
        ("in parts", 9_000, vec![7_500, 1_500], vec![(7_500, 1_500), (9_000, 0)]),
        ("J22, over by 5.00", 3_100, vec![3_600], vec![(3_100, 0)]),
    ];
    for (what, minor, payments, expected) in steps {
        let mut totals = invoice(minor);
        let mut found = Vec::new();
        for payment in payments {
            let excess = (payment - totals.figures().amount_remaining_minor).max(0);
            totals = if payment > 0 {
                let received = totals.receive(payment).unwrap();
                assert_eq!(received.excess_minor, excess, "{what}");
                received.totals
            } else {
                totals.give_back(-payment).unwrap()
            };
            found.push(paid(&totals));
        }
        assert_eq!(found, expected, "{what}");
    }
    let half = invoice(3_100).receive(1_100).unwrap().totals;
    assert_eq!(paid(&half.credit_before_payment(2_000).unwrap()), (1_100, 0));
    let refused = |field, reason| Some(Refusal::invalid(field, reason));
    let wrong = [
        (half.receive(0).err(), refused("amount", "must be above zero")),
        (half.receive(-5).err(), refused("amount", "must be above zero")),
        (half.give_back(1_101).err(), refused("amount", "is more than was paid")),
        (half.give_back(i64::MIN).err(), refused("amount", "must be above zero")),
        (half.credit_before_payment(2_001).err(), refused("amount", "is more than remains to be paid")),
    ];
    for (found, expected) in wrong {
        assert_eq!(found, expected);
    }
}

#[test]
fn balances_are_used_credit_first_and_come_back() {
    let found = billed(&[(10_000, "")], &[], balance(4_000, 5_000));
    assert_eq!(
        (found.totals.applied(), found.balance),
        (Applied { credit_minor: 4_000, prepaid_minor: 5_000 }, balance(0, 0))
    );
    assert_eq!(found.totals.returned_to(found.balance), Ok(balance(4_000, 5_000)));
    let (more, left) = found.totals.apply_balance(balance(300, 900)).unwrap();
    assert_eq!((more.applied(), left), (Applied { credit_minor: 4_300, prepaid_minor: 5_700 }, balance(0, 200)));
    assert_eq!(more.figures().amount_due_minor, 0);
    // E58: bought 100, used 30.
    assert_eq!(billed(&[(3_000, "")], &[], balance(0, 10_000)).balance, balance(0, 7_000));
}

#[test]
fn k_24_voided_invoices_return_what_they_used_and_take_back_what_they_gave() {
    let first = billed(&[(1_995, "")], &[], balance(2_000, 0));
    let repair = billed(&[(-931, "")], &[], first.balance);
    let voided = repair.totals.returned_to(repair.balance).and_then(|balance| first.totals.returned_to(balance));
    let again = billed(&[(1_064, "")], &[], voided.clone().unwrap());
    let credits = [first.balance, repair.balance, voided.unwrap(), again.balance].map(CustomerBalance::credit_minor);
    assert_eq!(credits, [5, 936, 2_000, 936]);
    let used_meanwhile = repair.totals.returned_to(balance(900, 0));
    let reason = "would be below zero or larger than the ledger accepts";
    assert_eq!(used_meanwhile, Err(Refusal::invalid("balance", reason)));
}

type Spoil = fn(&mut Parts);

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let totals = billed(&[(10_000, "20"), (500, "")], &[percent("10")], balance(1_000, 0)).totals;
    let stored = serde_json::to_string(&totals).unwrap();
    assert_eq!(serde_json::from_str::<InvoiceTotals>(&stored).unwrap(), totals);
    let cases: [(&str, Spoil, &str); 9] = [
        ("discount", |parts| parts.lines[0].discount_minor = 10_001, "is not between zero and its line's amount"),
        ("discount", |parts| parts.lines[0].discount_minor = -1, "is not between zero and its line's amount"),
        (
            "tax",
            |parts| parts.lines[0].tax.as_mut().unwrap().tax_minor = 9_001,
            "is not between zero and its line's amount",
        ),
        ("amount", |parts| parts.lines[1].amount_minor = i64::MIN, "is larger than the ledger accepts"),
        ("amount_due", |parts| parts.applied.credit_minor = 11_251, "is below zero"),
        ("amount_remaining", |parts| parts.amount_paid_minor = 10_251, "is below zero"),
        ("amount_paid", |parts| parts.amount_paid_minor = -1, "is below zero"),
        ("credited_before_payment", |parts| parts.credited_before_payment_minor = -1, "is below zero"),
        ("applied_balance", |parts| parts.applied.credit_minor = -1, "is below zero"),
    ];
    for (field, spoil, reason) in cases {
        let mut parts = Parts::from(totals.clone());
        spoil(&mut parts);
        assert_eq!(InvoiceTotals::of_parts(parts), Err(Refusal::invalid(field, reason)));
    }
    let too_large = InvoiceTotals::bill(Currency::USD, &lines(&[(i64::MAX, ""), (i64::MIN, "")]), &[], balance(0, 0));
    assert_eq!(too_large, Err(Refusal::invalid("amount", "is larger than the ledger accepts")));
    assert!(serde_json::from_str::<CustomerBalance>(r#"{"credit_minor": -1, "prepaid_minor": 0}"#).is_err());
}
