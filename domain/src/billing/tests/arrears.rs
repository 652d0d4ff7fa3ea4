//! What is billed afterwards: agreed items in arrears, and what was used?

use super::ends::end;
use super::simulator::{Sim, new_subscription, plan, seats, when};
use crate::billing::usage_rates;
use crate::id::SubscriptionId;
use crate::money::Currency;
use crate::price::{Interval, Item, Price, Scheme, Tier, Usage};
use crate::pricing::{Billing, Metric};
use crate::proration::ProrationBehavior::{CreateProrations, None as NoProration};
use crate::proration::TerminationPolicy;
use crate::samples::subscription_id;
use crate::subscription::{NewSubscription, SubscriptionCommand};
use crate::time::AnchorRule;
use crate::usage::UsageCommand;

fn in_arrears(minor: i64) -> Item {
    Item { billing: Billing::InArrears, ..plan("plan", minor) }
}

pub fn used_item(name: &str, metric: &str, scheme: Scheme) -> Item {
    let price = Price { currency: Currency::USD, scheme, interval: Some(Interval::MONTHLY), usage: Usage::Metered };
    Item { price, quantity: 0, metric: Some(Metric::parse(metric).unwrap()), ..plan(name, 0) }
}

pub fn record(sim: &mut Sim, id: &SubscriptionId, metric: &str, quantity: u64, used_at: &str) {
    let key = format!("{metric}_{used_at}_{quantity}");
    let (metric, used_at) = (Metric::parse(metric).unwrap(), when(used_at));
    let rates = usage_rates(sim.desk.subscription(id).unwrap(), &metric);
    let command = UsageCommand::Record { id: id.clone(), key, metric, quantity, used_at, rates };
    sim.run(|desk| desk.on_usage(id, command)).unwrap();
}

fn per_unit(decimal: &str) -> Scheme {
    Scheme::PerUnit(decimal.parse().unwrap())
}

fn use_at(sim: &mut Sim, at: &str, quantity: u64) {
    sim.advance(at);
    record(sim, &subscription_id(), "calls", quantity, at);
}

/// K-32: 900.00 in arrears; a change bills what was owed until then, beside what is owed from then on.
#[test]
fn a_change_splits_what_is_owed_in_arrears() {
    let cases = [
        ("K-32, the 20th", "2023-08-20", "2023-09-11 cycle: 127742 26129 = 153871, paid"),
        ("K-32, the 15th", "2023-08-15", "2023-09-11 cycle: 156774 11613 = 168387, paid"),
    ];
    for (what, at, expected) in cases {
        let mut sim = Sim::by_day("2023-08-11");
        sim.subscribe(vec![in_arrears(90_000)]);
        assert_eq!(sim.invoices(), Vec::<String>::new(), "{what}");
        sim.advance(at);
        sim.alter(vec![seats(in_arrears(90_000), 2)], CreateProrations);
        sim.advance("2023-09-12");
        sim.check_invoices(what, &[expected]);
        sim.advance("2023-10-12");
        assert_eq!(sim.invoices()[1], "2023-10-11 cycle: 180000 = 180000, paid", "{what}");
    }
}

/// What changes with the period's end is owed until then as it was.
#[test]
fn a_scheduled_change_bills_the_ended_period_as_it_was_agreed() {
    let mut sim = Sim::new("2024-01-01");
    let calls = |minor: &str| used_item("calls", "calls", per_unit(minor));
    sim.subscribe(vec![in_arrears(1_000), calls("2")]);
    use_at(&mut sim, "2024-01-10", 100);
    let items = vec![in_arrears(3_000), calls("5")];
    let change = SubscriptionCommand::ScheduleChange { at: when("2024-02-01"), items };
    sim.run(|desk| desk.on_subscription(&subscription_id(), change)).unwrap();
    use_at(&mut sim, "2024-02-10", 100);
    sim.advance("2024-03-02");
    sim.check_invoices(
        "scheduled",
        &["2024-02-01 cycle: 1000 200 = 1200, paid", "2024-03-01 cycle: 3000 500 = 3500, paid"],
    );
}

/// S-04, flexible: 1,000 calls at 0.10 a hundred and 500 at 0.15 a hundred are 1.75.
#[test]
fn each_unit_costs_what_was_in_force_when_it_was_used() {
    let mut sim = Sim::new("2024-01-01");
    sim.subscribe(vec![used_item("calls", "calls", per_unit("0.1"))]);
    use_at(&mut sim, "2024-01-10", 1_000);
    sim.advance("2024-01-16");
    sim.alter(vec![used_item("calls", "calls", per_unit("0.15"))], NoProration);
    use_at(&mut sim, "2024-01-20", 500);
    sim.advance("2024-02-02");
    sim.check_invoices("S-04", &["2024-02-01 cycle: 75 100 = 175, paid"]);
}

/// S-07: what is reported late for a period that is over has a line of its own.
#[test]
fn late_usage_has_a_line_of_its_own() {
    let mut sim = Sim::new("2024-03-01");
    let storage = Scheme::Package { size: 10, minor: 1_000.into() };
    let new = new_subscription(vec![used_item("storage", "gigabytes", storage)]);
    sim.create(&NewSubscription { start: Some(when("2024-02-01")), ..new });
    record(&mut sim, &subscription_id(), "gigabytes", 100, "2024-02-10");
    sim.advance("2024-03-10");
    record(&mut sim, &subscription_id(), "gigabytes", 150, "2024-03-10");
    sim.advance("2024-04-02");
    sim.check_invoices("S-07", &["2024-04-01 cycle: 10000 15000 = 25000, paid"]);
}

#[test]
fn usage_is_billed_once_by_its_tiers() {
    let tier = |up_to, unit: i64, flat: i64| Tier { up_to, unit_minor: unit.into(), flat_minor: flat.into() };
    let tiers = vec![tier(Some(10), 500, 0), tier(None, 300, 1_000)];
    let mut sim = Sim::new("2024-01-01");
    sim.subscribe(vec![plan("base", 2_000), used_item("calls", "calls", Scheme::Graduated(tiers))]);
    use_at(&mut sim, "2024-01-05", 8);
    use_at(&mut sim, "2024-01-20", 7);
    use_at(&mut sim, "2024-02-29T23:59:59Z", 1);
    sim.advance("2024-04-02");
    sim.check_invoices(
        "tiers",
        &[
            "2024-01-01 create: 2000 = 2000, paid",
            "2024-02-01 cycle: 7500 2000 = 9500, paid",
            "2024-03-01 cycle: 500 2000 = 2500, paid",
            "2024-04-01 cycle: 2000 = 2000, paid",
        ],
    );
}

/// L-02: in arrears by quarters of the calendar, ended with the day that counts as used.
#[test]
fn an_end_bills_what_is_owed_until_then() {
    let quarter = Interval { unit: crate::price::IntervalUnit::Month, count: 3 };
    let mut sim = Sim::with("2024-05-20", super::simulator::rules("day_inclusive", "UTC"));
    let item = Item { price: Price::per_unit(91_000, Currency::USD, Some(quarter)), ..in_arrears(91_000) };
    sim.create(&NewSubscription { anchor_rule: AnchorRule::Calendar, ..new_subscription(vec![item]) });
    sim.advance("2024-06-20");
    end(&mut sim, TerminationPolicy::Credit);
    sim.check_invoices("L-02", &["2024-06-20 cancel: 32000 = 32000, paid"]);
}

/// A pause settles what is owed until it begins; the time of the pause is not owed.
#[test]
fn a_pause_is_not_owed_in_arrears() {
    let mut sim = Sim::by_day("2024-04-01");
    sim.subscribe(vec![in_arrears(3_000)]);
    sim.advance("2024-04-11");
    let until = Some(when("2024-04-21"));
    sim.run(|desk| super::super::pause(desk, &subscription_id(), until, None, false, CreateProrations)).unwrap();
    sim.advance("2024-05-02");
    sim.check_invoices("pause", &["2024-05-01 cycle: 1000 1000 = 2000, paid"]);
}
