//! What credit notes come to and where their money goes: the cases of billing.md §5 and revenue.md §3.3 by name.

use super::*;
use crate::discount::Reduction;
use crate::id::PlanId;
use crate::invoice_totals::{CustomerBalance, InvoiceTotals, NewLine};
use crate::money::Currency;
use crate::price::Off;
use crate::refusal::Refusal;
use crate::tax::{Inclusion, Rate};

/// A line and its rate: `20` is on top, `in 20` is in the price, an empty text is none. The line's place names its plan.
fn invoice(lines: &[(i64, &str)], off: &[(i64, usize)]) -> InvoiceTotals {
    let plan = |index: usize| PlanId::parse(&format!("plan_{index}")).unwrap();
    let lines: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(index, (amount_minor, text))| {
            let (percent, inclusion) = match text.strip_prefix("in ") {
                Some(percent) => (percent, Inclusion::Inclusive),
                None => (*text, Inclusion::Exclusive),
            };
            let rate = (!text.is_empty()).then(|| Rate::new(text, "FR", percent.parse().unwrap(), inclusion).unwrap());
            NewLine { amount_minor: *amount_minor, plan: Some(plan(index)), discountable: true, rate }
        })
        .collect();
    let off: Vec<_> = off
        .iter()
        .map(|(minor, line)| (Off::Amount { minor: *minor, currency: Currency::USD }, [plan(*line)]))
        .collect();
    let reductions: Vec<_> = off.iter().map(|(off, plans)| Reduction { coupon: "C", off, plans }).collect();
    InvoiceTotals::bill(Currency::USD, &lines, &reductions, CustomerBalance::default()).unwrap().totals
}

enum Want {
    /// Amounts of lines.
    Of(&'static [(usize, i64)]),
    Sum(i64),
    Rest,
}

use Want::{Of, Rest, Sum};

fn issue(totals: &InvoiceTotals, notes: &[CreditNote], want: &Want, settle: Settle) -> Result<CreditNote, Refusal> {
    let creditable = Creditable::of(totals, notes).unwrap();
    match want {
        Of(lines) => {
            let lines: Vec<_> = lines
                .iter()
                .map(|(line, amount_minor)| LineCredit { line: *line, amount_minor: *amount_minor })
                .collect();
            creditable.issue(Wanted::Lines(&lines), settle)
        }
        Sum(minor) => creditable.issue(Wanted::Amount(*minor), settle),
        Rest => creditable.issue(Wanted::Rest, settle),
    }
}

/// Discount, tax (whether on top or inside) and total.
fn figures_of(note: &CreditNote) -> (i64, i64, i64) {
    let it = note.figures();
    assert_eq!(it.total_minor, it.subtotal_minor - it.discount_minor + it.exclusive_tax_minor);
    (it.discount_minor, it.exclusive_tax_minor + it.inclusive_tax_minor, it.total_minor)
}

#[test]
fn credit_notes_carry_their_shares_of_discount_and_tax() {
    type Case<'c> = (&'c str, InvoiceTotals, Vec<Want>, Vec<(i64, i64, i64)>, i64);
    let twice = vec![(6_833, "20"); 2];
    let four = vec![(6_833, "20"); 4];
    let cases: Vec<Case> = vec![
        ("L-05, first", invoice(&[(871, "25")], &[]), vec![Of(&[(0, 645)])], vec![(0, 161, 806)], 283),
        ("L-05, second", invoice(&[(968, "25")], &[]), vec![Of(&[(0, 968)])], vec![(0, 242, 1_210)], 0),
        ("L-07", invoice(&[(20_000, "25")], &[]), vec![Of(&[(0, 19_333)])], vec![(0, 4_833, 24_166)], 834),
        ("L-08", invoice(&[(16_000, "25")], &[]), vec![Of(&[(0, 15_467)])], vec![(0, 3_867, 19_334)], 666),
        ("L-09", invoice(&[(2_999, "23.33")], &[]), vec![Of(&[(0, 2_571)])], vec![(0, 600, 3_171)], 528),
        (
            "L-10",
            invoice(&[(76_900, "20")], &[]),
            vec![Of(&[(0, 72_686)]), Of(&[(0, 4_214)])],
            vec![(0, 14_537, 87_223), (0, 843, 5_057)],
            0,
        ),
        (
            "L-10 as a sum",
            invoice(&[(76_900, "20")], &[]),
            vec![Sum(87_224), Rest],
            vec![(0, 14_537, 87_224), (0, 843, 5_056)],
            0,
        ),
        (
            "L-11",
            invoice(&twice, &[]),
            vec![Of(&[(0, 6_833)]), Of(&[(1, 6_833)])],
            vec![(0, 1_367, 8_200), (0, 1_366, 8_199)],
            0,
        ),
        (
            "L-12",
            invoice(&four, &[]),
            vec![
                Of(&[(0, 6_833)]),
                Of(&[(1, 6_833)]),
                Of(&[(2, 6_833)]),
                Of(&[(3, 1_367)]),
                Of(&[(3, 2_233)]),
                Of(&[(3, 3_233)]),
            ],
            vec![
                (0, 1_367, 8_200),
                (0, 1_367, 8_200),
                (0, 1_367, 8_200),
                (0, 273, 1_640),
                (0, 447, 2_680),
                (0, 645, 3_878),
            ],
            0,
        ),
        (
            "L-13",
            invoice(&[(17_900, "10"), (39_900, "20")], &[(25_000, 1)]),
            vec![Of(&[(1, 26_260)]), Rest],
            vec![(16_454, 1_961, 11_767), (8_546, 2_809, 25_803)],
            0,
        ),
        ("L-17", invoice(&[(7_500, "20")], &[]), vec![Of(&[(0, 2_500)])], vec![(0, 500, 3_000)], 6_000),
        ("L-19", invoice(&[(7_500, "20")], &[]), vec![Of(&[(0, 7_143)])], vec![(0, 1_429, 8_572)], 428),
        (
            "K-10",
            invoice(&[(239_995, "")], &[]),
            vec![Of(&[(0, 220_269)]), Of(&[(0, 19_726)])],
            vec![(0, 0, 220_269), (0, 0, 19_726)],
            0,
        ),
        (
            "J11t",
            invoice(&[(500_000, "8.75")], &[]),
            vec![Sum(100_000), Rest],
            vec![(0, 8_046, 100_000), (0, 35_704, 443_750)],
            0,
        ),
        ("J13", invoice(&[(9_000, "")], &[]), vec![Of(&[(0, 4_500)])], vec![(0, 0, 4_500)], 4_500),
        (
            "tax inside",
            invoice(&[(10_000, "in 10")], &[]),
            vec![Of(&[(0, 5_000)]), Rest],
            vec![(0, 455, 5_000), (0, 454, 5_000)],
            0,
        ),
        (
            "two lines on one note",
            invoice(&twice, &[]),
            vec![Of(&[(1, 6_833), (0, 100)]), Rest],
            vec![(0, 1_387, 8_320), (0, 1_346, 8_079)],
            0,
        ),
        (
            "beside a credit",
            invoice(&[(10_000, "20"), (-4_000, "20")], &[]),
            vec![Of(&[(0, 6_000)])],
            vec![(0, 1_200, 7_200)],
            0,
        ),
    ];
    for (what, totals, wants, expected, left) in cases {
        let mut notes = Vec::new();
        for want in &wants {
            notes.push(issue(&totals, &notes, want, Settle::ToBalance).unwrap());
        }
        assert_eq!(notes.iter().map(figures_of).collect::<Vec<_>>(), expected, "{what}");
        assert_eq!(Creditable::of(&totals, &notes).unwrap().total_left_minor(), left, "{what}");
    }
}

#[test]
fn what_is_left_is_told_line_by_line() {
    let totals = invoice(&[(17_900, "10"), (39_900, "20"), (-500, "")], &[(25_000, 1)]);
    let left = |notes: &[CreditNote]| {
        let creditable = Creditable::of(&totals, notes).unwrap();
        let lines = creditable.lines().iter().map(|line| (line.amount_minor, line.discount_minor, line.net_minor()));
        (lines.collect::<Vec<_>>(), creditable.total_left_minor())
    };
    assert_eq!(left(&[]), (vec![(17_900, 0, 17_900), (39_900, 25_000, 14_900), (0, 0, 0)], 37_070));
    let note = issue(&totals, &[], &Of(&[(1, 26_260)]), Settle::ToBalance).unwrap();
    assert_eq!(left(&[note]), (vec![(17_900, 0, 17_900), (13_640, 8_546, 5_094), (0, 0, 0)], 25_303));
}

/// Before payment, refund, to the balance.
fn parts(settlement: Settlement) -> (i64, i64, i64) {
    (settlement.before_payment_minor, settlement.refund_minor, settlement.to_balance_minor)
}

#[test]
fn the_money_goes_where_it_is_sent() {
    let l_17: &[(i64, &str)] = &[(7_500, "20")];
    let as_wanted = |before, refund, balance| {
        Settle::As(Settlement { before_payment_minor: before, refund_minor: refund, to_balance_minor: balance })
    };
    let cases = [
        ("L-17", l_17, 9_000, Of(&[(0, 2_500)]), Settle::ToBalance, (0, 0, 3_000)),
        ("L-18", l_17, 7_500, Of(&[(0, 2_500)]), Settle::Refund, (0, 1_500, 1_500)),
        ("L-18 off what is due", l_17, 7_500, Of(&[(0, 2_500)]), Settle::BeforePayment, (1_500, 0, 1_500)),
        ("L-18 as wanted", l_17, 7_500, Of(&[(0, 2_500)]), as_wanted(1_500, 1_500, 0), (1_500, 1_500, 0)),
        ("L-19", l_17, 9_000, Of(&[(0, 7_143)]), Settle::ToBalance, (0, 0, 8_572)),
        ("L-19 paid back", l_17, 9_000, Of(&[(0, 7_143)]), Settle::Refund, (0, 8_572, 0)),
        ("nothing was paid", l_17, 0, Of(&[(0, 2_500)]), Settle::Refund, (0, 0, 3_000)),
        ("J13", &[(9_000, "")], 0, Of(&[(0, 4_500)]), Settle::BeforePayment, (4_500, 0, 0)),
        ("J13b", &[(9_000, "")], 9_000, Of(&[(0, 4_500)]), Settle::ToBalance, (0, 0, 4_500)),
        ("J10, E44", &[(9_000, "")], 9_000, Rest, Settle::Refund, (0, 9_000, 0)),
        ("J11, E45", &[(9_000, "")], 9_000, Sum(900), Settle::Refund, (0, 900, 0)),
        ("K-22 with an adjustment", &[(23_382, "")], 23_382, Rest, Settle::Refund, (0, 23_382, 0)),
    ];
    for (what, lines, paid, want, settle, expected) in cases {
        let mut totals = invoice(lines, &[]);
        if paid > 0 {
            totals = totals.receive(paid).unwrap().totals;
        }
        let note = issue(&totals, &[], &want, settle).unwrap();
        assert_eq!(parts(note.settlement), expected, "{what}");
    }
}

#[test]
fn what_a_balance_paid_goes_back_to_the_balance() {
    let lines = [NewLine { amount_minor: 3_100, plan: None, discountable: true, rate: None }];
    let balance = CustomerBalance::new(1_100, 0).unwrap();
    let billed = InvoiceTotals::bill(Currency::USD, &lines, &[], balance).unwrap();
    let totals = billed.totals.receive(2_000).unwrap().totals;
    let whole = issue(&totals, &[], &Rest, Settle::Refund).unwrap();
    assert_eq!(parts(whole.settlement), (0, 2_000, 1_100));
    let first = issue(&totals, &[], &Sum(1_500), Settle::Refund).unwrap();
    let second = issue(&totals, std::slice::from_ref(&first), &Rest, Settle::Refund).unwrap();
    assert_eq!((parts(first.settlement), parts(second.settlement)), ((0, 1_500, 0), (0, 500, 1_100)));
}

#[test]
fn more_than_there_is_cannot_be_credited() {
    let totals = invoice(&[(7_500, "20"), (-500, "")], &[]).receive(1_000).unwrap().totals;
    let first = issue(&totals, &[], &Of(&[(0, 2_500)]), Settle::Refund).unwrap();
    let free = invoice(&[(7_500, "20"), (-500, "")], &[(7_500, 0)]);
    let as_wanted = |before, refund, balance| {
        Settle::As(Settlement { before_payment_minor: before, refund_minor: refund, to_balance_minor: balance })
    };
    let cases: Vec<(&InvoiceTotals, Want, Settle, &str, &str)> = vec![
        (&totals, Of(&[(0, 5_001)]), Settle::Refund, "amount", "is more than the 5000 minor units left of its line"),
        (&totals, Of(&[(0, 5_000)]), Settle::Refund, "amount", "is more than the 5500 minor units left to be credited"),
        (&totals, Sum(5_501), Settle::Refund, "amount", "is more than the 5500 minor units left to be credited"),
        (&totals, Of(&[(1, 1)]), Settle::Refund, "amount", "is more than the 0 minor units left of its line"),
        (&totals, Of(&[(0, 0)]), Settle::Refund, "amount", "must be above zero"),
        (&totals, Of(&[(0, i64::MIN)]), Settle::Refund, "amount", "must be above zero"),
        (&totals, Sum(0), Settle::Refund, "amount", "must be above zero"),
        (&totals, Of(&[]), Settle::Refund, "amount", "comes to nothing"),
        (&totals, Of(&[(2, 1)]), Settle::Refund, "line", "is not a line of the invoice"),
        (&totals, Of(&[(0, 1), (0, 1)]), Settle::Refund, "line", "is named twice"),
        (&free, Of(&[(0, 100)]), Settle::Refund, "amount", "comes to nothing"),
        (&free, Rest, Settle::Refund, "amount", "must be above zero"),
        (&totals, Sum(100), as_wanted(0, 0, 99), "settlement", "does not sum to the credit note's total"),
        (&totals, Sum(100), as_wanted(-1, 1, 100), "settlement", "does not sum to the credit note's total"),
        (&totals, Sum(1_001), as_wanted(0, 1_001, 0), "refund", "is more than was paid and not refunded yet"),
        (&free, Sum(1), as_wanted(1, 0, 0), "amount", "is more than the 0 minor units left to be credited"),
    ];
    for (totals, want, settle, field, reason) in cases {
        let notes = if std::ptr::eq(totals, &raw const free) { &[][..] } else { std::slice::from_ref(&first) };
        assert_eq!(issue(totals, notes, &want, settle), Err(Refusal::invalid(field, reason)), "{reason}");
    }
    let paid = invoice(&[(7_500, "20")], &[]).receive(9_000).unwrap().totals;
    let early = issue(&paid, &[], &Sum(1), as_wanted(1, 0, 0));
    assert_eq!(early, Err(Refusal::invalid("before_payment", "is more than remains to be paid")));
    let twice = Creditable::of(&totals, &[issue(&totals, &[], &Of(&[(0, 6_000)]), Settle::Refund).unwrap(), first]);
    assert_eq!(twice.err(), Some(Refusal::invalid("line", "was credited beyond what was billed")));
}

#[test]
fn many_small_notes_do_not_leave_the_tax_to_the_last() {
    // A hundred lines whose own taxes all round to nothing.
    let totals = invoice(&vec![(4, "10"); 100], &[]);
    let mut notes: Vec<CreditNote> = Vec::new();
    for line in 0..100 {
        let creditable = Creditable::of(&totals, &notes).unwrap();
        let credit = LineCredit { line, amount_minor: 4 };
        notes.push(creditable.issue(Wanted::Lines(&[credit]), Settle::ToBalance).unwrap());
    }
    let taxes: Vec<i64> = notes.iter().map(|note| note.figures().exclusive_tax_minor).collect();
    assert_eq!((taxes.iter().sum::<i64>(), taxes.iter().max()), (40, Some(&2)));
}
