//! Does a campaign follow its invoice, through its steps to recovery or exhaustion, whatever is known first?

mod convergence;

use cqrs_es::test::TestFramework;

use super::*;
use crate::id::CampaignId;
use crate::invoice::FailedAttempt;
use crate::money::Currency;
use crate::refusal::Refusal;
use crate::samples::dunning::{FAILED, NOW, campaign_id, closed, event, facts, opened};
use crate::samples::invoice::attempt;
use crate::samples::{at, customer_id, fold, issued, method_id, sealed};

type Decision = Result<Vec<DunningEvent>, Refusal>;

fn decide(given: Vec<DunningEvent>, command: DunningCommand) -> Decision {
    TestFramework::<Dunning>::with(()).given(given).when(issued(NOW, command)).inspect_result()
}

fn reconcile(facts: CaseFacts) -> DunningCommand {
    DunningCommand::Reconcile { id: campaign_id(), facts: Box::new(facts) }
}

fn settlement(outcome: SettlementOutcome, time: &str) -> Settlement {
    Settlement { at: at(time), outcome, amount_minor: 443_750 }
}

fn first() -> FailedAttempt {
    attempt("ch_1", 1, FAILED)
}

fn with_attempts(configuration: Configuration, attempts: &[FailedAttempt]) -> CampaignSnapshot {
    CampaignSnapshot { attempts: attempts.to_vec(), ..opened(configuration) }
}

fn standard(attempts: &[FailedAttempt]) -> CampaignSnapshot {
    with_attempts(Configuration::StandardCustomer, attempts)
}

/// Opened by a failed attempt.
fn running(configuration: Configuration) -> Vec<DunningEvent> {
    let noted = DunningChange::DunningAttemptFailed { attempt: first() };
    vec![
        event(FAILED, DunningChange::DunningOpened {}, &opened(configuration)),
        event(FAILED, noted, &with_attempts(configuration, &[first()])),
    ]
}

fn taken(step: Option<u32>, action: Channel) -> ActionTaken {
    ActionTaken { step, action, executed_at: at(NOW), success: true, wording: Wording::default() }
}

fn act(step: Option<u32>, action: Channel) -> DunningCommand {
    DunningCommand::TakeAction { step, action, success: true, wording: Wording::default() }
}

#[test]
fn the_first_failure_opens_a_campaign_of_its_configuration() {
    for configuration in
        [Configuration::StandardCustomer, Configuration::HighValueCustomer, Configuration::TrialCustomer]
    {
        let facts = CaseFacts { configuration, ..facts(&[first()], None) };
        assert_eq!(decide(vec![], reconcile(facts.clone())), Ok(running(configuration)), "{configuration:?}");
        assert_eq!(decide(running(configuration), reconcile(facts)), Ok(vec![]), "{configuration:?} again");
    }
    assert_eq!(decide(vec![], reconcile(facts(&[], None))), Ok(vec![]), "no failure, no campaign");
}

/// A configuration, the channels of its steps and the offers with them.
type Plan = (Configuration, &'static [Channel], Vec<Option<Offer>>);

/// Takes every planned step and then exhausts the campaign; the offers are those of the coaching guide.
#[test]
fn steps_are_taken_in_turn_until_none_is_left() {
    let offer = |percent, months| Some(Offer::Discount { percent, months });
    let cases: [Plan; 3] = [
        (
            Configuration::StandardCustomer,
            &[Channel::Email, Channel::PaymentRetry, Channel::Sms, Channel::Email, Channel::PaymentRetry],
            vec![None, None, None, offer(20, 1), offer(30, 3)],
        ),
        (
            Configuration::HighValueCustomer,
            &[
                Channel::PhoneCall,
                Channel::Email,
                Channel::PaymentRetry,
                Channel::Sms,
                Channel::PhoneCall,
                Channel::Email,
                Channel::PaymentRetry,
                Channel::Sms,
            ],
            vec![None; 8],
        ),
        (
            Configuration::TrialCustomer,
            &[Channel::Email, Channel::PaymentRetry, Channel::Email],
            vec![Some(Offer::TrialExtension { trial_extension_days: 7 }), None, None],
        ),
    ];
    for (configuration, channels, offers) in cases {
        let mut events = running(configuration);
        let mut known = with_attempts(configuration, &[first()]);
        for (number, channel) in (1..).zip(channels) {
            let next = fold::<Dunning>(&events).snapshot().and_then(CampaignSnapshot::next_step).cloned().unwrap();
            assert_eq!((next.number, next.channel), (number, *channel), "{configuration:?}");
            known.actions.push(taken(Some(number), *channel));
            let change = DunningChange::DunningActionTaken { action: taken(Some(number), *channel) };
            let expected = event(NOW, change, &known);
            assert_eq!(decide(events.clone(), act(Some(number), *channel)), Ok(vec![expected.clone()]));
            events.push(expected);
        }
        let state = fold::<Dunning>(&events);
        assert_eq!(state.snapshot().and_then(CampaignSnapshot::next_step), None, "{configuration:?}");
        let planned: Vec<_> = known.steps.iter().map(|step| step.offer).collect();
        assert_eq!(planned, offers, "{configuration:?}");
        let ended = event(NOW, DunningChange::DunningExhausted {}, &closed(CampaignStatus::Exhausted, NOW, 0, &known));
        assert_eq!(decide(events.clone(), DunningCommand::Exhaust { at: at(NOW) }), Ok(vec![ended.clone()]));
        events.push(ended);
        assert_eq!(decide(events, DunningCommand::Exhaust { at: at(NOW) }), Ok(vec![]), "once");
    }
}

#[test]
fn only_an_active_campaign_is_acted_on() {
    let snapshot = || standard(&[first()]);
    let ended = |status, change| {
        [running(Configuration::StandardCustomer), vec![event(NOW, change, &closed(status, NOW, 0, &snapshot()))]]
            .concat()
    };
    let stop = || DunningCommand::Cancel { reason: Some(sealed("agreed")) };
    let email = || act(None, Channel::Email);
    let by_hand = CampaignSnapshot { actions: vec![taken(None, Channel::PhoneCall)], ..snapshot() };
    let canceled = DunningChange::DunningCanceled { reason: Some(sealed("agreed")) };
    let active = || running(Configuration::StandardCustomer);
    let not_next = |number: u32| Err(Refusal::invalid("step", format!("is {number}, but the next step is Some(1)")));
    let missing = || Err(Refusal::not_found("dunning campaign"));
    let illegal = |status, action| Err(Refusal::illegal("a dunning campaign", status, action));
    let recovered = || ended(CampaignStatus::Recovered, DunningChange::DunningRecovered {});
    let exhausted = || ended(CampaignStatus::Exhausted, DunningChange::DunningExhausted {});
    let stopped = || ended(CampaignStatus::Canceled, canceled.clone());
    let cases = [
        (
            "an action by hand",
            active(),
            act(None, Channel::PhoneCall),
            Ok(vec![event(
                NOW,
                DunningChange::DunningActionTaken { action: taken(None, Channel::PhoneCall) },
                &by_hand,
            )]),
        ),
        ("a step too far", active(), act(Some(2), Channel::PaymentRetry), not_next(2)),
        ("no such step", active(), act(Some(9), Channel::Email), not_next(9)),
        (
            "stopped",
            active(),
            stop(),
            Ok(vec![event(NOW, canceled.clone(), &closed(CampaignStatus::Canceled, NOW, 0, &snapshot()))]),
        ),
        ("an action on none", vec![], email(), missing()),
        ("a stop of none", vec![], stop(), missing()),
        ("an action after recovery", recovered(), email(), illegal("recovered", "act on")),
        ("a stop after recovery", recovered(), stop(), illegal("recovered", "cancel")),
        ("an action after exhaustion", exhausted(), email(), illegal("exhausted", "act on")),
        ("an action after a stop", stopped(), email(), illegal("canceled", "act on")),
        ("a stop after a stop", stopped(), stop(), illegal("canceled", "cancel")),
        ("exhaustion after recovery", recovered(), DunningCommand::Exhaust { at: at(NOW) }, Ok(vec![])),
        ("exhaustion of none", vec![], DunningCommand::Exhaust { at: at(NOW) }, Ok(vec![])),
        ("a replaced card for none", vec![], DunningCommand::CardReplaced { at: at(NOW) }, Ok(vec![])),
    ];
    for (what, given, command, expected) in cases {
        assert_eq!(decide(given, command), expected, "{what}");
    }
}

#[test]
fn the_invoices_fate_closes_its_campaign() {
    let cases = [
        (SettlementOutcome::Paid, DunningChange::DunningRecovered {}, CampaignStatus::Recovered, 443_750),
        (SettlementOutcome::Voided, DunningChange::DunningCanceled { reason: None }, CampaignStatus::Canceled, 0),
        (SettlementOutcome::Uncollectible, DunningChange::DunningExhausted {}, CampaignStatus::Exhausted, 0),
    ];
    let active = || running(Configuration::StandardCustomer);
    for (outcome, change, status, recovered_minor) in cases {
        let settled = || reconcile(facts(&[first()], Some(settlement(outcome, NOW))));
        let after = closed(status, NOW, recovered_minor, &standard(&[first()]));
        let expected = event(NOW, change, &after);
        assert_eq!(decide(active(), settled()), Ok(vec![expected.clone()]), "{outcome:?}");
        let all = [active(), vec![expected]].concat();
        assert_eq!(decide(vec![], settled()), Ok(all.clone()), "{outcome:?}, known at once");
        assert_eq!(decide(all, settled()), Ok(vec![]), "{outcome:?} again");
    }
    let exhausted = closed(CampaignStatus::Exhausted, NOW, 0, &standard(&[first()]));
    let given = [active(), vec![event(NOW, DunningChange::DunningExhausted {}, &exhausted)]].concat();
    let later = "2024-03-01T00:00:00Z";
    let paid = facts(&[first()], Some(settlement(SettlementOutcome::Paid, later)));
    let recovered = closed(CampaignStatus::Recovered, later, 443_750, &exhausted);
    let expected = event(later, DunningChange::DunningRecovered {}, &recovered);
    assert_eq!(decide(given, reconcile(paid)), Ok(vec![expected]), "paid after all");
}

#[test]
fn what_comes_to_light_later_revises_the_campaign() {
    let second = attempt("ch_2", 2, "2024-02-02T00:00:00Z");
    let earlier = attempt("ch_0", 1, "2024-01-31T00:00:00Z");
    let active = || running(Configuration::StandardCustomer);
    let noted = |failure: &FailedAttempt| DunningChange::DunningAttemptFailed { attempt: failure.clone() };
    let time = |failure: &FailedAttempt| failure.at.to_string();
    let both = standard(&[first(), second.clone()]);
    let again = event(&time(&second), noted(&second), &both);
    assert_eq!(
        decide(active(), reconcile(facts(&[second.clone(), first()], None))),
        Ok(vec![again]),
        "a second failure"
    );

    let in_place = standard(&[earlier.clone(), first()]);
    let moved = CampaignSnapshot {
        opened_at: earlier.at,
        steps: Configuration::StandardCustomer.plan(earlier.at),
        ..in_place.clone()
    };
    let expected = vec![
        event(&time(&earlier), noted(&earlier), &in_place),
        event(&time(&earlier), DunningChange::DunningRevised {}, &moved),
    ];
    assert_eq!(decide(active(), reconcile(facts(&[first(), earlier], None))), Ok(expected), "an earlier failure");

    let amount = CaseFacts { amount_at_risk_minor: 100, ..facts(&[first()], None) };
    let after = CampaignSnapshot { amount_at_risk_minor: 100, ..standard(&[first()]) };
    let expected = vec![event(FAILED, DunningChange::DunningRevised {}, &after)];
    assert_eq!(decide(active(), reconcile(amount)), Ok(expected), "another amount");
}

#[test]
fn a_failure_after_the_settlement_is_stale() {
    let stale = attempt("ch_2", 2, "2024-02-02T00:00:00Z");
    let settled = Some(settlement(SettlementOutcome::Paid, "2024-02-01T12:00:00Z"));
    let after = closed(CampaignStatus::Recovered, "2024-02-01T12:00:00Z", 443_750, &standard(&[first()]));
    let recovered = [
        running(Configuration::StandardCustomer),
        vec![event("2024-02-01T12:00:00Z", DunningChange::DunningRecovered {}, &after)],
    ]
    .concat();
    assert_eq!(
        decide(recovered.clone(), reconcile(facts(&[first(), stale.clone()], settled))),
        Ok(vec![]),
        "known after"
    );
    assert_eq!(decide(vec![], reconcile(facts(&[first(), stale], settled))), Ok(recovered), "known together");

    // Nothing failed before the settlement: there is no case, whether that was known when the campaign opened or not.
    let early = Some(settlement(SettlementOutcome::Paid, "2024-01-31T00:00:00Z"));
    let canceled = event(
        FAILED,
        DunningChange::DunningCanceled { reason: None },
        &closed(CampaignStatus::Canceled, FAILED, 0, &standard(&[first()])),
    );
    let moot = || reconcile(facts(&[first()], early));
    let active = running(Configuration::StandardCustomer);
    assert_eq!(decide(active.clone(), moot()), Ok(vec![canceled.clone()]), "opened before");
    assert_eq!(decide(vec![], moot()), Ok([active, vec![canceled]].concat()), "known at once");
}

#[test]
fn an_expiring_card_has_a_campaign_until_it_is_replaced() {
    let id = || CampaignId::parse("dun_1").unwrap();
    let open = || DunningCommand::OpenForCard {
        id: id(),
        at: at(FAILED),
        customer: customer_id(),
        method: method_id("pm_1"),
        origin: crate::origin::Origin::Daybook,
        amount_at_risk_minor: 500_000,
        currency: Currency::USD,
    };
    let snapshot = CampaignSnapshot {
        kind: CampaignType::CardExpiring,
        subscription: None,
        invoice: None,
        payment_method: Some(method_id("pm_1")),
        amount_at_risk_minor: 500_000,
        ..opened(Configuration::StandardCustomer)
    };
    let opening = || vec![event(FAILED, DunningChange::DunningOpened {}, &snapshot)];
    assert_eq!(decide(vec![], open()), Ok(opening()));
    assert_eq!(decide(opening(), open()), Ok(vec![]), "once");
    let replaced =
        event(NOW, DunningChange::DunningRecovered {}, &closed(CampaignStatus::Recovered, NOW, 0, &snapshot));
    assert_eq!(decide(opening(), DunningCommand::CardReplaced { at: at(NOW) }), Ok(vec![replaced]));
}
