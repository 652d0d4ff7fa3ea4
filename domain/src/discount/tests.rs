//! What discounts take off, whole and line by line, and who may redeem them: the cases of billing.md §5 by name.

use jiff::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::catalogue::Coupon;
use crate::id::PlanId;
use crate::price::Off;
use crate::refusal::Refusal;

fn off(off: Off, duration: Duration, start: &str, end: Option<&str>) -> Discount {
    let end = end.map(|end| end.parse().unwrap());
    Discount { coupon: "C".to_owned(), off, duration, start: start.parse().unwrap(), end }
}

const START: &str = "2024-01-15T10:30:00Z";

fn percent(percent: &str) -> Discount {
    off(Off::Percent(percent.parse().unwrap()), Duration::Forever, START, None)
}

fn amount(minor: i64, currency: Currency) -> Discount {
    off(Off::Amount { minor, currency }, Duration::Forever, START, None)
}

fn usd(minor: i64) -> Discount {
    amount(minor, Currency::USD)
}

fn plans(names: &[&str]) -> Vec<PlanId> {
    names.iter().map(|name| PlanId::parse(name).unwrap()).collect()
}

#[test]
fn percentages_come_before_amounts_and_nothing_goes_below_zero() {
    let cases = [
        ("nothing", 500_000, vec![], 0),
        ("one", 500_000, vec![percent("20")], 100_000),
        ("the seeds' worked case: 1,233.87 is left", 154_234, vec![percent("20")], 30_847),
        ("rounded", 10_000, vec![percent("33.33")], 3_333),
        ("a tie", 5, vec![percent("50")], 3),
        ("two after another", 10_000, vec![percent("10"), percent("10")], 1_900),
        ("M-10: 25 % and 10 %", 10_000, vec![percent("25"), percent("10")], 3_250),
        ("M-10: 10 % and 50.00", 10_000, vec![percent("10"), usd(5_000)], 6_000),
        ("M-10: capped", 10_000, vec![usd(12_000)], 10_000),
        ("given the other way round", 10_000, vec![usd(1_000), percent("50")], 6_000),
        ("two amounts, capped", 10_000, vec![usd(9_000), usd(9_000)], 10_000),
        ("nothing left", 10_000, vec![percent("100"), usd(1)], 10_000),
        ("more than all", 10_000, vec![percent("150")], 10_000),
        ("less than nothing", 10_000, vec![percent("-5"), usd(-5)], 0),
        ("another currency", 10_000, vec![amount(1_000, Currency::EUR)], 0),
        ("of nothing", 0, vec![percent("20"), usd(500)], 0),
        ("of a credit", -700, vec![percent("20"), usd(500)], 0),
        ("E05: 120 a year", 12_000, vec![percent("10")], 1_200),
        ("E06: half for life", 10_000, vec![percent("50")], 5_000),
        ("E10: 500 off a year", 72_800, vec![usd(50_000)], 50_000),
        ("E11: 20 % below twelve months", 598_800, vec![percent("20")], 119_760),
        ("J6", 10_000, vec![percent("20")], 2_000),
    ];
    for (what, subtotal, discounts, expected) in cases {
        assert_eq!(discount_minor(subtotal, Currency::USD, discounts.iter()), expected, "{what}");
    }
}

#[test]
fn a_discount_applies_to_the_invoices_of_its_time() {
    let months = Duration::Repeating { months: 2 };
    let end = Some("2024-03-15T10:30:00Z");
    let cases = [
        (Duration::Forever, None, "2024-01-01T00:00:00Z", None, false),
        (Duration::Forever, None, "2034-01-01T00:00:00Z", Some("2033-12-01T00:00:00Z"), true),
        (months, end, START, None, true),
        (months, end, "2024-03-15T10:29:59Z", None, true),
        (months, end, "2024-03-15T10:30:00Z", None, false),
        (Duration::Once, None, "2024-02-01T00:00:00Z", None, true),
        (Duration::Once, None, "2024-02-01T00:00:00Z", Some("2024-01-01T00:00:00Z"), true),
        (Duration::Once, None, "2024-02-01T00:00:00Z", Some(START), false),
        (Duration::Once, None, "2024-02-01T00:00:00Z", Some("2024-01-22T10:30:00Z"), false),
        (Duration::Once, end, "2024-04-01T00:00:00Z", None, false),
    ];
    for (duration, end, at, earlier, expected) in cases {
        let discount = off(Off::Percent(Decimal::TEN), duration, START, end);
        let earlier = earlier.map(|earlier| earlier.parse().unwrap());
        assert_eq!(applies(&discount, at.parse().unwrap(), earlier), expected, "{duration:?} {at} {earlier:?}");
    }
}

fn coupon(off: Off, duration: Duration) -> Coupon {
    let valid_from = Some("2024-01-01T00:00:00Z".parse().unwrap());
    let valid_until = Some("2024-07-01T00:00:00Z".parse().unwrap());
    let (code, name) = ("SAVE".to_owned(), "Save".to_owned());
    Coupon { code, name, off, duration, max_redemptions: Some(3), valid_from, valid_until }
}

/// What monthly invoices come to with a coupon that was redeemed when the first was made.
fn months(price_minor: i64, off: Off, duration: Duration) -> Vec<i64> {
    let starts: Vec<Timestamp> =
        (1..=5).map(|month| format!("2024-{month:02}-15T10:30:00Z").parse().unwrap()).collect();
    let discount = coupon(off, duration).discount(starts[0]);
    let invoices = starts.iter().enumerate().map(|(index, at)| {
        let earlier = index.checked_sub(1).map(|index| starts[index]);
        let in_force = [&discount].into_iter().filter(|discount| applies(discount, *at, earlier));
        price_minor - discount_minor(price_minor, Currency::USD, in_force)
    });
    invoices.collect()
}

#[test]
fn a_coupon_lasts_as_long_as_it_says() {
    let percent = |percent: i64| Off::Percent(Decimal::from(percent));
    let repeating = |months| Duration::Repeating { months };
    let dollars = Off::Amount { minor: 1_000, currency: Currency::USD };
    let cases = [
        ("M-12: 20 % for two cycles", 4_900, percent(20), repeating(2), [3_920, 3_920, 4_900, 4_900, 4_900]),
        ("E05: 10 % for three months", 1_000, percent(10), repeating(3), [900, 900, 900, 1_000, 1_000]),
        ("E06: half for life", 10_000, percent(50), Duration::Forever, [5_000; 5]),
        ("once", 4_900, percent(20), Duration::Once, [3_920, 4_900, 4_900, 4_900, 4_900]),
        ("an amount once", 4_900, dollars, Duration::Once, [3_900, 4_900, 4_900, 4_900, 4_900]),
    ];
    for (what, price_minor, off, duration, expected) in cases {
        assert_eq!(months(price_minor, off, duration), expected, "{what}");
    }
}

#[test]
fn a_coupon_is_redeemed_within_its_limits() {
    let dollars = Off::Amount { minor: 1_000, currency: Currency::USD };
    let percent = Off::Percent(Decimal::TEN);
    let (basic, both) = (["basic"], ["basic", "pro"]);
    let refused = |reason: &str| Err(Refusal::invalid("coupon", reason));
    let cases = [
        ("2024-01-01T00:00:00Z", &dollars, Currency::USD, vec![], &basic[..], 0, Ok(())),
        ("2024-06-30T23:59:59Z", &dollars, Currency::USD, vec!["basic"], &both[..], 2, Ok(())),
        ("2024-01-01T00:00:00Z", &percent, Currency::EUR, vec![], &basic[..], 0, Ok(())),
        (
            "2023-12-31T23:59:59Z",
            &percent,
            Currency::USD,
            vec![],
            &basic[..],
            0,
            refused("SAVE cannot be redeemed yet"),
        ),
        ("2024-07-01T00:00:00Z", &percent, Currency::USD, vec![], &basic[..], 0, refused("SAVE has expired")),
        ("2024-01-01T00:00:00Z", &percent, Currency::USD, vec![], &basic[..], 3, refused("SAVE is used up")),
        ("2024-01-01T00:00:00Z", &dollars, Currency::EUR, vec![], &basic[..], 0, refused("SAVE is in USD, not in EUR")),
        (
            "2024-01-01T00:00:00Z",
            &percent,
            Currency::USD,
            vec!["pro"],
            &basic[..],
            0,
            refused("SAVE is not for this plan"),
        ),
    ];
    for (at, off, currency, limited_to, subscribed, redeemed, expected) in cases {
        let coupon = coupon(off.clone(), Duration::Once);
        let at: Timestamp = at.parse().unwrap();
        let (limited_to, subscribed) = (plans(&limited_to), plans(subscribed));
        let found = redeem(&coupon, &limited_to, &Redemption { at, currency, plans: &subscribed, redeemed });
        assert_eq!(found, expected.map(|()| coupon.discount(at)), "{at} {currency} {limited_to:?} {redeemed}");
    }
}

/// Splits reductions `(off, plans)` over lines `(amount, plan)`; a plan in brackets cannot be discounted.
fn split(lines: &[(i64, &str)], reductions: &[(Discount, &[&str])]) -> (i64, Vec<i64>) {
    let names: Vec<PlanId> = plans(&lines.iter().map(|(_, plan)| *plan).collect::<Vec<_>>());
    let lines: Vec<_> = lines
        .iter()
        .zip(&names)
        .map(|((amount_minor, plan), name)| LineToDiscount {
            amount_minor: *amount_minor,
            plan: Some(name),
            discountable: !plan.starts_with('['),
        })
        .collect();
    let scopes: Vec<_> = reductions.iter().map(|(_, scope)| plans(scope)).collect();
    let reductions: Vec<_> = reductions
        .iter()
        .zip(&scopes)
        .map(|((discount, _), plans)| Reduction { plans, ..Reduction::from(discount) })
        .collect();
    let found = allocate_discounts(Currency::USD, &lines, &reductions);
    assert_eq!(found.total_minor, found.parts.iter().map(|part| part.amount_minor).sum::<i64>());
    (found.total_minor, found.by_line_minor)
}

#[test]
fn discounts_are_split_over_the_lines_they_are_for() {
    let all: &[&str] = &[];
    let c_24 = [1_000, 2_000, 3_000, 4_000, 1_000, 2_000, 3_000, 4_000];
    let c_24: Vec<_> = c_24.into_iter().zip(["a", "a", "b", "b", "two", "two", "two", "two"]).collect();
    let cases = [
        ("M-11", vec![(333, "a"), (333, "b"), (334, "c")], vec![(usd(100), all)], (100, vec![33, 33, 34])),
        (
            "C-24",
            c_24,
            vec![(usd(2_000), &["a"][..]), (usd(1_000), &["two"]), (usd(500), all)],
            (3_500, vec![677, 1_353, 88, 118, 126, 253, 379, 506]),
        ),
        ("L-13", vec![(17_900, "a"), (39_900, "b")], vec![(usd(25_000), &["b"][..])], (25_000, vec![0, 25_000])),
        (
            "a scoped amount goes where it must, whatever comes first",
            vec![(1_000, "a"), (1_000, "b")],
            vec![(usd(1_000), all), (usd(1_000), &["a"])],
            (2_000, vec![1_000, 1_000]),
        ),
        (
            "a scoped percentage keeps its place",
            vec![(1_000, "a"), (1_000, "b")],
            vec![(percent("10"), all), (percent("50"), &["b"])],
            (650, vec![100, 550]),
        ),
        (
            "capped at its plan",
            vec![(1_000, "a"), (5_000, "b")],
            vec![(usd(3_000), &["a"][..])],
            (1_000, vec![1_000, 0]),
        ),
        ("no such plan", vec![(1_000, "a")], vec![(percent("50"), &["b"][..])], (0, vec![0])),
        (
            "prorations and credits are left alone",
            vec![(10_000, "a"), (-8_000, "[b]"), (500, "[c]"), (-100, "d")],
            vec![(percent("20"), all), (usd(9_000), all)],
            (10_000, vec![10_000, 0, 0, 0]),
        ),
        ("one cent", vec![(1, "a"), (1, "b"), (1, "c")], vec![(usd(1), all)], (1, vec![1, 0, 0])),
        ("no lines", vec![], vec![(usd(1), all)], (0, vec![])),
    ];
    for (what, lines, reductions, expected) in cases {
        assert_eq!(split(&lines, &reductions), expected, "{what}");
    }
}

fn any_discount() -> impl Strategy<Value = (Discount, Vec<&'static str>)> {
    let scope = proptest::sample::subsequence(vec!["a", "b", "[c]"], 0..3);
    let percent = (0_i64..=10_000).prop_map(|hundredths| Off::Percent(Decimal::new(hundredths, 2)));
    let amount = (0_i64..20_000).prop_map(|minor| Off::Amount { minor, currency: Currency::USD });
    (prop_oneof![percent, amount], scope).prop_map(|(kind, scope)| (off(kind, Duration::Once, START, None), scope))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn shares_sum_to_the_whole_and_stay_within_their_lines(
        lines in proptest::collection::vec((-5_000_i64..20_000, proptest::sample::select(vec!["a", "b", "[c]"])), 0..8),
        discounts in proptest::collection::vec(any_discount(), 0..4),
        (extra, extra_scope) in any_discount(),
    ) {
        let scoped: Vec<_> = discounts.iter().map(|(discount, scope)| (discount.clone(), scope.as_slice())).collect();
        let (total, shares) = split(&lines, &scoped);
        prop_assert_eq!(total, shares.iter().sum::<i64>());
        for ((amount, plan), share) in lines.iter().zip(&shares) {
            let most = if plan.starts_with('[') { 0 } else { (*amount).max(0) };
            prop_assert!((0..=most).contains(share), "{} of {} {}", share, amount, plan);
        }
        // One discount alone gives a larger line no less than a smaller one beside it.
        let (_, alone) = split(&lines, &[(extra, extra_scope.as_slice())]);
        for ((amount, plan), share) in lines.iter().zip(&alone) {
            for ((other_amount, other_plan), other_share) in lines.iter().zip(&alone) {
                prop_assert!(plan != other_plan || amount <= other_amount || share >= other_share);
            }
        }
    }
}
