//! Facts arriving late, twice, in disorder, and discounts that end by themselves.

use super::*;
use crate::mrr::testing::{History, active, at, canceled, discounted, monthly, percent_off, snapshot};
use crate::mrr::{balances, movements};
use crate::price::Duration;

fn reported(second: &str, rank: u8, event: &str, digest: u64, before: Option<u64>) -> Order {
    Order::Reported(Stamp { phase: 0, created: at(second), rank, event: event.to_owned(), digest, before })
}

#[test]
fn a_repeating_discount_ends_by_itself_unless_something_comes_first() {
    let offer = || vec![percent_off(10, Duration::Repeating { months: 3 }, "2024-01-01", Some("2024-04-01"))];
    let start = || History::default().told("sub_1", "2024-01-01", discounted(monthly(1_000), offer()));
    let ended = ["2024-01-01 new 9.00 USD new", "2024-04-01 expansion 1.00 USD discount_ended"];
    assert_eq!(start().story(), ended, "E05");
    assert_eq!(start().movements().last().map(|movement| movement.event_ids.clone()), Some(vec!["e1".to_owned()]));
    assert_eq!(start().mrr_on("2024-03-31"), 900);
    assert_eq!(start().mrr_on("2024-04-01"), 1_000);
    let renewed = start().told("sub_1", "2024-02-01", discounted(monthly(1_000), offer()));
    assert_eq!(renewed.story(), ended, "a renewal changes nothing");
    let told = renewed.told("sub_1", "2024-04-01", active(monthly(1_000)));
    assert_eq!(told.story(), ended, "the end is also reported");
    let gone = start().told("sub_1", "2024-03-01", canceled("2024-03-01", monthly(1_000)));
    assert_eq!(gone.story(), ["2024-01-01 new 9.00 USD new", "2024-03-01 churn 9.00 USD voluntary churned"]);
}

#[test]
fn a_discount_that_makes_it_free_for_a_while_churns_and_reactivates() {
    let free = vec![percent_off(100, Duration::Repeating { months: 1 }, "2024-02-01", Some("2024-03-01"))];
    let history = History::default().told("sub_1", "2024-01-01", discounted(monthly(1_000), free));
    assert_eq!(
        history.story(),
        [
            "2024-01-01 new 10.00 USD new",
            "2024-02-01 churn 10.00 USD free churned",
            "2024-03-01 reactivation 10.00 USD reactivated"
        ]
    );
}

#[test]
fn a_backdated_fact_takes_its_place() {
    let reports = History::default()
        .reported("sub_1", "2024-01-01", active(monthly(1_000)))
        .reported("sub_1", "2024-03-01", active(monthly(1_000)))
        .reported("sub_1", "2024-02-01", active(monthly(500)));
    let story = ["2024-01-01 new 10.00 USD new", "2024-02-01 contraction 5.00 USD", "2024-03-01 expansion 5.00 USD"];
    assert_eq!(reports.story(), story, "a report is a statement about its instant");
    let ours = History::default()
        .told("sub_1", "2024-01-01", active(monthly(1_000)))
        .told("sub_1", "2024-03-01", active(monthly(1_000)))
        .told("sub_1", "2024-02-01", active(monthly(500)));
    let story = ["2024-01-01 new 10.00 USD new", "2024-02-01 contraction 5.00 USD"];
    assert_eq!(ours.story(), story, "a renewal is no word against a backdated change");
}

#[test]
fn renewals_need_no_room() {
    let offer = || vec![percent_off(10, Duration::Repeating { months: 3 }, "2024-01-01", Some("2024-04-01"))];
    let start = || History::default().told("sub_1", "2024-01-01", discounted(monthly(1_000), offer()));
    let renewed = (2..13).fold(start(), |history, month| {
        history.told("sub_1", &format!("2024-{month:02}-01"), discounted(monthly(1_000), offer()))
    });
    assert_eq!(renewed.timeline, start().timeline);
}

#[test]
fn the_end_counts_when_it_came_and_is_final() {
    let told_late = History::default()
        .told("sub_1", "2024-01-01", active(monthly(1_000)))
        .told("sub_1", "2024-03-10", canceled("2024-03-01", monthly(1_000)))
        .told("sub_1", "2024-03-05", active(monthly(1_000)));
    assert_eq!(told_late.story(), ["2024-01-01 new 10.00 USD new", "2024-03-01 churn 10.00 USD voluntary churned"]);
    assert_eq!(told_late.mrr_on("2024-04-01"), 0);
}

#[test]
fn reports_of_one_second_are_ordered_by_their_stamps() {
    let second = "2024-01-01T00:00:00Z";
    let subscription = SubscriptionId::parse("sub_1").unwrap();
    // The chain says b came before a, though a's id is lower.
    let states = [
        (active(monthly(100)), reported(second, 0, "evt_c", 1, None)),
        (active(monthly(200)), reported(second, 1, "evt_b", 2, Some(1))),
        (active(monthly(300)), reported(second, 1, "evt_a", 3, Some(2))),
        (snapshot(Standing::Unpaid { since: at(second) }, monthly(100)), Order::Recorded { sequence: 9 }),
    ];
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]];
    let timelines = orders.map(|order| {
        let mut timeline = Timeline::default();
        for index in order {
            let (snapshot, order) = &states[index];
            let observed = Observed {
                subscription: &subscription,
                snapshot,
                effective_at: at(second),
                order: order.clone(),
                position: 1,
                event_id: &format!("e{index}"),
                step_key: None,
                cause: None,
            };
            timeline.record(&observed).unwrap();
            timeline.record(&observed).unwrap();
        }
        timeline
    });
    for timeline in &timelines {
        assert_eq!(timeline, &timelines[0]);
        let amounts: Vec<i64> = movements(timeline).iter().map(|movement| movement.amount_minor).collect();
        assert_eq!(amounts, [300]);
    }
}

#[test]
fn it_is_stored_as_json_and_read_back() {
    let offer = vec![percent_off(10, Duration::Repeating { months: 3 }, "2024-01-01", Some("2024-04-01"))];
    let told = History::default().told("sub_1", "2024-01-01", discounted(monthly(1_000), offer)).in_step(
        "req_1",
        "sub_2",
        "2024-02-01",
        active(monthly(500)),
    );
    let json = serde_json::to_string(&told.timeline).unwrap();
    let read: Timeline = serde_json::from_str(&json).unwrap();
    assert_eq!(read, told.timeline);
    assert_eq!(balances(&read), balances(&told.timeline));
}
