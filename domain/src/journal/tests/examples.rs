//! E39 to E53, E56, E58 and E59 of revenue.md §2.4: what stands on the accounts at the end of a date, posted and earned
//! together. Debits are above zero.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::story::{L, Story, at, customer_id, dispute, invoice_id, nothing, over, payment_id, taxed};
use crate::account::{AccountChange, AccountEvent, AccountSnapshot};
use crate::credit_note::{Settle, Wanted};
use crate::event::LedgerEvent;
use crate::invoice::InvoiceCommand;
use crate::invoice_totals::CustomerBalance;
use crate::money::Currency;
use crate::payment::{ChargeReport, DisputeStatus, PaymentCommand, PaymentStatus, RefundStatus};
use crate::samples;
use crate::tenant_settings::DisputePolicy;

type Expected = &'static [(u16, i64)];

fn check(name: &str, story: &Story, at: &[(Date, Expected)]) {
    for (date, expected) in at {
        let expected: BTreeMap<u16, i64> = expected.iter().copied().collect();
        assert_eq!(story.at(*date), expected, "{name} at the end of {date}");
    }
}

/// 90 for January to March 2023, invoiced on its first day.
fn ninety() -> Story {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[over(9_000, "2023-01-01", "2023-04-01")], nothing());
    story
}

fn ninety_paid() -> Story {
    let mut story = ninety();
    story.pay("in_1", "pay_1", "2023-01-01", 9_000);
    story
}

const JANUARY: Date = date(2023, 1, 31);
const FEBRUARY: Date = date(2023, 2, 28);
const MARCH: Date = date(2023, 3, 31);

#[test]
fn e39_to_e41_schedules() {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-15", &[over(3_100, "2023-01-15", "2023-02-15")], nothing());
    story.pay("in_1", "pay_1", "2023-01-15", 3_100);
    check(
        "E39",
        &story,
        &[(JANUARY, &[(1010, 3_100), (2000, -1_400), (4000, -1_700)]), (FEBRUARY, &[(1010, 3_100), (4000, -3_100)])],
    );
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[over(36_500, "2023-01-01", "2024-01-01")], nothing());
    check(
        "E40",
        &story,
        &[
            (JANUARY, &[(1100, 36_500), (2000, -33_400), (4000, -3_100)]),
            (FEBRUARY, &[(1100, 36_500), (2000, -30_600), (4000, -5_900)]),
            (MARCH, &[(1100, 36_500), (2000, -27_500), (4000, -9_000)]),
        ],
    );
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[over(120_000, "2023-01-01", "2024-01-01")], nothing());
    check(
        "E41",
        &story,
        &[
            (JANUARY, &[(1100, 120_000), (2000, -109_808), (4000, -10_192)]),
            (FEBRUARY, &[(1100, 120_000), (2000, -100_603), (4000, -19_397)]),
        ],
    );
}

#[test]
fn e42_and_e43_changes_billed_later() {
    let changed = |unused: i64, rest: i64, next: i64| {
        let mut story = Story::default();
        story.invoice("in_1", "2023-04-01", &[over(9_000, "2023-04-01", "2023-05-01")], nothing());
        let lines = [
            over(unused, "2023-04-21", "2023-05-01"),
            over(rest, "2023-04-21", "2023-05-01"),
            over(next, "2023-05-01", "2023-06-01"),
        ];
        story.invoice("in_2", "2023-05-01", &lines, nothing());
        story
    };
    check(
        "E42",
        &changed(-3_000, 4_000, 12_000),
        &[
            (date(2023, 4, 30), &[(1100, 9_000), (1110, 1_000), (4000, -10_000)]),
            (date(2023, 5, 31), &[(1100, 22_000), (4000, -22_000)]),
        ],
    );
    check(
        "E43",
        &changed(-3_000, 1_000, 3_000),
        &[
            (date(2023, 4, 30), &[(1100, 9_000), (1110, -2_000), (4000, -7_000)]),
            (date(2023, 5, 31), &[(1100, 10_000), (4000, -10_000)]),
        ],
    );
}

#[test]
fn e44_and_e45_refunds() {
    let mut story = ninety_paid();
    story.refund("pay_1", "re_1", "2023-02-01", 9_000, RefundStatus::Succeeded);
    check(
        "E44",
        &story,
        &[(JANUARY, &[(1010, 9_000), (2000, -5_900), (4000, -3_100)]), (FEBRUARY, &[(4000, -3_100), (4910, 3_100)])],
    );
    let mut story = ninety_paid();
    story.refund("pay_1", "re_1", "2023-02-01", 900, RefundStatus::Succeeded);
    check(
        "E45",
        &story,
        &[
            (JANUARY, &[(1010, 9_000), (2000, -5_900), (4000, -3_100)]),
            (date(2023, 2, 1), &[(1010, 8_100), (2000, -5_220), (4000, -3_190), (4910, 310)]),
            (FEBRUARY, &[(1010, 8_100), (2000, -2_790), (4000, -5_620), (4910, 310)]),
            (MARCH, &[(1010, 8_100), (4000, -8_410), (4910, 310)]),
        ],
    );
    assert_eq!(story.entry("re_1:succeeded"), [(1010, -900), (2000, 590), (4910, 310)], "E45");
}

#[test]
fn e46_and_e47_not_paid_after_all() {
    let mut story = ninety();
    story.tell_invoice("in_1", "2023-02-01", InvoiceCommand::Void).unwrap();
    check("E46 void", &story, &[(FEBRUARY, &[(4000, -3_100), (4940, 3_100)])]);
    let mut story = ninety();
    story.tell_invoice("in_1", "2023-02-01", InvoiceCommand::MarkUncollectible).unwrap();
    check("E46 uncollectible", &story, &[(FEBRUARY, &[(4000, -3_100), (6100, 3_100)])]);
    story.pay("in_1", "pay_1", "2023-04-10", 9_000);
    check("E47", &story, &[(date(2023, 4, 30), &[(1010, 9_000), (4000, -3_100), (4990, -5_900)])]);
}

#[test]
fn e48_to_e50_notes_disputes_and_nothing() {
    let mut story = ninety();
    story.note("in_1", "cn_1", "2023-02-01", Wanted::Amount(4_500), Settle::BeforePayment, None).unwrap();
    check(
        "E48",
        &story,
        &[
            (JANUARY, &[(1100, 9_000), (2000, -5_900), (4000, -3_100)]),
            (FEBRUARY, &[(1100, 4_500), (2000, -1_550), (4000, -4_500), (4920, 1_550)]),
            (MARCH, &[(1100, 4_500), (4000, -6_050), (4920, 1_550)]),
        ],
    );
    assert_eq!(story.entry("cn_1:issued"), [(1100, -4_500), (2000, 2_950), (4920, 1_550)], "E48");
    let mut story = Story::under(DisputePolicy::Stripe);
    story.invoice("in_1", "2023-01-01", &[over(9_000, "2023-01-01", "2023-04-01")], nothing());
    story.pay("in_1", "pay_1", "2023-01-01", 9_000);
    story.dispute("pay_1", "2023-02-01", dispute("dp_1", "2023-02-01", DisputeStatus::Open, 9_000));
    check("E49 opened", &story, &[(FEBRUARY, &[(4000, -3_100), (4930, 3_100)])]);
    story.dispute("pay_1", "2023-03-05", dispute("dp_1", "2023-02-01", DisputeStatus::Won, 9_000));
    check("E49 won", &story, &[(MARCH, &[(1010, 9_000), (4000, -3_100), (4930, 3_100), (4990, -9_000)])]);
    check(
        "E50",
        &ninety_paid(),
        &[
            (JANUARY, &[(1010, 9_000), (2000, -5_900), (4000, -3_100)]),
            (FEBRUARY, &[(1010, 9_000), (2000, -3_100), (4000, -5_900)]),
            (MARCH, &[(1010, 9_000), (4000, -9_000)]),
        ],
    );
}

#[test]
fn e51_to_e53_lines_and_taxes() {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-15", &[over(3_100, "2023-01-15", "2023-02-15"), L(500, None, 0, false)], nothing());
    check("E51", &story, &[(JANUARY, &[(1100, 3_600), (2000, -1_400), (4000, -1_700), (4020, -500)])]);
    let taxed_case = |minor: i64, percent: i64| {
        let mut story = Story::default();
        let line = taxed(percent, over(minor, "2023-01-01", "2023-02-01"));
        story.invoice("in_1", "2023-01-01", &[line], nothing());
        let total = story.invoices[&invoice_id("in_1")].snapshot().unwrap().total_minor;
        story.pay("in_1", "pay_1", "2023-01-01", total);
        story
    };
    check("E52", &taxed_case(3_100, 10), &[(JANUARY, &[(1010, 3_410), (2100, -310), (4000, -3_100)])]);
    check("E53", &taxed_case(3_410, -10), &[(JANUARY, &[(1010, 3_410), (2100, -310), (4000, -3_100)])]);
    check("E53", &taxed_case(3_100, -10), &[(JANUARY, &[(1010, 3_100), (2100, -282), (4000, -2_818)])]);
    check("E53", &taxed_case(10_000, -10), &[(JANUARY, &[(1010, 10_000), (2100, -909), (4000, -9_091)])]);
}

#[test]
fn e56_and_e58_balances() {
    let mut story = Story::default();
    let lines = [over(3_100, "2023-01-01", "2023-02-01")];
    story.invoice("in_1", "2023-01-01", &lines, CustomerBalance::new(1_100, 0).unwrap());
    check("E56 receivable", &story, &[(JANUARY, &[(1100, 2_000), (2200, 1_100), (4000, -3_100)])]);
    story.pay("in_1", "pay_1", "2023-01-02", 2_000);
    check("E56", &story, &[(JANUARY, &[(1010, 2_000), (2200, 1_100), (4000, -3_100)])]);
    let mut story = Story::default();
    story.charge(None, "pay_0", "2023-01-01", 10_000);
    let change = AccountChange::BalanceBought {
        currency: Currency::USD,
        amount_minor: 10_000,
        payment: Some(payment_id("pay_0")),
    };
    let bought =
        AccountEvent { at: at("2023-01-01"), customer: customer_id(), change, after: AccountSnapshot::default() };
    story.post(LedgerEvent::Account(bought));
    let used = [L(3_000, Some(("2023-01-01", "2023-02-01")), 0, true)];
    story.invoice("in_1", "2023-02-01", &used, CustomerBalance::new(0, 10_000).unwrap());
    check(
        "E58",
        &story,
        &[(JANUARY, &[(1010, 10_000), (2200, -10_000)]), (FEBRUARY, &[(1010, 10_000), (2200, -7_000), (4010, -3_000)])],
    );
}

#[test]
fn e59_fees_as_the_processor_says() {
    for (minor, fee, net) in [(2_040_000, 59_190, 1_980_810), (117_524, 3_438, 114_086), (99_700, 2_921, 96_779)] {
        let mut story = Story::default();
        let charge = ChargeReport {
            amount_minor: minor,
            fee_minor: Some(fee),
            net_minor: Some(net),
            created_at: at("2023-01-01"),
            invoice: None,
            ..samples::payment::charge("ch_1", PaymentStatus::Succeeded, samples::payment::TAKEN)
        };
        let command = PaymentCommand::RecordAttempt { id: payment_id("pay_1"), charge: Box::new(charge) };
        story.tell_payment("pay_1", "2023-01-01", command).unwrap();
        let expected = BTreeMap::from([(1010, net), (2220, -minor), (6000, fee)]);
        assert_eq!(story.at(JANUARY), expected, "E59 {minor}");
        assert_eq!(story.entry("pay_1:fee"), [(1010, -fee), (6000, fee)]);
    }
}
