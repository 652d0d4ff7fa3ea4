//! What is done with events of Stripe: receive one, ask for it to be read again.

use domain::command::Command;
use domain::id::{StripeEventId, TenantId};
use domain::policy::stripe::{Envelope, NotAnEvent, read_envelope};
use domain::sealed::Sealed;
use domain::stripe_event::{Received, StripeEvent, StripeEventCommand};
use store::{EventIds, ExecuteError, Ledger, Receipt, Request, StoreError};

use super::repeats::once;
use super::{Call, Done, execute, request};
use crate::failure::Failure;

/// Bytes of one event, however it comes.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// Tries of one delivery. One fails where another process made the subject's key at the same moment; the next seals with
/// that key.
const MAX_TRIES: u32 = 3;

/// The subject whose key seals an event's body: the customer it names, else the event itself (rule L10).
pub fn subject_of(customer: Option<&str>, event: &StripeEventId) -> String {
    match customer {
        Some(customer) => format!("customer/{customer}"),
        None => format!("stripe_event/{event}"),
    }
}

/// Stores an event exactly as it came. The same id and body again writes nothing; another body is kept as a conflict.
pub async fn receive_stripe_event(
    ledger: &Ledger,
    tenant: &TenantId,
    request_id: Option<String>,
    body: &[u8],
) -> Result<Done, Failure> {
    let envelope = read_envelope(body).map_err(|error| match error {
        NotAnEvent::NotJson(_) => Failure::Webhook { code: "INVALID_JSON", reason: error.to_string() },
        NotAnEvent::NotAnEvent(_) => Failure::Webhook { code: "NOT_AN_EVENT", reason: error.to_string() },
        NotAnEvent::Thin => Failure::Webhook { code: "THIN_EVENT", reason: error.to_string() },
    })?;
    let id = envelope.id.clone();
    let text = std::str::from_utf8(body).map_err(|error| Failure::Webhook {
        code: "INVALID_JSON",
        reason: format!("the body is not UTF-8: {error}"),
    })?;
    for _ in 1..MAX_TRIES {
        let received = seal(ledger, tenant, envelope.clone(), text).await?;
        match append(ledger, tenant, request_id.clone(), &id, received).await {
            Err(ExecuteError::Contention) => {}
            outcome => return Ok(Done::of(id.as_str(), outcome?)),
        }
    }
    let received = seal(ledger, tenant, envelope, text).await?;
    Ok(Done::of(id.as_str(), append(ledger, tenant, request_id, &id, received).await?))
}

/// What became of an event that Stripe still keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovered {
    New,
    Known,
}

/// Stores an event of Stripe's list unless it was received before. The list prints an event otherwise than its delivery
/// did, with other spaces and fewer pending deliveries, so one that is there is the same, and no conflict.
pub async fn recover_stripe_event(ledger: &Ledger, tenant: &TenantId, body: &[u8]) -> Result<Recovered, Failure> {
    if let Ok(envelope) = read_envelope(body) {
        let known = ledger.load::<StripeEvent>(tenant, envelope.id.as_str()).await?;
        if known.state.is_received() {
            return Ok(Recovered::Known);
        }
    }
    receive_stripe_event(ledger, tenant, None, body).await.map(|_| Recovered::New)
}

async fn append(
    ledger: &Ledger,
    tenant: &TenantId,
    request_id: Option<String>,
    id: &StripeEventId,
    received: Received,
) -> Result<Receipt, ExecuteError> {
    let command = StripeEventCommand::Receive { id: id.clone(), received: Box::new(received) };
    let request = Request {
        tenant: tenant.clone(),
        actor: "stripe".to_owned(),
        request_id,
        cause: None,
        now: ledger.clock().now(),
        commands: vec![Command::StripeEvent(id.clone(), command)],
        claims: Vec::new(),
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: None,
        // Nearly every delivery is a first one; a duplicate costs one conflict.
        expect_new: true,
    };
    ledger.execute(request).await
}

async fn seal(ledger: &Ledger, tenant: &TenantId, envelope: Envelope, body: &str) -> Result<Received, StoreError> {
    let subject = subject_of(envelope.customer.as_deref(), &envelope.id);
    let sealer = ledger.keyring().sealer(tenant, &subject).await?;
    Ok(Received {
        kind: envelope.kind,
        api_version: envelope.api_version,
        created: envelope.created.unwrap_or_else(|| ledger.clock().now()),
        livemode: envelope.livemode,
        object: envelope.object,
        object_id: envelope.object_id,
        customer: envelope.customer,
        body_hash: ledger.keyring().body_hash(tenant, body.as_bytes()),
        body: sealer.seal(body),
    })
}

/// Asks the reactor to read an event once more.
pub async fn retry_stripe_event(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    once(ledger, call, async {
        let event = StripeEventId::parse(id).map_err(|_| Failure::not_found("webhook event"))?;
        let command = Command::StripeEvent(event, StripeEventCommand::Retry);
        execute(ledger, id, request(call, vec![command], id)).await
    })
    .await
}

/// The body as it came in; `None` where its key was destroyed.
pub async fn body_of(ledger: &Ledger, tenant: &TenantId, body: &Sealed) -> Result<Option<String>, StoreError> {
    ledger.keyring().unseal(tenant, body).await
}
