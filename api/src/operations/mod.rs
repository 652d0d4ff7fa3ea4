//! Use cases shared by the surfaces. Each makes commands, runs them through the one funnel and gives back what the
//! caller needs to render. No HTTP in here.

pub mod balance;
pub mod catalogue;
pub mod coupons;
pub mod customers;
pub mod dunning;
pub mod invoices;
pub mod payment_methods;
pub mod payments;
pub mod repeats;
pub mod revenue;
pub mod sandbox;
pub(crate) mod stripe_calls;
pub mod stripe_events;
pub mod subscriptions;
pub mod usage;

use std::time::Duration;

use domain::command::Command;
use domain::id::TenantId;
use jiff::Timestamp;
use store::{Claim, EventIds, Idempotency, Ledger, Receipt, Request};

use crate::failure::Failure;

/// Who calls, and under which headers.
#[derive(Debug, Clone)]
pub struct Call {
    pub tenant: TenantId,
    pub actor: String,
    pub request_id: String,
    /// The tenant's time when the request came in.
    pub now: Timestamp,
    /// The `Idempotency-Key` and the hash of the request it came with.
    pub idempotency: Option<(String, String)>,
    pub processor: Processor,
}

/// Who carries out what the tenant's customers are billed (decision B2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// It is decided in the append itself.
    Sandbox,
    /// It is asked through the log, and waited for so long.
    Stripe { patience: Duration },
}

impl Call {
    /// How long Stripe is waited for; `None` where the tenant is not Stripe's.
    pub(crate) fn stripe(&self) -> Option<Duration> {
        match self.processor {
            Processor::Sandbox => None,
            Processor::Stripe { patience } => Some(patience),
        }
    }
}

/// A request to the ledger with what every operation fills in the same way.
pub(crate) fn request(call: &Call, commands: Vec<Command>, result: &str) -> Request {
    Request {
        tenant: call.tenant.clone(),
        actor: call.actor.clone(),
        request_id: Some(call.request_id.clone()),
        cause: None,
        now: call.now,
        commands,
        claims: Vec::new(),
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: call.idempotency.as_ref().map(|(key, request_hash)| Idempotency {
            key: key.clone(),
            request_hash: request_hash.clone(),
            result: result.to_owned(),
        }),
        expect_new: false,
    }
}

/// What an operation did: the id of what it made or changed, and the position to wait for before reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub id: String,
    pub position: i64,
}

impl Done {
    /// A repetition under an `Idempotency-Key` names what the first request made.
    fn of(id: &str, receipt: Receipt) -> Self {
        Self { id: receipt.repeated.unwrap_or_else(|| id.to_owned()), position: receipt.position }
    }
}

pub(crate) async fn execute(ledger: &Ledger, id: &str, request: Request) -> Result<Done, Failure> {
    Ok(Done::of(id, ledger.execute(request).await?))
}

/// The claim by which a customer's e-mail address is its own within the tenant (decision B14).
pub(crate) fn email_claim(index: &domain::sealed::BlindIndex, customer: &str) -> Claim {
    Claim { kind: "email".to_owned(), name: index.as_str().to_owned(), holder: format!("customer/{customer}") }
}
