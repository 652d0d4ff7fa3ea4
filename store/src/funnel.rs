//! The one way into the log (rule A2): load, decide, append; on a conflict again.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use domain::refusal::Refusal;
use uuid::Uuid;

use crate::append::{Append, Expectation, Outcome, RefusedCommand, text_id};
use crate::cache::{Folded, StreamKey};
use crate::error::{ExecuteError, StoreError};
use crate::facts::Questions;
use crate::ids;
use crate::keyring::KeysFor;
use crate::ledger::Ledger;
use crate::request::{EventIds, Receipt, Request};
use crate::step::Step;
use crate::work::{Stopped, Work, derived_id};

/// Attempts at one request. From the second on, this process's requests for one stream take turns, so more than a few
/// conflicts mean that other processes write the same stream all the time.
const MAX_ATTEMPTS: usize = 24;
/// Event ids of one derived append that are looked up to answer its repetition.
const MAX_DERIVED: u32 = 64;

/// Executes a request whose commands were planned on streams standing where `planned_on` says. Where one has gone on, the
/// request is superseded and nothing is written: it is planned anew.
pub async fn execute(
    ledger: &Ledger,
    mut request: Request,
    planned_on: &[Expectation],
) -> Result<Receipt, ExecuteError> {
    check(&request)?;
    let commands = std::mem::take(&mut request.commands);
    let steps: Vec<Step> = commands.into_iter().map(|command| Step::new(request.now, command)).collect();
    let mut distrusted: Vec<Expectation> = Vec::new();
    let mut turn = None;
    for attempt in 0..MAX_ATTEMPTS {
        let mut work = Work::new(ledger, &request, &steps, planned_on, &distrusted, request.expect_new && attempt == 0);
        let decided = work.decide().await;
        let expectations = with_those_only_read(work.expectations(), planned_on);
        match compare(&expectations, planned_on) {
            Ordering::Equal => {}
            Ordering::Greater => return superseded(ledger, &request).await,
            Ordering::Less => {
                distrusted = expectations;
                continue;
            }
        }
        let next = match decided {
            Ok(()) => append(ledger, &request, work, &expectations).await?,
            Err(Stopped::Failed(error)) => return Err(error),
            Err(Stopped::Refused { refusal, stream, command }) => {
                refuse(ledger, &request, &expectations, refusal, &stream, command).await?
            }
        };
        match next {
            Next::Done(receipt) => return Ok(receipt),
            Next::Again => {
                if any_moved(ledger, planned_on).await? {
                    return superseded(ledger, &request).await;
                }
                if turn.is_none() {
                    turn = take_turn(ledger, &expectations).await;
                }
                distrusted = expectations;
            }
        }
    }
    Err(ExecuteError::Contention)
}

/// What was planned on and is not written to must stand where it stood, too.
fn with_those_only_read(mut touched: Vec<Expectation>, planned_on: &[Expectation]) -> Vec<Expectation> {
    for planned in planned_on {
        if !touched.iter().any(|stream| stream.key == planned.key) {
            touched.push(planned.clone());
        }
    }
    touched
}

/// Whether a stream has left the place where it was planned on. What was known of it is forgotten, so that it is planned
/// anew on what the log holds.
async fn any_moved(ledger: &Ledger, planned_on: &[Expectation]) -> Result<bool, StoreError> {
    if planned_on.is_empty() {
        return Ok(false);
    }
    let streams = planned_on.iter().map(|stream| (stream.key.clone(), stream.sequence)).collect();
    let facts = ledger.0.backend.ask(&Questions { streams, ..Questions::default() }).await?;
    let mut moved = false;
    for (sequence, planned) in facts.sequences.iter().zip(planned_on) {
        if *sequence != planned.sequence {
            ledger.0.cache.forget(&planned.key);
            moved = true;
        }
    }
    Ok(moved)
}

/// Whether the streams stand where they were planned on: a greater one has gone on since, a lesser one is a cached state
/// that is behind.
fn compare(found: &[Expectation], planned_on: &[Expectation]) -> Ordering {
    let mut outcome = Ordering::Equal;
    for planned in planned_on {
        let Some(stream) = found.iter().find(|stream| stream.key == planned.key) else { continue };
        match stream.sequence.cmp(&planned.sequence) {
            Ordering::Greater => return Ordering::Greater,
            Ordering::Less => outcome = Ordering::Less,
            Ordering::Equal => {}
        }
    }
    outcome
}

/// It may have been superseded by itself: the same request, sent twice.
async fn superseded(ledger: &Ledger, request: &Request) -> Result<Receipt, ExecuteError> {
    match done_before(ledger, request).await? {
        Some(receipt) => Ok(receipt),
        None => Err(ExecuteError::Refused(Refusal::Superseded { what: "what this was planned on".to_owned() })),
    }
}

/// How an attempt ended that did not fail.
enum Next {
    Done(Receipt),
    /// The states it was decided on were not the streams' last.
    Again,
}

/// Texts that no engine can store. Payloads are checked when they are made.
fn check(request: &Request) -> Result<(), StoreError> {
    let names = request.claims.iter().chain(&request.releases);
    let names = names.flat_map(|claim| [&claim.kind, &claim.name, &claim.holder]);
    let idempotency = request.idempotency.iter();
    let kept = idempotency.flat_map(|idempotency| [&idempotency.key, &idempotency.request_hash, &idempotency.result]);
    if names.chain(kept).any(|text| text.contains('\0')) {
        return Err(StoreError::Unstorable("a NUL character".to_owned()));
    }
    Ok(())
}

async fn append(
    ledger: &Ledger,
    request: &Request,
    work: Work<'_>,
    expectations: &[Expectation],
) -> Result<Next, ExecuteError> {
    let beside = request.claims.is_empty() && request.releases.is_empty() && request.idempotency.is_none();
    if work.drafts.is_empty() && beside {
        return nothing_to_write(ledger, expectations).await;
    }
    let keys = match ledger.0.keyring.keys_for(&request.tenant, &work.drafts).await? {
        KeysFor::Stored(keys) => keys,
        KeysFor::SealedWithLostKey => return Err(ExecuteError::Contention),
    };
    let Work { streams, drafts, placeholders, bytes, .. } = work;
    let append = Arc::new(Append {
        tenant: request.tenant.clone(),
        streams: expectations.to_vec(),
        drafts,
        derived: matches!(request.event_ids, EventIds::Derived(_)),
        claims: request.claims.clone(),
        releases: request.releases.clone(),
        idempotency: request.idempotency.clone(),
        keys,
        placeholders,
        refused: None,
        now: request.now.as_microsecond(),
        bytes,
    });
    let outcome = ledger.0.appender.append(append.clone()).await?;
    if matches!(outcome, Outcome::Written { .. } | Outcome::Resolved { .. }) {
        ledger.0.keyring.stored(&request.tenant, &append.keys);
    }
    match outcome {
        Outcome::Written { first } => {
            for stream in streams {
                let sequence = stream.sequence + stream.decided;
                if stream.awaits_numbers {
                    ledger.0.cache.forget(&stream.key);
                } else {
                    ledger.0.cache.put(stream.key, Folded { sequence, state: stream.state });
                }
            }
            Ok(Next::Done(receipt(&append, first)))
        }
        Outcome::Resolved { first } => Ok(Next::Done(receipt(&append, first))),
        Outcome::Conflict => Ok(Next::Again),
        Outcome::Done { .. } | Outcome::Repeated { .. } => match done_before(ledger, request).await? {
            Some(receipt) => Ok(Next::Done(receipt)),
            None => Ok(Next::Again),
        },
        Outcome::Taken { kind } => match done_before(ledger, request).await? {
            Some(receipt) => Ok(Next::Done(receipt)),
            None => Err(ExecuteError::Refused(Refusal::Taken { claim: kind })),
        },
        Outcome::KeyLost { subject } => {
            ledger.0.keyring.lost(&request.tenant, &subject);
            Err(ExecuteError::Contention)
        }
        Outcome::Unavailable(reason) => Err(StoreError::Unavailable(reason).into()),
        Outcome::Failed(reason) => Err(StoreError::Database(reason).into()),
    }
}

fn receipt(append: &Append, first: i64) -> Receipt {
    let events: Vec<Uuid> = append.drafts.iter().map(|draft| draft.event_id).collect();
    let position = first - 1 + i64::try_from(events.len()).unwrap_or_default();
    Receipt { position, events, repeated: None }
}

/// Nothing is appended, so nothing has checked the states that this was decided on.
async fn nothing_to_write(ledger: &Ledger, expectations: &[Expectation]) -> Result<Next, ExecuteError> {
    if !stand_as_expected(ledger, expectations).await? {
        return Ok(Next::Again);
    }
    let position = ledger.head().await?;
    Ok(Next::Done(Receipt { position, events: Vec::new(), repeated: None }))
}

/// A refusal holds only if it was decided on the streams' last states, and if this was not done before.
async fn refuse(
    ledger: &Ledger,
    request: &Request,
    expectations: &[Expectation],
    refusal: Refusal,
    stream: &StreamKey,
    command: String,
) -> Result<Next, ExecuteError> {
    if !stand_as_expected(ledger, expectations).await? {
        return Ok(Next::Again);
    }
    if let Some(receipt) = done_before(ledger, request).await? {
        return Ok(Next::Done(receipt));
    }
    ledger.0.appender.append_if_room(Append {
        tenant: request.tenant.clone(),
        streams: Vec::new(),
        drafts: Vec::new(),
        derived: false,
        claims: Vec::new(),
        releases: Vec::new(),
        idempotency: None,
        keys: Vec::new(),
        placeholders: Vec::new(),
        refused: Some(RefusedCommand {
            id: ids::fresh(),
            stream: stream.name(),
            command,
            code: refusal.code(),
            refusal: serde_json::to_string(&refusal).unwrap_or_default().replace("\\u0000", ""),
            actor: request.actor.replace('\0', ""),
            request_id: request.request_id.as_ref().map(|id| id.replace('\0', "")),
            cause: request.cause,
        }),
        now: request.now.as_microsecond(),
        bytes: 0,
    });
    Err(ExecuteError::Refused(refusal))
}

/// Whether the streams end where they were believed to. Conflicting beliefs of a cache are found here where nothing is
/// appended.
async fn stand_as_expected(ledger: &Ledger, expectations: &[Expectation]) -> Result<bool, StoreError> {
    let streams = expectations.iter().map(|stream| (stream.key.clone(), stream.sequence)).collect();
    let facts = ledger.0.backend.ask(&Questions { streams, ..Questions::default() }).await?;
    Ok(facts.sequences.iter().zip(expectations).all(|(sequence, expected)| *sequence == expected.sequence))
}

/// The receipt of an earlier execution with the same idempotency key or derived event ids (rule L4).
async fn done_before(ledger: &Ledger, request: &Request) -> Result<Option<Receipt>, ExecuteError> {
    let derived: Vec<Uuid> = match &request.event_ids {
        EventIds::Fresh => Vec::new(),
        EventIds::Derived(seed) => (0..MAX_DERIVED).map(|place| derived_id(request, seed, place)).collect(),
    };
    if request.idempotency.is_none() && derived.is_empty() {
        return Ok(None);
    }
    let questions = Questions {
        event_ids: derived.iter().map(|id| text_id(*id)).collect(),
        idempotency: request
            .idempotency
            .iter()
            .map(|idempotency| (request.tenant.as_str().to_owned(), idempotency.key.clone()))
            .collect(),
        ..Questions::default()
    };
    let facts = ledger.0.backend.ask(&questions).await?;
    if let (Some(idempotency), Some(known)) = (&request.idempotency, facts.idempotency.values().next()) {
        if known.request_hash != idempotency.request_hash {
            return Err(ExecuteError::IdempotencyMismatch);
        }
        let repeated = Some(known.result.clone());
        return Ok(Some(Receipt { position: known.position, events: Vec::new(), repeated }));
    }
    let Some(position) = facts.event_ids.values().max().copied() else { return Ok(None) };
    let events = derived.into_iter().filter(|id| facts.event_ids.contains_key(&text_id(*id))).collect();
    Ok(Some(Receipt { position, events, repeated: Some(String::new()) }))
}

/// Requests of this process that met on a stream go on one after another.
async fn take_turn<'a>(ledger: &'a Ledger, streams: &[Expectation]) -> Option<tokio::sync::MutexGuard<'a, ()>> {
    let mut hasher = DefaultHasher::new();
    streams.first()?.key.hash(&mut hasher);
    let turns = &ledger.0.turns;
    let index = usize::try_from(hasher.finish() % u64::try_from(turns.len()).ok()?).ok()?;
    Some(turns.get(index)?.lock().await)
}
