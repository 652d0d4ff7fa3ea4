//! How the events about a Stripe event change its row in the webhook log.

use domain::issued::Decider;
use domain::stripe_event::{Outcome, Received, StripeEvent, StripeEventChange, StripeEventEvent};
use domain::time::to_micros;
use store::{Value, Values};

use super::body::WebhookBodyRow;
use super::row::WebhookRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct WebhookFold;

impl Fold for WebhookFold {
    type Row = WebhookRow;

    const READS: &'static [&'static str] = &[StripeEvent::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(event) = seen.event.stripe_event() {
            keys.push(text_key(&[seen.entry.tenant.as_str(), event.event.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<WebhookRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<Option<WebhookRow>, FoldError> {
        let Some(event) = seen.event.stripe_event() else { return Ok(row) };
        if let StripeEventChange::StripeEventReceived(received) = &event.change {
            let row = first_row(seen, event, received);
            emitted.put(&WebhookBodyRow {
                tenant: row.tenant.clone(),
                event_id: row.event_id.clone(),
                body: received.body.as_ciphertext().to_owned(),
            });
            return Ok(Some(row));
        }
        let Some(mut row) = row else {
            return Err(FoldError::Contradiction(format!("{} was never received", event.event)));
        };
        row.position = seen.entry.position;
        match &event.change {
            StripeEventChange::StripeEventReceived(_) => {}
            StripeEventChange::StripeEventConflicted(_) => row.conflicts += 1,
            StripeEventChange::StripeEventRetryRequested {} => {
                row.retry_count += 1;
                settle(&mut row, false, "pending", None, None);
            }
            StripeEventChange::StripeEventProcessed { outcome } => {
                let at = Some(to_micros(event.at));
                match outcome {
                    Outcome::Applied { .. } => settle(&mut row, true, "applied", None, at),
                    Outcome::Ignored { reason } => settle(&mut row, true, "ignored", Some(reason.clone()), at),
                    Outcome::Refused { refusal } => settle(&mut row, false, "refused", Some(refusal.to_string()), at),
                }
            }
        }
        Ok(Some(row))
    }
}

fn first_row(seen: &Seen<'_>, event: &StripeEventEvent, received: &Received) -> WebhookRow {
    WebhookRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        event_id: event.event.as_str().to_owned(),
        source: "stripe".to_owned(),
        event_type: received.kind.clone(),
        api_version: received.api_version.clone(),
        object: received.object.clone(),
        object_id: received.object_id.clone(),
        customer_id: received.customer.clone(),
        processed: false,
        outcome: "pending".to_owned(),
        reason: None,
        conflicts: 0,
        processed_at: None,
        retry_count: 0,
        created_at: to_micros(received.created),
        received_at: seen.entry.recorded_at,
        received_position: seen.entry.position,
        position: seen.entry.position,
    }
}

fn settle(row: &mut WebhookRow, processed: bool, outcome: &str, reason: Option<String>, at: Option<i64>) {
    row.processed = processed;
    outcome.clone_into(&mut row.outcome);
    row.reason = reason;
    row.processed_at = at;
}
