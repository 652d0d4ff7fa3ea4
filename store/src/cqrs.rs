//! The ledger as an event store of cqrs-es (rule A2), so that its framework runs on it. The funnel does not use this:
//! the framework returns no position and does not retry.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::{Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore};
use domain::id::TenantId;
use domain::issued::EventForm;

use crate::append::{Append, Draft, Expectation, Outcome, holds_nul};
use crate::cache::StreamKey;
use crate::error::StoreError;
use crate::hash::{Content, ContentHash};
use crate::ids;
use crate::keyring::KeysFor;
use crate::ledger::Ledger;

/// One tenant's streams of a ledger.
#[derive(Debug, Clone)]
pub struct CqrsStore {
    ledger: Ledger,
    tenant: TenantId,
}

/// An aggregate between loading and committing.
#[derive(Debug, Clone)]
pub struct CqrsContext<A> {
    aggregate_id: String,
    aggregate: A,
    sequence: i64,
}

impl<A: Aggregate> AggregateContext<A> for CqrsContext<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.aggregate
    }
}

impl CqrsStore {
    pub fn new(ledger: Ledger, tenant: TenantId) -> Self {
        Self { ledger, tenant }
    }

    fn key<A: Aggregate>(&self, id: &str) -> StreamKey {
        StreamKey::new(A::TYPE, &self.tenant, id)
    }

    /// The commit as an append, without knowing what the aggregate is.
    fn append<A>(
        &self,
        key: &StreamKey,
        sequence: i64,
        events: &[A::Event],
        metadata: &str,
    ) -> Result<Append, StoreError>
    where
        A: Aggregate,
        A::Event: EventForm,
    {
        let unstorable = |reason: &str| StoreError::Unstorable(reason.to_owned());
        let now = self.ledger.clock().micros();
        let metadata: Arc<str> = metadata.into();
        let mut drafts = Vec::with_capacity(events.len());
        for (event, place) in events.iter().zip(sequence + 1..) {
            let payload = serde_json::to_string(event).map_err(|error| unstorable(&error.to_string()))?;
            if holds_nul(&payload) || holds_nul(&metadata) {
                return Err(unstorable("a NUL character"));
            }
            let mut draft = Draft {
                key: key.clone(),
                sequence: place,
                event_type: event.event_type(),
                event_version: event.event_version(),
                event_id: ids::fresh(),
                payload,
                metadata: metadata.clone(),
                booked_at: now,
                effective_at: event.effective_at().as_microsecond(),
                content: ContentHash::of(&Content::default()),
            };
            draft.prepare(&self.tenant);
            drafts.push(draft);
        }
        Ok(Append {
            tenant: self.tenant.clone(),
            streams: vec![Expectation { key: key.clone(), sequence }],
            bytes: drafts.iter().map(|draft| draft.payload.len() + draft.metadata.len()).sum(),
            drafts,
            derived: false,
            claims: Vec::new(),
            releases: Vec::new(),
            idempotency: None,
            keys: Vec::new(),
            placeholders: Vec::new(),
            refused: None,
            now,
        })
    }
}

impl<A> EventStore<A> for CqrsStore
where
    A: Aggregate + Clone,
    A::Event: EventForm,
{
    type AC = CqrsContext<A>;

    async fn load_events(&self, aggregate_id: &str) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let key = self.key::<A>(aggregate_id);
        let stored_id = key.stored_id.as_ref();
        let entries = self.ledger.0.backend.read_stream(key.kind, stored_id, 0, i64::MAX).await.map_err(failed)?;
        let envelopes = entries.into_iter().map(|entry| {
            Ok(EventEnvelope {
                aggregate_id: entry.aggregate_id,
                sequence: usize::try_from(entry.sequence).unwrap_or_default(),
                payload: serde_json::from_str(&entry.payload)?,
                metadata: serde_json::from_str(&entry.metadata)?,
            })
        });
        envelopes.collect()
    }

    async fn load_aggregate(&self, aggregate_id: &str) -> Result<CqrsContext<A>, AggregateError<A::Error>> {
        let mut context = CqrsContext { aggregate_id: aggregate_id.to_owned(), aggregate: A::default(), sequence: 0 };
        for envelope in EventStore::<A>::load_events(self, aggregate_id).await? {
            context.sequence = i64::try_from(envelope.sequence).unwrap_or_default();
            context.aggregate.apply(envelope.payload);
        }
        Ok(context)
    }

    async fn commit(
        &self,
        events: Vec<A::Event>,
        context: CqrsContext<A>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.key::<A>(&context.aggregate_id);
        let json = serde_json::to_string(&metadata)?;
        let mut append = self.append::<A>(&key, context.sequence, &events, &json).map_err(failed)?;
        append.keys = match self.ledger.0.keyring.keys_for(&self.tenant, &append.drafts).await.map_err(failed)? {
            KeysFor::Stored(keys) => keys,
            KeysFor::SealedWithLostKey => return Err(AggregateError::AggregateConflict),
        };
        let append = Arc::new(append);
        match self.ledger.0.appender.append(append.clone()).await.map_err(failed)? {
            Outcome::Written { .. } | Outcome::Resolved { .. } => {}
            Outcome::Unavailable(reason) => return Err(failed(StoreError::Unavailable(reason))),
            Outcome::Failed(reason) => return Err(failed(StoreError::Database(reason))),
            Outcome::Conflict
            | Outcome::Done { .. }
            | Outcome::Repeated { .. }
            | Outcome::Taken { .. }
            | Outcome::KeyLost { .. } => return Err(AggregateError::AggregateConflict),
        }
        self.ledger.0.keyring.stored(&self.tenant, &append.keys);
        let first = usize::try_from(context.sequence).unwrap_or_default() + 1;
        let envelopes = events.into_iter().zip(first..).map(|(payload, sequence)| EventEnvelope {
            aggregate_id: context.aggregate_id.clone(),
            sequence,
            payload,
            metadata: metadata.clone(),
        });
        Ok(envelopes.collect())
    }
}

fn failed<E: std::error::Error>(error: StoreError) -> AggregateError<E> {
    match error {
        StoreError::Unavailable(_) | StoreError::Overloaded => AggregateError::DatabaseConnectionError(Box::new(error)),
        StoreError::Corrupt { .. } => AggregateError::DeserializationError(Box::new(error)),
        StoreError::Database(_) | StoreError::Unstorable(_) | StoreError::Configuration(_) => {
            AggregateError::UnexpectedError(Box::new(error))
        }
    }
}
