//! One attempt at a request: the streams it touches as they stand, what was decided on them, and the drafts of the
//! events. A later command of the request sees what an earlier one decided.

use std::sync::Arc;

use domain::account::Account;
use domain::catalogue_entry::CatalogueEntry;
use domain::customer::Customer;
use domain::dunning::Dunning;
use domain::event::EVENT_VERSION;
use domain::invoice::Invoice;
use domain::issued::{Decider, EventForm, Issued};
use domain::payment::Payment;
use domain::payout::Payout;
use domain::processor_call::ProcessorCall;
use domain::refusal::Refusal;
use domain::sandbox::Sandbox;
use domain::stripe_event::StripeEvent;
use domain::subscription::Subscription;
use domain::tenant_settings::{SETTINGS_ID, TenantSettings};
use domain::usage::UsageLog;

use cqrs_es::DomainEvent;

use crate::append::{Draft, Expectation, holds_nul};
use crate::cache::{AnyState, Folded, StreamKey};
use crate::engine::read::Stored;
use crate::error::{ExecuteError, StoreError};
use crate::hash::{Content, ContentHash};
use crate::ids;
use crate::ledger::Ledger;
use crate::placeholder::{self, Placeholder, Token};
use crate::request::{EventIds, Request};
use crate::step::{Step, command_name};

/// One payload. A stored Stripe event of a megabyte grows by a third when it is sealed.
const MAX_PAYLOAD_BYTES: usize = 4 * 1024 * 1024;
/// Events of one request; a batch takes about a thousand.
const MAX_EVENTS: usize = 4096;

#[derive(Debug)]
pub struct Work<'a> {
    ledger: &'a Ledger,
    request: &'a Request,
    steps: &'a [Step],
    /// Where streams stood that the request was planned on.
    planned_on: &'a [Expectation],
    /// Streams that were found to stand elsewhere than their cached state says.
    distrusted: &'a [Expectation],
    /// Decide on empty states without loading.
    assume_new: bool,
    pub streams: Vec<WorkStream>,
    pub drafts: Vec<Draft>,
    pub placeholders: Vec<Placeholder>,
    pub bytes: usize,
}

#[derive(Debug)]
pub struct WorkStream {
    pub key: StreamKey,
    /// Where the stream stood, and its state there.
    pub sequence: i64,
    base: AnyState,
    /// With what was decided in this attempt.
    pub state: AnyState,
    pub decided: i64,
    /// Its events await numbers, so `state` is not what will be stored.
    pub awaits_numbers: bool,
}

/// Why an attempt ended without drafts to append.
#[derive(Debug)]
pub enum Stopped {
    /// With the stream and the command that was refused.
    Refused {
        refusal: Refusal,
        stream: StreamKey,
        command: String,
    },
    Failed(ExecuteError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

#[derive(serde::Serialize)]
struct Metadata<'a> {
    actor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    /// As text: cqrs-es reads metadata as a map of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    command: &'a str,
}

impl<'a> Work<'a> {
    pub fn new(
        ledger: &'a Ledger,
        request: &'a Request,
        steps: &'a [Step],
        planned_on: &'a [Expectation],
        distrusted: &'a [Expectation],
        assume_new: bool,
    ) -> Self {
        let (streams, drafts, placeholders) = (Vec::with_capacity(1), Vec::with_capacity(1), Vec::new());
        Self { ledger, request, steps, planned_on, distrusted, assume_new, streams, drafts, placeholders, bytes: 0 }
    }

    /// Decides about every command in turn.
    pub async fn decide(&mut self) -> Result<(), Stopped> {
        for step in self.steps {
            match step {
                Step::Customer(id, issued) => self.take::<Customer>(id.as_str(), issued).await?,
                Step::Subscription(id, issued) => self.take::<Subscription>(id.as_str(), issued).await?,
                Step::Invoice(id, issued) => self.take::<Invoice>(id.as_str(), issued).await?,
                Step::Payment(id, issued) => self.take::<Payment>(id.as_str(), issued).await?,
                Step::Dunning(id, issued) => self.take::<Dunning>(id.as_str(), issued).await?,
                Step::StripeEvent(id, issued) => self.take::<StripeEvent>(id.as_str(), issued).await?,
                Step::CatalogueEntry(id, issued) => self.take::<CatalogueEntry>(&id.to_string(), issued).await?,
                Step::TenantSettings(issued) => self.take::<TenantSettings>(SETTINGS_ID, issued).await?,
                Step::Account(id, issued) => self.take::<Account>(id.as_str(), issued).await?,
                Step::Usage(id, issued) => self.take::<UsageLog>(id.as_str(), issued).await?,
                Step::Sandbox(stream, issued) => self.take::<Sandbox>(stream.id(), issued).await?,
                Step::Payout(id, issued) => self.take::<Payout>(id.as_str(), issued).await?,
                Step::ProcessorCall(id, issued) => self.take::<ProcessorCall>(id.as_str(), issued).await?,
            }
        }
        if self.drafts.len() > MAX_EVENTS {
            let reason = format!("{} events in one request; at most {MAX_EVENTS}", self.drafts.len());
            return Err(StoreError::Unstorable(reason).into());
        }
        self.find_placeholders();
        for draft in &mut self.drafts {
            draft.prepare(&self.request.tenant);
        }
        Ok(())
    }

    /// Where the streams stood that this attempt decided on.
    pub fn expectations(&self) -> Vec<Expectation> {
        let of = |stream: &WorkStream| Expectation { key: stream.key.clone(), sequence: stream.sequence };
        self.streams.iter().map(of).collect()
    }

    async fn take<A: Decider>(&mut self, id: &str, issued: &Issued<A::Command>) -> Result<(), Stopped> {
        let index = self.open::<A>(id).await?;
        let Some(stream) = self.streams.get_mut(index) else { return Ok(()) };
        // Out of its place, so that a second command on the stream evolves it without another copy.
        let state = std::mem::replace(&mut stream.state, stream.base.clone());
        let mut state: Arc<A> = state.downcast().map_err(|_| of_another_type(&stream.key))?;
        let events = match state.decide(issued) {
            Ok(events) => events,
            Err(refusal) => {
                let command = command_name(A::TYPE, &issued.command);
                return Err(Stopped::Refused { refusal, stream: stream.key.clone(), command });
            }
        };
        if !events.is_empty() {
            let metadata = self.metadata(&command_name(A::TYPE, &issued.command))?;
            let evolved = Arc::make_mut(&mut state);
            for event in events {
                evolved.evolve(&event);
                self.draft::<A>(index, &event, metadata.clone())?;
            }
        }
        if let Some(stream) = self.streams.get_mut(index) {
            stream.state = state;
        }
        Ok(())
    }

    /// The stream's place in this attempt; it is loaded at its first use.
    async fn open<A: Decider>(&mut self, id: &str) -> Result<usize, StoreError> {
        let key = StreamKey::new(A::TYPE, &self.request.tenant, id);
        if let Some(index) = self.streams.iter().position(|stream| stream.key == key) {
            return Ok(index);
        }
        let folded = if self.assume_new || self.was_planned_new(&key) {
            Folded::empty::<A>()
        } else {
            self.ledger.folded::<A>(&key, self.distrusted).await?
        };
        let Folded { sequence, state } = folded;
        self.streams.push(WorkStream { key, sequence, base: state.clone(), state, decided: 0, awaits_numbers: false });
        Ok(self.streams.len() - 1)
    }

    /// Whether the request was planned to begin the stream; whether it may is seen by the append.
    fn was_planned_new(&self, key: &StreamKey) -> bool {
        let is = |stream: &&Expectation| stream.key == *key;
        self.planned_on.iter().find(is).is_some_and(|planned| planned.sequence == 0)
            && !self.distrusted.iter().any(|stream| stream.key == *key)
    }

    fn metadata(&self, command: &str) -> Result<Arc<str>, StoreError> {
        let request = self.request;
        let cause = request.cause.map(|position| position.to_string());
        let metadata = Metadata { actor: &request.actor, request_id: request.request_id.as_deref(), cause, command };
        let json = serde_json::to_string(&metadata).map_err(|error| StoreError::Unstorable(error.to_string()))?;
        if holds_nul(&json) {
            return Err(StoreError::Unstorable("a NUL character in the request's metadata".to_owned()));
        }
        Ok(json.into())
    }

    fn draft<A: Decider>(&mut self, index: usize, event: &A::Event, metadata: Arc<str>) -> Result<(), StoreError> {
        let payload = serde_json::to_string(event).map_err(|error| StoreError::Unstorable(error.to_string()))?;
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(StoreError::Unstorable(format!(
                "an event of {} bytes; at most {MAX_PAYLOAD_BYTES}",
                payload.len()
            )));
        }
        if holds_nul(&payload) {
            return Err(StoreError::Unstorable("a NUL character".to_owned()));
        }
        let place = u32::try_from(self.drafts.len()).unwrap_or(u32::MAX);
        let event_id = match &self.request.event_ids {
            EventIds::Fresh => ids::fresh(),
            EventIds::Derived(seed) => derived_id(self.request, seed, place),
        };
        let Some(stream) = self.streams.get_mut(index) else { return Ok(()) };
        stream.decided += 1;
        self.bytes += payload.len() + metadata.len();
        self.drafts.push(Draft {
            key: stream.key.clone(),
            sequence: stream.sequence + stream.decided,
            event_type: event.event_type(),
            event_version: event.event_version(),
            event_id,
            payload,
            metadata,
            booked_at: self.request.now.as_microsecond(),
            effective_at: event.effective_at().as_microsecond(),
            content: ContentHash::of(&Content::default()),
        });
        if self.drafts.last().is_some_and(|draft| placeholder::may_hold_tokens(&draft.payload)) {
            self.note_tokens::<A>(index)?;
        }
        Ok(())
    }

    /// Notes the placeholders of the last draft, those that stood in the stream's state before left out.
    fn note_tokens<A: Decider>(&mut self, index: usize) -> Result<(), StoreError> {
        let draft_index = self.drafts.len() - 1;
        let (Some(draft), Some(stream)) = (self.drafts.last(), self.streams.get_mut(index)) else { return Ok(()) };
        let base: Arc<A> = stream.base.clone().downcast().map_err(|_| of_another_type(&stream.key))?;
        let before = serde_json::to_string(base.as_ref()).map_err(|error| StoreError::Unstorable(error.to_string()))?;
        for token in placeholder::tokens(&draft.payload, draft.effective_at) {
            if before.contains(&token.json) {
                continue;
            }
            let known =
                self.placeholders.iter_mut().find(|place| place.stream == index && place.token.json == token.json);
            match known {
                Some(place) => place.drafts.push(draft_index),
                None => self.placeholders.push(Placeholder { token, stream: index, drafts: vec![draft_index] }),
            }
        }
        Ok(())
    }

    /// Leaves out what came in with a command: only the domain asks for numbers.
    fn find_placeholders(&mut self) {
        if self.placeholders.is_empty() {
            return;
        }
        let commands = format!("{:?}", self.steps);
        let decided = |token: &Token| !commands.contains(&token.debug);
        self.placeholders.retain(|place| decided(&place.token));
        for place in &self.placeholders {
            if let Some(stream) = self.streams.get_mut(place.stream) {
                stream.awaits_numbers = true;
            }
        }
    }
}

/// The id of a request's event that is derived: the same text may be a seed in two tenants.
pub fn derived_id(request: &Request, seed: &str, place: u32) -> uuid::Uuid {
    ids::derived(&format!("{}/{seed}", request.tenant), place)
}

fn of_another_type(key: &StreamKey) -> StoreError {
    StoreError::Corrupt { place: key.name(), reason: "the state is of another type".to_owned() }
}

impl Ledger {
    /// The stream's state: from the cache where it is not known to be behind, else brought up to the log.
    pub(crate) async fn folded<A: Decider>(
        &self,
        key: &StreamKey,
        distrusted: &[Expectation],
    ) -> Result<Folded, StoreError> {
        let cached = self.0.cache.get(key);
        let behind = distrusted.iter().find(|stale| stale.key == *key).map(|stale| stale.sequence);
        match cached {
            Some(folded) if behind.is_none_or(|sequence| folded.sequence > sequence) => Ok(folded),
            Some(folded) => {
                let known = folded.sequence;
                let caught_up = self.catch_up::<A>(key, folded).await?;
                if caught_up.sequence > known {
                    return Ok(caught_up);
                }
                // The log has less than the cache believes, as after a restore: only the log is right.
                self.0.cache.forget(key);
                self.catch_up::<A>(key, Folded::empty::<A>()).await
            }
            None => self.catch_up::<A>(key, Folded::empty::<A>()).await,
        }
    }

    /// Folds what the log holds after a state, and caches the result.
    pub(crate) async fn catch_up<A: Decider>(&self, key: &StreamKey, from: Folded) -> Result<Folded, StoreError> {
        let stored = self.0.backend.load(key, from.sequence).await?;
        let mut sequence = from.sequence;
        let mut state: Arc<A> = from.state.downcast().map_err(|_| of_another_type(key))?;
        let evolved = Arc::make_mut(&mut state);
        for event in stored {
            sequence += 1;
            if event.sequence != sequence {
                let reason = format!("sequence {} stands where {sequence} belongs", event.sequence);
                return Err(StoreError::Corrupt { place: key.name(), reason });
            }
            evolved.evolve(&decode::<A>(key, event)?);
        }
        let folded = Folded { sequence, state };
        self.0.cache.put(key.clone(), folded.clone());
        Ok(folded)
    }
}

/// Reads a stored event as its aggregate's type.
fn decode<A: Decider>(key: &StreamKey, stored: Stored) -> Result<A::Event, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt {
        place: format!("{} sequence {}", key.name(), stored.sequence),
        reason: format!("{}: {reason}", stored.event_type),
    };
    if stored.event_version != EVENT_VERSION {
        return Err(corrupt(format!("version {} is newer than this build reads", stored.event_version)));
    }
    serde_json::from_value(stored.payload).map_err(|error| corrupt(error.to_string()))
}
