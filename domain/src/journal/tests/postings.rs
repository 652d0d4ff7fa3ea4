//! J1 to J22 of revenue.md §3.3, but for J20 and J21: the lines of each entry. Debits are above zero.

use jiff::civil::date;

use super::super::{Account, Rules, Side, hledger};
use super::story::{L, Story, at, customer_id, dispute, nothing, over};
use crate::account::{AccountChange, AccountEvent, AccountSnapshot};
use crate::credit_note::{Settle, Wanted};
use crate::event::LedgerEvent;
use crate::invoice::InvoiceCommand;
use crate::invoice_totals::CustomerBalance;
use crate::money::Currency;
use crate::payment::{ChargeReport, DisputeReport, DisputeStatus, PaymentCommand, PaymentStatus, RefundStatus};
use crate::payout::{PayoutChange, PayoutEvent, PayoutReport, PayoutStatus};
use crate::samples;

type Expected<'e> = &'e [(&'e str, &'e [(u16, i64)])];

fn check(name: &str, story: &Story, expected: Expected) {
    for (key, lines) in expected {
        assert_eq!(story.entry(key), *lines, "{name} {key}");
    }
}

fn january(line: L) -> L {
    L(line.0, Some(("2023-01-01", "2023-02-01")), line.2, line.3)
}

/// 5,000 for February 2024 with 8.75 % of tax, charged with the fee of the processor.
fn taxed_and_charged() -> Story {
    let mut story = Story::default();
    let line = L(500_000, Some(("2024-02-01", "2024-03-01")), 875, false);
    story.invoice("in_1", "2024-02-01", &[line], nothing());
    let charge = ChargeReport {
        amount_minor: 543_750,
        fee_minor: Some(15_799),
        net_minor: Some(527_951),
        created_at: at("2024-02-01"),
        invoice: Some(super::story::invoice_id("in_1")),
        ..samples::payment::charge("ch_1", PaymentStatus::Succeeded, samples::payment::TAKEN)
    };
    let command = PaymentCommand::RecordAttempt { id: super::story::payment_id("pay_1"), charge: Box::new(charge) };
    story.tell_payment("pay_1", "2024-02-01", command).unwrap();
    story.receive("in_1", "2024-02-01", Some("pay_1"), false, 543_750).unwrap();
    story
}

fn payout(story: &mut Story, status: PayoutStatus, when: &str) {
    let payout = PayoutReport {
        id: "po_1".to_owned(),
        status,
        amount_minor: 527_951,
        currency: Currency::USD,
        created_at: at("2024-02-02"),
        arrives_at: None,
    };
    let change = PayoutChange::PayoutReported { stamp: samples::stamp(when, &format!("{when}T00:00:00Z"), 1), payout };
    story.post(LedgerEvent::Payout(PayoutEvent { at: at(when), change, after: None }));
}

#[test]
fn j1_to_j4_invoice_payment_fee_and_payout() {
    let mut story = taxed_and_charged();
    payout(&mut story, PayoutStatus::Paid, "2024-02-03");
    check("J1", &story, &[("in_1:finalized", &[(1100, 543_750), (2000, -500_000), (2100, -43_750)])]);
    check("J2", &story, &[("pay_1:settled", &[(1010, 543_750), (1100, -543_750)])]);
    check("J2f", &story, &[("pay_1:fee", &[(1010, -15_799), (6000, 15_799)])]);
    check("J4", &story, &[("po_1:paid", &[(1000, 527_951), (1010, -527_951)])]);
    // J3: the first two days of 29.
    for (day, earned) in [(1, 17_241), (2, 34_483), (29, 500_000)] {
        assert_eq!(story.at(date(2024, 2, day)).get(&4000), Some(&-earned), "J3 day {day}");
    }
    assert_eq!(story.at(date(2024, 2, 3)).get(&1010), None, "nothing is left with the processor");
    payout(&mut story, PayoutStatus::Failed, "2024-02-05");
    payout(&mut story, PayoutStatus::Paid, "2024-02-03");
    check("J4 back", &story, &[("po_1:failed", &[(1000, -527_951), (1010, 527_951)])]);
    assert_eq!(story.posted.len(), 5, "an entry for each transition, however often it is told");
}

#[test]
fn j5_to_j9_out_of_band_net_of_discount_changes_and_balance() {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[january(L(3_100, None, 0, false))], nothing());
    story.receive("in_1", "2023-01-02", None, true, 3_100).unwrap();
    check("J5", &story, &[("in_1:paid:oob", &[(1030, 3_100), (1100, -3_100)])]);
    let mut story = Story::default();
    let changed = [over(-3_000, "2023-04-21", "2023-05-01"), over(4_000, "2023-04-21", "2023-05-01")];
    story.invoice("in_1", "2023-04-21", &changed, nothing());
    check("J7", &story, &[("in_1:finalized", &[(1100, 1_000), (2000, -4_000), (2000, 3_000)])]);
    let changed = [over(-3_000, "2023-04-21", "2023-05-01"), over(1_000, "2023-04-21", "2023-05-01")];
    story.invoice("in_2", "2023-04-21", &changed, nothing());
    check("J8", &story, &[("in_2:finalized", &[(2000, -1_000), (2000, 3_000), (2200, -2_000)])]);
    let balance = CustomerBalance::new(1_100, 0).unwrap();
    story.invoice("in_3", "2023-01-01", &[january(L(3_100, None, 0, false))], balance);
    check("J9", &story, &[("in_3:finalized", &[(1100, -1_100), (1100, 3_100), (2000, -3_100), (2200, 1_100)])]);
    story.pay("in_3", "pay_3", "2023-01-01", 2_000);
    check("J9", &story, &[("pay_3:settled", &[(1010, 2_000), (1100, -2_000)])]);
    story.invoice("in_4", "2023-01-01", &[january(L(3_100, None, 0, false))], nothing());
    let apply = InvoiceCommand::ApplyBalance { credit_minor: 500, prepaid_minor: 100 };
    story.tell_invoice("in_4", "2023-01-05", apply).unwrap();
    check("J9 later", &story, &[("in_4:applied", &[(1100, -600), (2200, 600)])]);
}

fn ninety_paid() -> Story {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[over(9_000, "2023-01-01", "2023-04-01")], nothing());
    story.pay("in_1", "pay_1", "2023-01-01", 9_000);
    story
}

#[test]
fn j10_to_j13_refunds_and_notes() {
    let mut story = ninety_paid();
    story.refund("pay_1", "re_1", "2023-02-01", 9_000, RefundStatus::Succeeded);
    check("J10", &story, &[("re_1:succeeded", &[(1010, -9_000), (2000, 5_900), (4910, 3_100)])]);
    let mut story = ninety_paid();
    story.refund("pay_1", "re_1", "2023-02-01", 900, RefundStatus::Succeeded);
    check("J11", &story, &[("re_1:succeeded", &[(1010, -900), (2000, 590), (4910, 310)])]);
    let mut story = taxed_and_charged();
    story.refund("pay_1", "re_1", "2024-02-01", 100_000, RefundStatus::Succeeded);
    check("J11t", &story, &[("re_1:succeeded", &[(1010, -100_000), (2000, 91_954), (2100, 8_046)])]);
    let mut story = ninety_paid();
    story.refund("pay_1", "re_1", "2023-02-01", 900, RefundStatus::Pending);
    story.refund("pay_1", "re_2", "2023-02-01", 900, RefundStatus::Pending);
    let settle = |refund: &str, status| PaymentCommand::SettleRefund { refund: refund.to_owned(), status };
    story.tell_payment("pay_1", "2023-02-03", settle("re_1", RefundStatus::Succeeded)).unwrap();
    story.tell_payment("pay_1", "2023-02-03", settle("re_2", RefundStatus::Failed)).unwrap();
    check(
        "J12",
        &story,
        &[
            ("re_1:created", &[(2000, 590), (2210, -900), (4910, 310)]),
            ("re_1:succeeded", &[(1010, -900), (2210, 900)]),
            ("re_2:created", &[(2000, 590), (2210, -900), (4910, 310)]),
            ("re_2:failed", &[(2000, -590), (2210, 900), (4910, -310)]),
        ],
    );
    let mut story = ninety_paid();
    story.invoice("in_2", "2023-01-01", &[over(9_000, "2023-01-01", "2023-04-01")], nothing());
    let half = Wanted::Amount(4_500);
    story.note("in_2", "cn_1", "2023-02-01", half, Settle::BeforePayment, None).unwrap();
    check("J13", &story, &[("cn_1:issued", &[(1100, -4_500), (2000, 2_950), (4920, 1_550)])]);
    story.note("in_1", "cn_2", "2023-02-01", half, Settle::ToBalance, None).unwrap();
    check("J13b", &story, &[("cn_2:issued", &[(2000, 2_950), (2200, -4_500), (4920, 1_550)])]);
    let void = InvoiceCommand::VoidNote { id: "cn_1".to_owned() };
    story.tell_invoice("in_2", "2023-02-05", void).unwrap();
    check("J13 back", &story, &[("cn_1:voided", &[(1100, 4_500), (2000, -2_950), (4920, -1_550)])]);
    story.note("in_1", "cn_3", "2023-02-06", half, Settle::Refund, Some("re_3")).unwrap();
    story.refund("pay_1", "re_3", "2023-02-06", 4_500, RefundStatus::Succeeded);
    assert_eq!(story.entry("cn_3:issued")[1], (2210, -4_500), "a note that is paid back");
    check("and its refund", &story, &[("re_3:succeeded", &[(1010, -4_500), (2210, 4_500)])]);
}

fn disputed(first: DisputeReport, next: DisputeReport, closed: &str) -> Story {
    let mut story = ninety_paid();
    story.dispute("pay_1", "2023-02-01", first);
    story.dispute("pay_1", closed, next);
    story
}

#[test]
fn j14_to_j17_voids_disputes_and_bad_debt() {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[over(9_000, "2023-01-01", "2023-04-01")], nothing());
    story.tell_invoice("in_1", "2023-02-01", InvoiceCommand::Void).unwrap();
    check("J14", &story, &[("in_1:voided", &[(1100, -9_000), (2000, 5_900), (4940, 3_100)])]);
    let open = DisputeReport { fee_minor: Some(1_500), ..dispute("dp_1", "2023-02-01", DisputeStatus::Open, 9_000) };
    let closed = |status, fee| DisputeReport { fee_minor: Some(fee), ..dispute("dp_1", "2023-02-01", status, 9_000) };
    let lost = disputed(open.clone(), closed(DisputeStatus::Lost, 1_500), "2023-03-02");
    check("J15a", &lost, &[("dp_1:withdrawn", &[(1010, -10_500), (1020, 9_000), (6010, 1_500)])]);
    check("J15b", &lost, &[("dp_1:lost", &[(1020, -9_000), (2000, 3_000), (4930, 6_000)])]);
    let won = disputed(open, closed(DisputeStatus::Won, 0), "2023-03-02");
    check(
        "J15c",
        &won,
        &[
            ("dp_1:reinstated", &[(1010, 9_000), (1020, -9_000)]),
            ("dp_1:fee_returned", &[(1010, 1_500), (6010, -1_500)]),
        ],
    );
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[over(9_000, "2023-01-01", "2023-04-01")], nothing());
    story.tell_invoice("in_1", "2023-02-01", InvoiceCommand::MarkUncollectible).unwrap();
    check("J16", &story, &[("in_1:uncollectible", &[(1100, -9_000), (2000, 5_900), (6100, 3_100)])]);
    story.pay("in_1", "pay_1", "2023-04-10", 9_000);
    check("J17", &story, &[("pay_1:settled", &[(1010, 9_000), (4990, -5_900), (6100, -3_100)])]);
}

#[test]
fn j18_to_j22_usage_wallets_and_too_much() {
    let mut story = Story::default();
    story.invoice("in_1", "2023-02-01", &[january(L(5_000, None, 0, true))], nothing());
    check("J18", &story, &[("in_1:finalized", &[(1100, 5_000), (4010, -5_000)])]);
    let told = |change| AccountEvent {
        at: at("2023-01-01"),
        customer: customer_id(),
        change,
        after: AccountSnapshot::default(),
    };
    let (currency, amount_minor) = (Currency::USD, 10_000);
    let bought = AccountChange::BalanceBought { currency, amount_minor, payment: None };
    story.post(LedgerEvent::Account(told(bought)));
    let given = AccountChange::BalanceAdjusted { currency, amount_minor: -200, reason: None };
    story.post(LedgerEvent::Account(told(given)));
    let balance = CustomerBalance::new(0, 3_000).unwrap();
    story.invoice("in_2", "2023-02-01", &[january(L(3_000, None, 0, true))], balance);
    check(
        "J19",
        &story,
        &[
            ("cus_1:bought:1", &[(1010, 10_000), (2200, -10_000)]),
            ("cus_1:adjusted:2", &[(2200, 200), (4920, -200)]),
            ("in_2:finalized", &[(1100, -3_000), (1100, 3_000), (2200, 3_000), (4010, -3_000)]),
        ],
    );
    story.invoice("in_3", "2023-01-01", &[january(L(3_100, None, 0, false))], nothing());
    story.charge(Some("in_3"), "pay_3", "2023-01-01", 3_600);
    check("J22", &story, &[("pay_3:settled", &[(1010, 3_600), (1100, -3_100), (2220, -500)])]);
    story.receive("in_3", "2023-01-01", Some("pay_3"), false, 3_600).unwrap();
    check("J22 as credit", &story, &[("in_3:excess:pay_3", &[(2200, -500), (2220, 500)])]);
}

#[test]
fn the_chart_is_the_printed_one() {
    assert_eq!(Account::ALL.len(), 28);
    assert!(Account::ALL.windows(2).all(|pair| pair[0].number() < pair[1].number()));
    assert!(Account::ALL.iter().all(|account| Account::from_number(account.number()) == Some(*account)));
    let sides = [(1190, Side::Credit), (2220, Side::Credit), (4000, Side::Credit), (4990, Side::Credit)];
    for (number, side) in sides {
        assert_eq!(Account::from_number(number).unwrap().side(), side, "{number}");
    }
    assert_eq!(Account::from_number(4910).unwrap().side(), Side::Debit);
    assert_eq!(Rules::default().zone, "UTC");
}

#[test]
fn hledger_reads_it() {
    let story = taxed_and_charged();
    let expected = "\
2024-02-01 in_1:finalized
    1100 Accounts receivable  5437.50 USD
    2000 Deferred revenue current  -5000.00 USD
    2100 Tax payable:DE  -437.50 USD

2024-02-01 pay_1:settled
    1010 PSP clearing  5437.50 USD
    1100 Accounts receivable  -5437.50 USD

2024-02-01 pay_1:fee
    6000 Processing fees  157.99 USD
    1010 PSP clearing  -157.99 USD

";
    assert_eq!(hledger(&story.posted, &jiff::tz::TimeZone::UTC), expected);
}
