//! Does the sandbox's clock only go forward, and do test methods do what their names say?

use super::outcome::fee_minor;
use super::*;
use crate::issued::Decider;
use crate::refusal::Refusal;
use crate::samples::{at, issued};

fn run(sandbox: &mut Sandbox, now: &str, command: SandboxCommand) -> Result<usize, Refusal> {
    let events = sandbox.decide(&issued(now, command))?;
    for event in &events {
        sandbox.evolve(event);
    }
    Ok(events.len())
}

#[test]
fn a_clock_goes_anywhere_while_the_tenant_is_empty_and_then_forward() {
    let mut sandbox = Sandbox::default();
    let set = |now: &str, may_go_back| SandboxCommand::SetClock { now: at(now), may_go_back };
    assert_eq!(run(&mut sandbox, "2026-01-01T00:00:00Z", set("2024-01-01T00:00:00Z", true)), Ok(1));
    assert_eq!(sandbox.clock(), Some(at("2024-01-01T00:00:00Z")));
    assert_eq!(run(&mut sandbox, "2024-01-01T00:00:00Z", set("2024-01-01T00:00:00Z", false)), Ok(0));
    assert!(run(&mut sandbox, "2024-01-01T00:00:00Z", set("2023-12-31T23:59:59Z", false)).is_err());
    assert_eq!(run(&mut sandbox, "2024-01-01T00:00:00Z", set("2024-03-01T00:00:00Z", false)), Ok(1));
}

#[test]
fn scripted_outcomes_are_met_in_order_and_used_up() {
    let now = "2024-01-01T00:00:00Z";
    let mut sandbox = Sandbox::default();
    let outcomes = vec![Outcome::InsufficientFunds, Outcome::Succeed];
    assert_eq!(run(&mut sandbox, now, SandboxCommand::Script { outcomes }), Ok(1));
    let mut met = Vec::new();
    while let Some(outcome) = sandbox.next_outcome() {
        met.push(outcome);
        assert_eq!(run(&mut sandbox, now, SandboxCommand::UseOutcome), Ok(1));
    }
    assert_eq!(met, [Outcome::InsufficientFunds, Outcome::Succeed]);
    assert_eq!(run(&mut sandbox, now, SandboxCommand::UseOutcome), Ok(0));
}

#[test]
fn test_methods_do_what_the_cards_do() {
    let cases = [
        ("pm_card_visa", Outcome::Succeed),
        ("pm_sbx_4242_1", Outcome::Succeed),
        ("pm_sbx_0002_1", Outcome::GenericDecline),
        ("pm_sbx_9995_1", Outcome::InsufficientFunds),
        ("pm_sbx_0341_1", Outcome::GenericDecline),
        ("pm_sbx_0119_1", Outcome::ProcessingError),
        ("pm_sbx_3220_1", Outcome::AuthenticationRequired),
        ("pm_sbx_0069_1", Outcome::ExpiredCard),
        ("pm_card_chargeDeclinedLostCard", Outcome::LostCard),
        ("pm_of_somebody", Outcome::Succeed),
    ];
    for (id, expected) in cases {
        assert_eq!(Outcome::of_method(id), expected, "{id}");
    }
    assert_eq!(Outcome::test_card("4000 0000 0000 9995"), Some("9995"));
    assert_eq!(Outcome::test_card("4111111111111111"), None);
}

#[test]
fn the_fee_is_exact() {
    let cases = [(99_700, 2_921), (2_040_000, 59_190), (117_524, 3_438), (543_750, 15_799), (20, 20)];
    for (amount_minor, expected) in cases {
        assert_eq!(fee_minor(amount_minor, 2), expected, "{amount_minor}");
    }
}
