//! What holds after every step of any history, and whatever is told twice.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::{Account, Balances, BookKey};
use super::story::{L, Story, dispute, invoice_id, payment_id};
use crate::credit_note::{Settle, Wanted};
use crate::event::LedgerEvent;
use crate::invoice::{InvoiceCommand, InvoiceStatus};
use crate::invoice_totals::CustomerBalance;
use crate::money::Currency;
use crate::payment::{DisputeStatus, PaymentCommand, RefundStatus};
use crate::tenant_settings::DisputePolicy;
use crate::time::start_of_day;

#[derive(Debug, Clone)]
enum Act {
    Pay { percent: i64 },
    OutOfBand { percent: i64 },
    Refund { percent: i64, pending: bool },
    SettleRefund { fails: bool },
    Dispute { percent: i64 },
    CloseDispute { won: bool },
    Note { percent: i64, settle: u8 },
    VoidNote,
    ApplyBalance { percent: i64 },
    Void,
    WriteOff,
}

/// What was begun and can be gone on with.
#[derive(Debug, Default)]
struct Begun {
    payments: Vec<String>,
    refunds: Vec<(String, String)>,
    disputes: Vec<(String, i64, String)>,
    notes: Vec<String>,
    count: usize,
}

const DAYS: [(&str, &str); 4] = [
    ("2023-01-01", "2023-02-01"),
    ("2023-01-15", "2023-04-15"),
    ("2022-12-20", "2023-01-05"),
    ("2023-01-01", "2024-01-01"),
];

fn any_line() -> impl Strategy<Value = L> {
    let tax = prop_oneof![Just(0_i64), Just(1_000), Just(875), Just(-2_000)];
    (-2_000_i64..20_000, 0_usize..6, tax, prop::bool::weighted(0.1)).prop_map(|(minor, days, tax, usage)| {
        let minor = if minor == 0 { 1 } else { minor };
        L(minor, DAYS.get(days).copied(), tax, usage)
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_i64..130).prop_map(|percent| Act::Pay { percent }),
        1 => (1_i64..130).prop_map(|percent| Act::OutOfBand { percent }),
        3 => (1_i64..=100, any::<bool>()).prop_map(|(percent, pending)| Act::Refund { percent, pending }),
        2 => any::<bool>().prop_map(|fails| Act::SettleRefund { fails }),
        1 => (1_i64..=100).prop_map(|percent| Act::Dispute { percent }),
        1 => any::<bool>().prop_map(|won| Act::CloseDispute { won }),
        2 => (1_i64..=100, 0_u8..3).prop_map(|(percent, settle)| Act::Note { percent, settle }),
        1 => Just(Act::VoidNote),
        1 => (1_i64..=100).prop_map(|percent| Act::ApplyBalance { percent }),
        1 => Just(Act::Void),
        2 => Just(Act::WriteOff),
    ]
}

/// Acts that the aggregates refuse change nothing.
fn perform(story: &mut Story, begun: &mut Begun, act: &Act, when: &str) {
    begun.count += 1;
    let nth = begun.count;
    let snapshot = story.invoices[&invoice_id("in_1")].snapshot().unwrap().clone();
    let part = |percent: i64| (snapshot.amount_remaining_minor * percent / 100).max(1);
    let taken = |story: &Story, payment: &str| {
        story.payments[&payment_id(payment)].snapshot().map_or(0, |payment| payment.amount_minor)
    };
    match act {
        Act::Pay { percent } => {
            let payment = format!("pay_{nth}");
            if story.receive("in_1", when, Some(&payment), false, part(*percent)).is_ok() {
                story.charge(Some("in_1"), &payment, when, part(*percent));
                begun.payments.push(payment);
            }
        }
        Act::OutOfBand { percent } => drop(story.receive("in_1", when, None, true, part(*percent))),
        Act::Refund { percent, pending } => {
            let Some(payment) = begun.payments.last().cloned() else { return };
            let minor = (taken(story, &payment) * percent / 100).max(1);
            let status = if *pending { RefundStatus::Pending } else { RefundStatus::Succeeded };
            let refund = format!("re_{nth}");
            let report = crate::payment::RefundReport {
                created_at: super::story::at(when),
                ..crate::samples::payment::refund(&refund, status, minor)
            };
            if story.tell_payment(&payment, when, PaymentCommand::Refund { refund: report }).is_ok() {
                begun.refunds.push((payment, refund));
            }
        }
        Act::SettleRefund { fails } => {
            let Some((payment, refund)) = begun.refunds.pop() else { return };
            let status = if *fails { RefundStatus::Failed } else { RefundStatus::Succeeded };
            drop(story.tell_payment(&payment, when, PaymentCommand::SettleRefund { refund, status }));
        }
        Act::Dispute { percent } => {
            let Some(payment) = begun.payments.last().cloned() else { return };
            let minor = (taken(story, &payment) * percent / 100).max(1);
            let dispute = dispute(&format!("dp_{nth}"), when, DisputeStatus::Open, minor);
            if story.tell_payment(&payment, when, PaymentCommand::Dispute { dispute: dispute.clone() }).is_ok() {
                begun.disputes.push((payment, minor, dispute.id));
            }
        }
        Act::CloseDispute { won } => {
            let Some((payment, minor, id)) = begun.disputes.pop() else { return };
            let status = if *won { DisputeStatus::Won } else { DisputeStatus::Lost };
            let dispute = dispute(&id, when, status, minor);
            drop(story.tell_payment(&payment, when, PaymentCommand::Dispute { dispute }));
        }
        Act::Note { percent, settle } => {
            let settle = [Settle::BeforePayment, Settle::Refund, Settle::ToBalance][usize::from(*settle)];
            let wanted = Wanted::Amount((snapshot.total_minor * percent / 100).max(1));
            let note = format!("cn_{nth}");
            if story.note("in_1", &note, when, wanted, settle, None).is_ok() {
                begun.notes.push(note);
            }
        }
        Act::VoidNote => {
            let Some(id) = begun.notes.pop() else { return };
            drop(story.tell_invoice("in_1", when, InvoiceCommand::VoidNote { id }));
        }
        Act::ApplyBalance { percent } => {
            let apply = InvoiceCommand::ApplyBalance { credit_minor: part(*percent), prepaid_minor: 0 };
            drop(story.tell_invoice("in_1", when, apply));
        }
        Act::Void => drop(story.tell_invoice("in_1", when, InvoiceCommand::Void)),
        Act::WriteOff => drop(story.tell_invoice("in_1", when, InvoiceCommand::MarkUncollectible)),
    }
}

fn balances(story: &Story, date: Date) -> Balances {
    let mut balances = Balances::default();
    let end = start_of_day(date.tomorrow().unwrap(), &TimeZone::UTC);
    story.posted.iter().filter(|entry| entry.effective_at < end).for_each(|entry| balances.add_entry(entry));
    let tick = crate::recognition::Ruler::days(TimeZone::UTC).end_of(date);
    story.stretches.iter().for_each(|(stretch, holds)| balances.add_stretch(stretch, *holds, tick));
    balances
}

fn check(story: &Story, today: Date) {
    let key = BookKey::Invoice(invoice_id("in_1"));
    let snapshot = story.invoices[&invoice_id("in_1")].snapshot().unwrap();
    let open = if snapshot.status == InvoiceStatus::Open { snapshot.amount_remaining_minor } else { 0 };
    let now = balances(story, today);
    let of = |account| now.of(Currency::USD, account).balance_minor();
    assert_eq!(of(Account::Receivable), open, "open receivables");
    let book = &story.shelf[&key];
    assert_eq!(-of(Account::Deferred), book.deferred_minor(&key, today), "deferred");
    for date in [today, date(2022, 12, 31), date(2023, 1, 20), date(2023, 3, 1), date(2030, 1, 1)] {
        let then = balances(story, date);
        assert_eq!(then.sum_minor(Currency::USD), 0, "trial balance at {date}");
        let posted: i64 = then.iter().map(|(_, _, balance)| balance.posted_minor()).sum();
        assert_eq!(posted, 0, "of entries alone");
    }
    let forever = balances(story, date(2030, 1, 1));
    assert_eq!(forever.of(Currency::USD, Account::Deferred).balance_minor(), 0, "all is earned in the end");
    assert_eq!(forever.of(Currency::USD, Account::Unbilled).balance_minor(), 0);
    // What the entries and stretches posted one by one come to is what the books come to at once.
    let derived = story.derived();
    let at_once = super::super::accounts_at(&derived, jiff::Timestamp::MAX, i64::MAX);
    let nonzero = |balances: &Balances| super::story::by_number(balances);
    assert_eq!(nonzero(&at_once), nonzero(&balances(story, date(9000, 1, 1))));
}

fn tell(lines: &[L], balance: i64, disputes: DisputePolicy, acts: &[(i64, Act)], every_step: bool) -> Story {
    let mut story = Story::under(disputes);
    story.invoice("in_1", "2023-01-01", lines, CustomerBalance::new(balance, 0).unwrap());
    let mut today = date(2023, 1, 1);
    let mut begun = Begun::default();
    check(&story, today);
    for (days, act) in acts {
        today = today.checked_add(jiff::Span::new().days(*days)).unwrap();
        perform(&mut story, &mut begun, act, &format!("{today}T12:00:00Z"));
        if every_step {
            check(&story, today);
        }
    }
    story
}

fn any_policy() -> impl Strategy<Value = DisputePolicy> {
    prop_oneof![Just(DisputePolicy::Withhold), Just(DisputePolicy::Stripe)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_history_balances_at_every_step(
        lines in prop::collection::vec(any_line(), 1..4),
        balance in prop_oneof![Just(0_i64), 0_i64..5_000],
        disputes in any_policy(),
        acts in prop::collection::vec((0_i64..40, any_act()), 0..9),
    ) {
        tell(&lines, balance, disputes, &acts, true);
    }

    #[test]
    fn what_is_told_twice_posts_nothing_and_streams_interleave_freely(
        lines in prop::collection::vec(any_line(), 1..4),
        acts in prop::collection::vec((0_i64..40, any_act()), 0..9),
        mix in any::<u64>(),
    ) {
        let mut story = tell(&lines, 0, DisputePolicy::Withhold, &acts, false);
        for event in story.events.clone() {
            let posted = story.post(event);
            prop_assert_eq!(posted, super::super::Posted::default());
        }
        // The same events, the streams in another order among themselves.
        let told = story.events.iter().take(story.events.len() / 2);
        let (mut invoice, mut payments): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
        for event in told.rev() {
            if matches!(event, LedgerEvent::Invoice(_)) { invoice.push(event.clone()) } else { payments.push(event.clone()) }
        }
        let mut other = Story::default();
        let mut mix = mix;
        while !(invoice.is_empty() && payments.is_empty()) {
            let from = if mix & 1 == 0 { &mut invoice } else { &mut payments };
            if let Some(event) = from.pop() {
                other.post(event);
            }
            mix = mix.rotate_right(1);
        }
        for date in [date(2023, 1, 20), date(2023, 3, 1), date(2030, 1, 1)] {
            prop_assert_eq!(other.at(date), story.at(date), "at {}", date);
        }
    }
}
