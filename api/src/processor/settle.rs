//! One call from the log to its answer in the log: asked until the outcome is known, never answered with a guess, and
//! recorded together with what the answer means.

use std::time::Duration;

use domain::command::Command;
use domain::id::PaymentId;
use domain::policy::stripe::{Reading, react_to_answer};
use domain::processor_call::{Answer, ProcessorCall, ProcessorCallCommand};
use store::{EventIds, ExecuteError, Ledger, Request, StoreError};
use tokio::sync::Semaphore;

use super::ask::{self, Done};
use super::claims;
use super::due::Due;
use super::plain::Plain;
use crate::stripe::client::{Decline, Invalid, StripeClient, StripeError, StripeErrorKind};

/// Stripe forgets a key after a day. Before a request that old is made again, Stripe is looked at.
const KEY_LIFE_MICROS: i64 = 20 * 3_600 * 1_000_000;
/// Before a call whose outcome is unknown is tried again; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The answer to a call whose words were erased before Stripe was told them.
const ERASED: &str = "erased";

/// Why there is no answer yet.
struct NotYet {
    reason: String,
    retry_after: Option<Duration>,
}

/// Ends once the call's answer is in the log, however long Stripe is away. Fails where waiting does not help.
pub(super) async fn settle(
    ledger: &Ledger,
    client: Option<&StripeClient>,
    at_once: &Semaphore,
    due: &Due,
) -> Result<(), StoreError> {
    let mut wait = FIRST_WAIT;
    loop {
        let tried = attempt(ledger, client, at_once, due).await;
        let not_yet = match tried {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(not_yet)) => not_yet,
            Err(error @ (StoreError::Unavailable(_) | StoreError::Overloaded)) => {
                NotYet { reason: error.to_string(), retry_after: None }
            }
            Err(error) => return Err(error),
        };
        let pause = not_yet.retry_after.map_or(wait, |asked| asked.max(wait));
        tracing::warn!(call = %due.call, reason = not_yet.reason, ?pause, "a call to Stripe waits");
        tokio::time::sleep(pause).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn attempt(
    ledger: &Ledger,
    client: Option<&StripeClient>,
    at_once: &Semaphore,
    due: &Due,
) -> Result<Result<(), NotYet>, StoreError> {
    let known = ledger.load::<ProcessorCall>(&due.tenant, due.call.as_str()).await?;
    if known.state.answer().is_some() {
        return Ok(Ok(()));
    }
    let Some(client) = client else {
        let reason = format!("{} has no account at Stripe any more", due.tenant);
        return Ok(Err(NotYet { reason, retry_after: None }));
    };
    let Some(plain) = Plain::of(ledger.keyring(), &due.tenant, &due.asked).await? else {
        return record(ledger, due, refused(ERASED, None)).await.map(Ok);
    };
    let done = {
        // The semaphore is never closed.
        let _permit = at_once.acquire().await.ok();
        let is_old = ledger.clock().micros().saturating_sub(due.recorded_at) > KEY_LIFE_MICROS;
        outcome(client, due, &plain, is_old).await
    };
    match done {
        Ok(done) => record(ledger, due, done).await.map(Ok),
        Err(not_yet) => Ok(Err(not_yet)),
    }
}

/// What the call came to at Stripe.
async fn outcome(client: &StripeClient, due: &Due, plain: &Plain, is_old: bool) -> Result<Done, NotYet> {
    if is_old {
        match ask::look(client, due, plain).await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) => {}
            // What it is about is not there any more; asking gives the reason.
            Err(error) if matches!(&*error.kind, StripeErrorKind::Invalid(invalid) if invalid.is_missing()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let error = match ask::ask(client, due, plain).await {
        Ok(object) => return Ok(ask::understand(client, due, object).await?),
        Err(error) => error,
    };
    tracing::warn!(call = %due.call, %error, "Stripe did not do what it was asked");
    match &*error.kind {
        StripeErrorKind::Declined(decline) => Ok(declined(client, due, decline).await?),
        StripeErrorKind::Invalid(invalid) => Ok(refused(&code_of(invalid), invalid.param.as_deref())),
        StripeErrorKind::Unsendable { .. } => Ok(refused("unsendable", None)),
        // Either was done, perhaps; what was made tells.
        StripeErrorKind::OutcomeUnknown { .. } | StripeErrorKind::KeyReused => {
            ask::look(client, due, plain).await?.ok_or_else(|| error.into())
        }
        StripeErrorKind::Authentication { .. }
        | StripeErrorKind::RateLimited { .. }
        | StripeErrorKind::Unavailable { .. } => Err(error.into()),
    }
}

/// What a card's refusal leaves behind: a payment that failed, and an invoice with one attempt more.
async fn declined(client: &StripeClient, due: &Due, decline: &Decline) -> Result<Done, StripeError> {
    let payment = decline.payment_intent.as_deref();
    let objects = ask::after_decline(client, due, payment).await?;
    let payment = payment.and_then(|id| PaymentId::parse(id).ok());
    Ok(Done { answer: Answer::Declined { code: plain(decline.reason()), payment }, objects })
}

fn refused(code: &str, param: Option<&str>) -> Done {
    let answer = Answer::Refused { code: code.to_owned(), param: param.map(str::to_owned) };
    Done { answer, objects: Vec::new() }
}

fn code_of(invalid: &Invalid) -> String {
    plain(invalid.code.as_deref().unwrap_or(if invalid.is_missing() { "resource_missing" } else { "invalid_request" }))
}

/// Codes are words of a closed set; what is none is not kept, lest it should say something of a person.
fn plain(code: &str) -> String {
    let is_code = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if is_code { code.to_owned() } else { "unknown".to_owned() }
}

/// Records the answer together with the facts that it means.
async fn record(ledger: &Ledger, due: &Due, done: Done) -> Result<(), StoreError> {
    let sealer = ledger.keyring().sealer(&due.tenant, &due.subject(&done.answer)).await?;
    let mut commands = Vec::new();
    for (kind, object) in &done.objects {
        match sealer.with_sealer(|sealer| react_to_answer(&due.call, due.position, kind, object, due.asked_at, sealer))
        {
            Reading::Facts(facts) => commands.extend(facts),
            Reading::Ignored { reason } => {
                tracing::warn!(call = %due.call, kind, reason, "Stripe answered with what is not understood");
            }
        }
    }
    let (claims, releases) = claims::after(due, &done.answer);
    let answer = ProcessorCallCommand::Answer { answer: done.answer };
    commands.push(Command::ProcessorCall(due.call.clone(), answer));
    let request = Request {
        tenant: due.tenant.clone(),
        actor: "processor".to_owned(),
        request_id: None,
        cause: Some(due.position),
        now: ledger.clock().now(),
        commands,
        claims,
        releases,
        event_ids: EventIds::Derived(format!("{}/answer", due.event_id)),
        idempotency: None,
        expect_new: false,
    };
    match ledger.execute(request).await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Contention | ExecuteError::IdempotencyMismatch) => Err(StoreError::Overloaded),
        // Facts are not refused; where they are after all, somebody has to look.
        Err(ExecuteError::Refused(refusal)) => Err(StoreError::Unstorable(refusal.to_string())),
        Err(ExecuteError::Store(error)) => Err(error),
    }
}

impl From<StripeError> for NotYet {
    fn from(error: StripeError) -> Self {
        let retry_after = match &*error.kind {
            StripeErrorKind::RateLimited { retry_after } => *retry_after,
            StripeErrorKind::Declined(_)
            | StripeErrorKind::Invalid(_)
            | StripeErrorKind::KeyReused
            | StripeErrorKind::Authentication { .. }
            | StripeErrorKind::Unavailable { .. }
            | StripeErrorKind::OutcomeUnknown { .. }
            | StripeErrorKind::Unsendable { .. } => None,
        };
        Self { reason: error.to_string(), retry_after }
    }
}
