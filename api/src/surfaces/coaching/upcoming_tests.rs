//! Is the next invoice what the subscription's terms and discounts make of it?

use domain::id::CustomerId;
use domain::money::Currency;
use domain::origin::Origin;
use domain::price::{Discount, Duration, Interval, Item, Off, Price};
use domain::subscription::{Collection, CycleMove, Standing, SubscriptionSnapshot, Terms};
use domain::time::{Period, to_micros};

use super::*;

const CREATED: &str = "2024-01-15T10:30:00Z";
const FEBRUARY: &str = "2024-02-01T00:00:00Z";
const MARCH: &str = "2024-03-01T00:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A monthly subscription of 5,000.00 with these discounts, in the period before the one from `next` on.
fn row(status: Status, (start, next): (&str, &str), discounts: Vec<Discount>) -> SubscriptionRow {
    let item = Item {
        id: None,
        plan: domain::id::PlanId::parse("elite").unwrap(),
        name: None,
        price: Price::per_unit(500_000, Currency::USD, Some(Interval::MONTHLY)),
        quantity: 1,
        version: None,
        billing: domain::pricing::Billing::InAdvance,
        metric: None,
    };
    let trial = Period { start: at(CREATED), end: at("2024-01-22T10:30:00Z") };
    let terms = Terms {
        items: vec![item],
        currency: Currency::USD,
        created_at: at(CREATED),
        started_at: at(CREATED),
        anchor: at(FEBRUARY),
        period: Some(Period { start: at(start), end: at(next) }),
        trial: (status == Status::Trialing).then_some(trial),
        discounts,
        cancel_at: None,
        cancel_at_period_end: false,
        canceled_at: None,
        collection: Collection::ChargeAutomatically,
        pause_collection: None,
        payment_method: None,
        latest_invoice: None,
        metadata: None,
        anchor_rule: None,
        zone: None,
        billed: Vec::new(),
        scheduled: None,
        trial_end_announced: false,
        days_until_due: None,
        cycle_move: CycleMove::default(),
    };
    let customer = CustomerId::parse("cus_1").unwrap();
    let snapshot = SubscriptionSnapshot { customer, origin: Origin::Daybook, standing: Standing::Active {}, terms };
    SubscriptionRow {
        tenant: "coaching".to_owned(),
        subscription_id: "sub_1".to_owned(),
        customer_id: "cus_1".to_owned(),
        origin: Origin::Daybook,
        status,
        plan_id: Some("elite".to_owned()),
        plan_name: None,
        quantity: 1,
        amount_minor: 500_000,
        currency: "USD".to_owned(),
        interval_unit: Some("month".to_owned()),
        interval_count: Some(1),
        period_start_at: Some(to_micros(at(start))),
        period_end_at: Some(to_micros(at(next))),
        trial_start_at: None,
        trial_end_at: None,
        anchor_at: to_micros(at(FEBRUARY)),
        cancel_at: None,
        cancel_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        paused_until_at: None,
        payment_method_id: None,
        latest_invoice_id: None,
        created_at: to_micros(at(CREATED)),
        created_position: 1,
        snapshot: Box::new(snapshot),
        position: 1,
    }
}

fn off(off: Off, duration: Duration, start: &str, end: Option<&str>) -> Discount {
    Discount { coupon: "C".to_owned(), off, duration, start: at(start), end: end.map(at) }
}

fn percent(percent: i64, duration: Duration, start: &str, end: Option<&str>) -> Discount {
    off(Off::Percent(Decimal::from(percent)), duration, start, end)
}

fn amount(minor: i64, currency: Currency) -> Discount {
    off(Off::Amount { minor, currency }, Duration::Forever, CREATED, None)
}

fn wire(amount_due: &str, start: &str, end: &str) -> String {
    format!("{{\"amount_due\":{amount_due},\"period_start\":\"{start}\",\"period_end\":\"{end}\"}}")
}

#[test]
fn discounts_that_apply_are_taken_off() {
    let current = (FEBRUARY, MARCH);
    let first = (CREATED, FEBRUARY);
    let forever = |percent_off| percent(percent_off, Duration::Forever, CREATED, None);
    let until = |end| percent(20, Duration::Repeating { months: 1 }, CREATED, Some(end));
    let once = |start| percent(20, Duration::Once, start, None);
    let usd = |minor| amount(minor, Currency::USD);
    let cases = [
        ("none", Status::Active, current, vec![], "5000.00"),
        ("for ever", Status::Active, current, vec![forever(20)], "4000.00"),
        ("a fixed amount", Status::Active, current, vec![usd(12_345)], "4876.55"),
        ("a percentage before an amount", Status::Active, current, vec![usd(10_000), forever(50)], "2400.00"),
        ("two percentages", Status::Active, current, vec![forever(50), forever(10)], "2250.00"),
        ("more than the price", Status::Active, current, vec![usd(400_000), usd(400_000)], "0.00"),
        ("all of it", Status::PastDue, current, vec![forever(100)], "0.00"),
        ("another currency", Status::Active, current, vec![amount(10_000, Currency::EUR)], "5000.00"),
        ("for months that go on", Status::Active, current, vec![until("2024-03-15T10:30:00Z")], "4000.00"),
        ("for months that are over", Status::Active, current, vec![until("2024-02-15T10:30:00Z")], "5000.00"),
        ("once, and spent", Status::Active, current, vec![once(CREATED)], "5000.00"),
        ("once, given in this period", Status::Active, current, vec![once("2024-02-10T00:00:00Z")], "4000.00"),
        ("once, for the end of a trial", Status::Trialing, first, vec![once(CREATED)], "5000.00"),
        (
            "once, where the trial is the whole period",
            Status::Trialing,
            (CREATED, "2024-01-22T10:30:00Z"),
            vec![once(CREATED)],
            "4000.00",
        ),
    ];
    for (what, status, period, discounts, expected) in cases {
        let row = row(status, period, discounts);
        let found = preview(&row).map(|wire| serde_json::to_value(wire.amount_due).unwrap().to_string());
        let expected = serde_json::from_str::<Value>(expected).unwrap().to_string();
        assert_eq!(found, Some(expected), "{what}");
    }
}

#[test]
fn the_next_period_is_counted_from_the_anchor() {
    let discounts = vec![percent(20, Duration::Forever, CREATED, None)];
    let next = preview(&row(Status::Active, (FEBRUARY, MARCH), discounts)).unwrap();
    assert_eq!(serde_json::to_string(&next).unwrap(), wire("4000.00", MARCH, "2024-04-01T00:00:00Z"));
}

#[test]
fn what_will_not_be_billed_has_no_next_invoice() {
    let statuses = [
        (Status::Incomplete, false),
        (Status::IncompleteExpired, false),
        (Status::Unpaid, false),
        (Status::Paused, false),
        (Status::Canceled, false),
        (Status::Active, true),
    ];
    for (status, cancel_at_period_end) in statuses {
        let row = SubscriptionRow { cancel_at_period_end, ..row(status, (FEBRUARY, MARCH), vec![]) };
        assert!(preview(&row).is_none(), "{status:?}");
    }
}
