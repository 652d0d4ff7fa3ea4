//! Do the same failures and the same settlement, learnt in any order, leave the same campaign?

use proptest::prelude::*;

use super::super::*;
use crate::invoice::FailedAttempt;
use crate::samples::dunning::{campaign_id, facts};
use crate::samples::{fold, run};

/// One thing that becomes known of an invoice.
#[derive(Debug, Clone)]
enum News {
    Failed(FailedAttempt),
    Settled(Settlement),
}

fn failure(key: usize, hour: i64) -> FailedAttempt {
    FailedAttempt {
        key: format!("ch_{key}"),
        count: 1,
        at: jiff::Timestamp::from_second(1_706_745_600 + hour * 3_600).unwrap(),
        next_attempt_at: None,
        decline_code: None,
    }
}

/// Up to six failures and perhaps a settlement, which may come before some or all of them.
fn news() -> impl Strategy<Value = Vec<News>> {
    let outcomes = vec![SettlementOutcome::Paid, SettlementOutcome::Voided, SettlementOutcome::Uncollectible];
    let settled = (0_i64..12, prop::sample::select(outcomes));
    (prop::collection::vec(0_i64..12, 1..7), prop::option::of(settled)).prop_map(|(hours, settled)| {
        let failures = hours.into_iter().enumerate().map(|(key, hour)| News::Failed(failure(key, hour)));
        let settled = settled.map(|(hour, outcome)| {
            News::Settled(Settlement { at: failure(0, hour).at, outcome, amount_minor: 443_750 })
        });
        failures.chain(settled).collect()
    })
}

/// What is reconciled after each piece of news: all that is known by then.
fn reconciliations(news: &[News]) -> Vec<DunningCommand> {
    let mut failures: Vec<FailedAttempt> = Vec::new();
    let mut settlement = None;
    let mut commands = Vec::new();
    for piece in news {
        match piece {
            News::Failed(failure) if failures.contains(failure) => {}
            News::Failed(failure) => failures.push(failure.clone()),
            News::Settled(known) => settlement = Some(*known),
        }
        let facts = Box::new(facts(&failures, settlement));
        commands.push(DunningCommand::Reconcile { id: campaign_id(), facts });
    }
    commands
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn facts_in_any_order_leave_the_same_campaign(
        (once, shuffled) in news().prop_flat_map(|news| {
            let twice: Vec<_> = news.iter().chain(&news).cloned().collect();
            (Just(news), Just(twice).prop_shuffle())
        }),
    ) {
        let (expected, _) = run::<Dunning>(reconciliations(&once));
        let (state, events) = run::<Dunning>(reconciliations(&shuffled));
        prop_assert_eq!(&state, &expected);
        prop_assert_eq!(fold::<Dunning>(&events), expected);
    }
}
