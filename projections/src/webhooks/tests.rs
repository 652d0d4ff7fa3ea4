//! What rows of the webhook log become.

use domain::event::LedgerEvent;
use domain::id::StripeEventId;
use domain::refusal::Refusal;
use domain::sealed::Sealed;
use domain::stripe_event::{Outcome, Received, StripeEventChange, StripeEventEvent};

use super::body::WebhookBodyRow;
use super::row::WebhookRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn received(body: &str) -> Box<Received> {
    Box::new(Received {
        kind: "invoice.paid".to_owned(),
        api_version: Some("2024-06-20".to_owned()),
        created: at("2024-01-20T16:45:30Z"),
        livemode: Some(false),
        object: Some("invoice".to_owned()),
        object_id: Some("in_1".to_owned()),
        customer: Some("cus_1".to_owned()),
        body_hash: "hash".to_owned(),
        body: Sealed::from_ciphertext(body.to_owned()),
    })
}

fn event(change: StripeEventChange) -> LedgerEvent {
    let id = StripeEventId::parse("evt_1").unwrap();
    LedgerEvent::StripeEvent(StripeEventEvent { at: at("2024-01-20T16:45:32Z"), event: id, change })
}

fn processed(outcome: Outcome) -> LedgerEvent {
    event(StripeEventChange::StripeEventProcessed { outcome })
}

fn row(outcome: &str, reason: Option<&str>, counts: (i64, i64), position: i64) -> WebhookRow {
    WebhookRow {
        tenant: "coaching".to_owned(),
        event_id: "evt_1".to_owned(),
        source: "stripe".to_owned(),
        event_type: "invoice.paid".to_owned(),
        api_version: Some("2024-06-20".to_owned()),
        object: Some("invoice".to_owned()),
        object_id: Some("in_1".to_owned()),
        customer_id: Some("cus_1".to_owned()),
        processed: matches!(outcome, "applied" | "ignored"),
        outcome: outcome.to_owned(),
        reason: reason.map(str::to_owned),
        conflicts: counts.0,
        processed_at: (outcome != "pending").then(|| micros("2024-01-20T16:45:32Z")),
        retry_count: counts.1,
        created_at: micros("2024-01-20T16:45:30Z"),
        received_at: 1_000,
        received_position: 1,
        position,
    }
}

#[test]
fn an_event_is_pending_until_it_was_processed() {
    let first = || event(StripeEventChange::StripeEventReceived(received("sealed")));
    let refused = || processed(Outcome::Refused { refusal: Refusal::not_found("customer") });
    let retry = || event(StripeEventChange::StripeEventRetryRequested {});
    let applied = || processed(Outcome::Applied { streams: 2 });
    let ignored = || processed(Outcome::Ignored { reason: "unknown".to_owned() });
    let conflict = || event(StripeEventChange::StripeEventConflicted(received("other")));
    let cases: Vec<(Vec<LedgerEvent>, WebhookRow)> = vec![
        (vec![first()], row("pending", None, (0, 0), 1)),
        (vec![first(), applied()], row("applied", None, (0, 0), 2)),
        (vec![first(), ignored()], row("ignored", Some("unknown"), (0, 0), 2)),
        (vec![first(), refused()], row("refused", Some("customer does not exist"), (0, 0), 2)),
        (vec![first(), refused(), retry()], row("pending", None, (0, 1), 3)),
        (vec![first(), refused(), retry(), applied()], row("applied", None, (0, 1), 4)),
        (vec![first(), conflict()], row("pending", None, (1, 0), 2)),
    ];
    let sealed =
        WebhookBodyRow { tenant: "coaching".to_owned(), event_id: "evt_1".to_owned(), body: "sealed".to_owned() };
    for (events, expected) in cases {
        assert_round_trip(&expected);
        assert_eq!(fold_all(&projection("webhook_events"), &events), Ok(vec![expected]));
        assert_eq!(fold_all(&projection("webhook_events"), &events), Ok(vec![sealed.clone()]));
    }
    assert_round_trip(&sealed);
}

#[test]
fn an_outcome_of_an_event_that_never_came_is_poison() {
    let poison = fold_all::<WebhookRow>(&projection("webhook_events"), &[processed(Outcome::Applied { streams: 1 })]);
    assert_eq!(poison.unwrap_err().reason, "evt_1 was never received");
}
