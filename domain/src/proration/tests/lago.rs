//! Do amounts and credits equal those of Lago's own scenarios (billing.md §5.2)? Whole days; the day of a termination is
//! used, the day of a change belongs to the new plan; a credit returns the tax that was billed with it.

use super::*;

const DAYS: ProrationMode = ProrationMode::DayInclusive;

/// A line billed with its tax.
fn taxed(amount_minor: i64, tax_minor: i64, stretch: Stretch) -> Billed {
    Billed { tax_minor, ..billed("plan", amount_minor, stretch) }
}

#[test]
fn parts_of_periods_cost_their_part() {
    let month = Interval::MONTHLY;
    let anniversary = |start: &str| Anchor::utc(on(start));
    let cases = [
        ("L-03, the year", 12_000, anniversary("2023-06-29"), Interval::YEARLY, "2023-09-28", (9016, (275, 366))),
        ("L-04", 118_800, anniversary("2023-07-19"), Interval::YEARLY, "2023-11-19", (78_875, (243, 366))),
        ("L-05, first", 1000, calendar("2024-03-05"), month, "2024-03-05", (871, (27, 31))),
        ("L-05, second", 1500, calendar("2024-03-05"), month, "2024-03-12T12:12:00Z", (968, (20, 31))),
        ("L-05, third", 1900, calendar("2024-03-05"), month, "2024-03-12T13:12:00Z", (1226, (20, 31))),
        ("L-14", 5_000_000, calendar("2024-03-05"), month, "2024-03-15T12:12:00Z", (2_741_935, (17, 31))),
        ("L-15", 10_000_000, calendar("2024-03-05"), month, "2024-03-18T12:12:00Z", (4_516_129, (14, 31))),
        ("L-16", 5_000_000, calendar("2024-03-05"), month, "2024-04-19", (2_000_000, (12, 30))),
        ("L-17, the invoice", 10_000, calendar("2025-02-08"), month, "2025-02-08", (7500, (21, 28))),
        ("L-20, first", 1000, calendar("2023-07-19"), month, "2023-07-19", (419, (13, 31))),
        ("L-20, second", 1500, calendar("2023-07-19"), month, "2023-07-19", (629, (13, 31))),
        ("L-20, second upgraded", 10_000, calendar("2023-07-19"), month, "2023-08-21", (3548, (11, 31))),
        ("L-20, second before", 1500, calendar("2023-07-19"), month, "2023-08-21", (532, (11, 31))),
        ("L-20, new", 2000, calendar("2023-07-19"), month, "2023-08-21", (710, (11, 31))),
    ];
    for (what, full, anchor, interval, start, expected) in cases {
        assert_eq!(priced(DAYS, full, from(&anchor, interval, start)), expected, "{what}");
    }
}

/// L-02: what is billed in arrears ends with the day of its termination.
#[test]
fn arrears_end_with_the_day_of_termination() {
    let anchor = calendar("2024-05-20");
    let end = Counting::utc(DAYS).end_of_use(on("2024-06-20T15:00:00Z"));
    let used = from(&anchor, QUARTERLY, "2024-05-20").until(end).unwrap();
    assert_eq!(priced(DAYS, 91_000, used), (32_000, (32, 91)));
}

/// L-04's and L-03's periods, whose last days are shown inclusively there.
#[test]
fn periods_of_the_new_interval_keep_the_anchor() {
    let cases = [
        ("L-03", "2023-06-29", Interval::MONTHLY, "2023-07-10", span("2023-06-29", "2023-07-29")),
        ("L-03", "2023-06-29", Interval::MONTHLY, "2023-08-01", span("2023-07-29", "2023-08-29")),
        ("L-03, the year", "2023-06-29", Interval::YEARLY, "2023-09-28", span("2023-06-29", "2024-06-29")),
        ("L-04", "2023-07-19", Interval::YEARLY, "2023-11-19", span("2023-07-19", "2024-07-19")),
    ];
    for (what, anchor, interval, at, expected) in cases {
        assert_eq!(Anchor::utc(on(anchor)).period_containing(interval, on(at)), Some(expected), "{what}");
    }
}

#[test]
fn upgrades_credit_what_was_billed_with_its_tax() {
    let month = Interval::MONTHLY;
    let march = calendar("2024-03-05");
    let cases = [
        (
            "L-03",
            taxed(1000, 0, from(&Anchor::utc(on("2023-06-29")), month, "2023-08-29")),
            span("2023-09-28", "2023-09-29"),
            (32, 0),
        ),
        (
            "L-05, 806",
            taxed(871, 218, from(&march, month, "2024-03-05")),
            span("2024-03-12T12:12:00Z", "2024-04-01"),
            (645, 161),
        ),
        (
            "L-05, 1210",
            taxed(968, 242, from(&march, month, "2024-03-12T12:12:00Z")),
            span("2024-03-12T13:12:00Z", "2024-04-01"),
            (968, 242),
        ),
    ];
    for (what, line, unused, expected) in cases {
        let credit = line.credit(&Counting::utc(DAYS), unused).unwrap().unwrap();
        assert_eq!((credit.amount_minor, credit.tax_minor), expected, "{what}");
    }
}

/// L-20: the old units of one fixed charge are credited and the new ones charged; shown as one amount.
#[test]
fn one_amount_an_item_where_credit_and_debit_are_not_shown_apart() {
    let anchor = calendar("2023-07-19");
    let line = billed("second", 1500, from(&anchor, Interval::MONTHLY, "2023-08-01"));
    let after = [monthly("second", 10_000), monthly("new", 2000)];
    let found = changed(&rules(DAYS), &anchor, "2023-08-21", &[monthly("second", 1500)], &after, &[line]);
    assert_eq!(amounts(&found), [-532, 3548, 710]);
    assert_eq!(found.by_item().into_iter().collect::<Vec<_>>(), [("new", 710), ("second", 3016)]);
}

#[test]
fn terminations_return_what_is_unused() {
    use TerminationPolicy::{Credit, Refund, Skip};
    type Row = (&'static str, TerminationPolicy, Billed, &'static str, i64, [i64; 4]);
    let whole = |start: &str, interval| from(&Anchor::utc(on(start)), interval, start);
    let february = || taxed(7500, 1500, from(&calendar("2025-02-08"), Interval::MONTHLY, "2025-02-08"));
    let cases: [Row; 12] = [
        (
            "L-07",
            Credit,
            taxed(20_000, 5000, whole("2025-09-18", Interval::MONTHLY)),
            "2025-09-18T15:00:00Z",
            25_000,
            [19_333, 4833, 0, 24_166],
        ),
        (
            "L-08",
            Credit,
            taxed(16_000, 4000, whole("2025-09-18", Interval::MONTHLY)),
            "2025-09-18",
            20_000,
            [15_467, 3867, 0, 19_334],
        ),
        ("L-09", Credit, taxed(2999, 700, whole("2025-10-06", WEEKLY)), "2025-10-06", 3699, [2571, 600, 0, 3171]),
        ("L-17", Credit, february(), "2025-02-21", 9000, [2500, 500, 0, 3000]),
        ("L-18", Refund, february(), "2025-02-21", 7500, [2500, 500, 1500, 1500]),
        ("L-18, unpaid", Refund, february(), "2025-02-21", 0, [2500, 500, 0, 3000]),
        ("L-18, paid up to what was used", Refund, february(), "2025-02-21", 6000, [2500, 500, 0, 3000]),
        ("L-18, paid", Refund, february(), "2025-02-21", 9000, [2500, 500, 3000, 0]),
        ("L-19", Credit, february(), "2025-02-08", 9000, [7143, 1429, 0, 8572]),
        ("skipped", Skip, february(), "2025-02-08", 9000, [0, 0, 0, 0]),
        ("on the last day", Refund, february(), "2025-02-28", 9000, [0, 0, 0, 0]),
        (
            "by the second",
            Refund,
            taxed(2800, 0, Stretch::whole(span("2025-02-01", "2025-03-01"))),
            "2025-02-14T12:00:00Z",
            2800,
            [1450, 0, 1450, 0],
        ),
    ];
    for (what, policy, line, at, paid_minor, [amount_minor, tax_minor, refund_minor, credit_minor]) in cases {
        let mode = if what == "by the second" { ProrationMode::Second } else { DAYS };
        let total_minor = line.amount_minor + line.tax_minor;
        let standing = InvoiceStanding { total_minor, paid_minor, ..InvoiceStanding::default() };
        let period = line.stretch.reference;
        let found = terminate(&Counting::utc(mode), policy, on(at), period, &[line], standing).unwrap();
        let totals = [found.amount_minor, found.tax_minor, found.refund_minor, found.credit_minor];
        assert_eq!(totals, [amount_minor, tax_minor, refund_minor, credit_minor], "{what}");
    }
    // L-17 to L-19: the usage of 6,000 is paid by the credit as far as it goes.
    assert_eq!([6000 - 3000, 6000 - 1500, 8572 - 6000], [3000, 4500, 2572]);
}

/// What was refunded or credited before is not returned again.
#[test]
fn earlier_refunds_and_credits_count() {
    let cases = [(0, 0, 3000), (3000, 0, 0), (1000, 0, 2000), (0, 2000, 3000), (2000, 2000, 3000), (9000, 0, 0)];
    for (refunded_minor, credited_minor, expected) in cases {
        let line = taxed(7500, 1500, from(&calendar("2025-02-08"), Interval::MONTHLY, "2025-02-08"));
        let standing = InvoiceStanding { total_minor: 9000, paid_minor: 9000, refunded_minor, credited_minor };
        let (at, period) = (on("2025-02-21"), line.stretch.reference);
        let counting = Counting::utc(DAYS);
        let found = terminate(&counting, TerminationPolicy::Refund, at, period, &[line], standing).unwrap();
        assert_eq!(found.refund_minor, expected, "{refunded_minor} refunded, {credited_minor} credited");
    }
}
