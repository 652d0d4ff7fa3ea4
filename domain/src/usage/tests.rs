//! Is what was used counted once, billed once, and never lost when it comes in late?

use super::*;
use crate::issued::Decider;
use crate::pricing::{Metric, UsageRecord};
use crate::refusal::Refusal;
use crate::samples::{at, invoice_id, issued, period, subscription_id};

const NOW: &str = "2024-02-10T00:00:00Z";

fn metric() -> Metric {
    Metric::parse("api_calls").unwrap()
}

fn run(log: &mut UsageLog, command: UsageCommand) -> Result<usize, Refusal> {
    let events = log.decide(&issued(NOW, command))?;
    for event in &events {
        log.evolve(event);
    }
    Ok(events.len())
}

fn record(key: &str, quantity: u64, used_at: &str) -> UsageCommand {
    UsageCommand::Record {
        id: subscription_id(),
        key: key.to_owned(),
        metric: metric(),
        quantity,
        used_at: at(used_at),
        rates: None,
    }
}

#[test]
fn usage_is_counted_once_and_billed_once() {
    let january = period("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
    let february = period("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
    let mut log = UsageLog::default();
    let bill = |until| UsageCommand::Bill { invoice: invoice_id(), until };
    assert_eq!(run(&mut log, bill(january.end)), Ok(0), "nothing was ever used");
    assert_eq!(run(&mut log, record("b", 5, "2024-02-02T00:00:00Z")), Ok(1));
    assert_eq!(run(&mut log, record("a", 7, "2024-01-25T00:00:00Z")), Ok(1));
    assert_eq!(run(&mut log, record("a", 7, "2024-01-25T00:00:00Z")), Ok(0), "the same again");
    assert!(run(&mut log, record("a", 8, "2024-01-25T00:00:00Z")).is_err(), "the same key for something else");
    let first = UsageRecord { at: at("2024-01-25T00:00:00Z"), quantity: 7 };
    assert_eq!(log.used(&metric(), january), [first]);
    assert_eq!(run(&mut log, bill(january.end)), Ok(1));
    assert_eq!(run(&mut log, bill(january.end)), Ok(0));
    assert_eq!(run(&mut log, record("late", 1, "2024-01-31T00:00:00Z")), Ok(1));
    let late = UsageRecord { at: february.start, quantity: 1 };
    let second = UsageRecord { at: at("2024-02-02T00:00:00Z"), quantity: 5 };
    assert_eq!(log.used(&metric(), february), [late, second], "what came late is billed with the next period");
}

#[test]
fn impossible_usage_is_refused_by_field() {
    let mut log = UsageLog::default();
    let field = |outcome: Result<usize, Refusal>| match outcome {
        Err(Refusal::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(run(&mut log, record("a", 0, "2024-02-01T00:00:00Z"))), "quantity");
    assert_eq!(field(run(&mut log, record("a", u64::MAX, "2024-02-01T00:00:00Z"))), "quantity");
    assert_eq!(field(run(&mut log, record("a", 1, "2024-02-11T00:00:00Z"))), "at");
}
