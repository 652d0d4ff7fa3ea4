//! What one event leads to: which policy reads it, and how its commands are run.

use domain::command::Command;
use domain::customer::{Customer, CustomerChange, CustomerEvent};
use domain::dunning::DunningCommand;
use domain::event::LedgerEvent;
use domain::id::StripeEventId;
use domain::invoice::{Invoice, InvoiceEvent};
use domain::money::Currency;
use domain::origin::Origin;
use domain::policy;
use domain::policy::stripe::Reading;
use domain::refusal::Refusal;
use domain::stripe_event::{Outcome, Received, StripeEventChange, StripeEventCommand};
use store::{Entry, EventIds, ExecuteError, Failure, Ledger, Request, StoreError};

use crate::operations::stripe_events::subject_of;

/// The aggregate types some of whose events lead to something.
pub(super) const READS: [&str; 3] = ["stripe_event", "invoice", "customer"];

/// Tries of one command that others keep getting in the way of, before the page is tried anew.
const MAX_TRIES: u32 = 5;

/// An event that may have consequences, with where it stands in the log.
#[derive(Debug)]
pub(super) struct Cause {
    entry: Entry,
    matter: Matter,
}

#[derive(Debug)]
enum Matter {
    /// Received, or to be read once more.
    StripeEvent(StripeEventId, Box<Received>),
    /// To be read once more, which cannot be done.
    Unreadable(StripeEventId, String),
    Invoice(Box<InvoiceEvent>),
    CardExpiring(Box<CustomerEvent>),
}

impl Cause {
    /// `None` for an event nothing follows from. The outer error is the store's and passes; the inner one is an event
    /// that cannot be read.
    pub(super) async fn of(ledger: &Ledger, entry: Entry) -> Result<Result<Option<Self>, Failure>, StoreError> {
        // Customers, subscriptions and payments are most of the log and lead to nothing; they are not even decoded.
        if !matters(&entry.event_type) {
            return Ok(Ok(None));
        }
        let event = match entry.decode() {
            Ok(event) => event,
            Err(error) => {
                let (position, event_type) = (entry.position, entry.event_type);
                return Ok(Err(Failure { position, event_type, reason: error.to_string() }));
            }
        };
        let matter = if let LedgerEvent::StripeEvent(event) = event {
            match event.change {
                StripeEventChange::StripeEventReceived(received) => Matter::StripeEvent(event.event, received),
                StripeEventChange::StripeEventRetryRequested {} => received(ledger, &entry, event.event).await?,
                StripeEventChange::StripeEventConflicted(_) | StripeEventChange::StripeEventProcessed { .. } => {
                    return Ok(Ok(None));
                }
            }
        } else if let LedgerEvent::Invoice(event) = event {
            Matter::Invoice(Box::new(event))
        } else if let LedgerEvent::Customer(event) = event {
            Matter::CardExpiring(Box::new(event))
        } else {
            return Ok(Ok(None));
        };
        Ok(Ok(Some(Self { entry, matter })))
    }

    /// Why the reactor cannot go on past this event.
    pub(super) fn poison(&self, error: &StoreError) -> Failure {
        Failure { position: self.entry.position, event_type: self.entry.event_type.clone(), reason: error.to_string() }
    }

    /// What must stay in order: one customer's causes, or one stream's where no customer is known.
    pub(super) fn lane(&self) -> (String, String) {
        let stream = || format!("{}/{}", self.entry.aggregate_type, self.entry.aggregate_id);
        let lane = match &self.matter {
            Matter::StripeEvent(_, received) => received.customer.clone().unwrap_or_else(stream),
            Matter::Invoice(event) => {
                let customer = event.after.as_ref().and_then(|after| after.customer.clone());
                customer.map_or_else(stream, |customer| customer.to_string())
            }
            Matter::CardExpiring(event) => event.customer.to_string(),
            Matter::Unreadable(..) => stream(),
        };
        (self.entry.tenant.to_string(), lane)
    }
}

/// What a retry is about: the event as it was received, which also says whose lane it belongs to.
async fn received(ledger: &Ledger, retry: &Entry, id: StripeEventId) -> Result<Matter, StoreError> {
    let first = match ledger.read_stream(&retry.tenant, "stripe_event", id.as_str(), 0, 1).await {
        Ok(first) => first,
        Err(error @ (StoreError::Unavailable(_) | StoreError::Overloaded)) => return Err(error),
        Err(error) => return Ok(Matter::Unreadable(id, error.to_string())),
    };
    Ok(match first.first().map(Entry::decode) {
        Some(Ok(LedgerEvent::StripeEvent(event))) => match event.change {
            StripeEventChange::StripeEventReceived(received) => Matter::StripeEvent(id, received),
            StripeEventChange::StripeEventConflicted(_)
            | StripeEventChange::StripeEventRetryRequested {}
            | StripeEventChange::StripeEventProcessed { .. } => {
                Matter::Unreadable(id, "its stream does not begin with its receipt".to_owned())
            }
        },
        Some(Ok(_)) => Matter::Unreadable(id, "its stream begins with an event of another kind".to_owned()),
        Some(Err(error)) => Matter::Unreadable(id, error.to_string()),
        None => Matter::Unreadable(id, "its stream is empty".to_owned()),
    })
}

fn matters(event_type: &str) -> bool {
    event_type == "StripeEventReceived"
        || event_type == "StripeEventRetryRequested"
        || event_type == "CardExpiryAnnounced"
        // What follows from an invoice of our own is recorded together with it.
        || event_type == "InvoiceReported"
}

/// Runs what follows from the cause. Only the store can fail; a refusal is recorded.
pub(super) async fn react(ledger: &Ledger, cause: &Cause) -> Result<(), StoreError> {
    match &cause.matter {
        Matter::StripeEvent(id, received) => react_or_record(ledger, cause, id, received).await,
        Matter::Unreadable(id, reason) => {
            record_failure(ledger, cause, id, format!("the event cannot be read: {reason}")).await
        }
        Matter::Invoice(event) => react_to_invoice(ledger, cause, event).await,
        Matter::CardExpiring(event) => react_to_card(ledger, cause, event).await,
    }
}

/// Reads a Stripe event; where that cannot be done, now or later, it is recorded on the event, for people to see and
/// to retry, and the others go on.
async fn react_or_record(
    ledger: &Ledger,
    cause: &Cause,
    id: &StripeEventId,
    received: &Received,
) -> Result<(), StoreError> {
    match react_to_stripe(ledger, cause, id, received).await {
        Err(error @ (StoreError::Database(_) | StoreError::Corrupt { .. } | StoreError::Unstorable(_))) => {
            record_failure(ledger, cause, id, error.to_string()).await
        }
        outcome => outcome,
    }
}

async fn record_failure(ledger: &Ledger, cause: &Cause, id: &StripeEventId, reason: String) -> Result<(), StoreError> {
    tracing::error!(reason, event = %id, "a Stripe event cannot be reacted to");
    let refusal = Refusal::invalid("event", reason);
    execute(ledger, cause, "stripe-failed", vec![finish(id, Outcome::Refused { refusal })]).await.map(|_| ())
}

async fn react_to_stripe(
    ledger: &Ledger,
    cause: &Cause,
    id: &StripeEventId,
    received: &Received,
) -> Result<(), StoreError> {
    let tenant = &cause.entry.tenant;
    let body = ledger.keyring().unseal(tenant, &received.body).await?;
    let reading = match body {
        Some(body) => {
            let subject = subject_of(received.customer.as_deref(), id);
            let sealer = ledger.keyring().sealer(tenant, &subject).await?;
            sealer.with_sealer(|sealer| policy::stripe::react(body.as_bytes(), received.created, sealer))
        }
        None => Reading::Ignored { reason: "its key was destroyed".to_owned() },
    };
    let (mut commands, outcome) = match reading {
        Reading::Facts(commands) => {
            let streams = u32::try_from(commands.len()).unwrap_or(u32::MAX);
            (commands, Outcome::Applied { streams })
        }
        Reading::Ignored { reason } => (Vec::new(), Outcome::Ignored { reason }),
    };
    commands.push(finish(id, outcome));
    let refused = execute(ledger, cause, "stripe", commands).await?;
    if let Some(refusal) = refused {
        execute(ledger, cause, "stripe-refused", vec![finish(id, Outcome::Refused { refusal })]).await?;
    }
    Ok(())
}

fn finish(id: &StripeEventId, outcome: Outcome) -> Command {
    Command::StripeEvent(id.clone(), StripeEventCommand::Finish { outcome })
}

/// What follows from an invoice of our own is recorded together with it by who billed or paid it.
async fn react_to_invoice(ledger: &Ledger, cause: &Cause, event: &InvoiceEvent) -> Result<(), StoreError> {
    let loaded =
        ledger.load_since::<Invoice>(&cause.entry.tenant, event.invoice.as_str(), cause.entry.sequence).await?;
    if let Some(command) = policy::dunning::reconcile(&event.invoice, &loaded.state) {
        execute(ledger, cause, "dunning", vec![command]).await?;
    }
    Ok(())
}

async fn react_to_card(ledger: &Ledger, cause: &Cause, event: &CustomerEvent) -> Result<(), StoreError> {
    let CustomerChange::CardExpiryAnnounced { method } = &event.change else {
        return Ok(());
    };
    let Some(campaign) = policy::dunning::campaign_of_card(method) else { return Ok(()) };
    let loaded = ledger.load::<Customer>(&cause.entry.tenant, event.customer.as_str()).await?;
    // The campaign of a card of our own was opened with its announcement.
    if loaded.state.snapshot().is_some_and(|snapshot| snapshot.origin == Origin::Daybook) {
        return Ok(());
    }
    let currency = loaded.state.snapshot().and_then(|snapshot| snapshot.profile.currency).unwrap_or(Currency::USD);
    let command = DunningCommand::OpenForCard {
        id: campaign.clone(),
        at: event.at,
        customer: event.customer.clone(),
        method: method.clone(),
        origin: Origin::Stripe,
        amount_at_risk_minor: 0,
        currency,
    };
    execute(ledger, cause, "card", vec![Command::Dunning(campaign, command)]).await?;
    Ok(())
}

/// Runs commands caused by an event; gives the refusal where the domain said no.
async fn execute(
    ledger: &Ledger,
    cause: &Cause,
    part: &str,
    commands: Vec<Command>,
) -> Result<Option<Refusal>, StoreError> {
    let mut tries = 0;
    loop {
        let request = Request {
            tenant: cause.entry.tenant.clone(),
            actor: "reactor".to_owned(),
            request_id: None,
            cause: Some(cause.entry.position),
            now: ledger.clock().now(),
            commands: commands.clone(),
            claims: Vec::new(),
            releases: Vec::new(),
            event_ids: EventIds::Derived(format!("{}/{part}", cause.entry.event_id)),
            idempotency: None,
            expect_new: false,
        };
        match ledger.execute(request).await {
            Ok(_) => return Ok(None),
            Err(ExecuteError::Refused(refusal)) => return Ok(Some(refusal)),
            Err(ExecuteError::Contention) if tries < MAX_TRIES => tries += 1,
            Err(ExecuteError::Contention | ExecuteError::IdempotencyMismatch) => return Err(StoreError::Overloaded),
            Err(ExecuteError::Store(error)) => return Err(error),
        }
    }
}
