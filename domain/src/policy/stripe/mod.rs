//! The only code that reads Stripe's shapes: every API version from 2012 to today becomes the same facts here.
//!
//! A type belongs to the aggregate whose object it carries; types that no aggregate owns, and objects that lack what a
//! fact needs, are ignored with the reason. Nothing here fails or refuses.

mod charge;
mod credit_note;
mod customer;
mod dispute;
mod envelope;
mod intent;
mod invoice;
mod invoice_line;
mod json;
mod occurrence;
pub mod own;
mod payment_method;
mod payout;
mod price;
mod rank;
mod refund;
mod subscription;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::json::Lack;
use self::occurrence::Occurrence;
use crate::command::Command;
use crate::customer::CustomerCommand;
use crate::id::{CustomerId, ProcessorCallId, StripeEventId};
use crate::sealed::Sealer;

/// What routes, lists and seals an event, read without understanding its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub id: StripeEventId,
    pub kind: String,
    pub api_version: Option<String>,
    pub created: Option<Timestamp>,
    pub livemode: Option<bool>,
    pub object: Option<String>,
    pub object_id: Option<String>,
    pub customer: Option<String>,
}

/// Why a body is not a snapshot event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEvent {
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    #[error("the body is not a Stripe event: {0}")]
    NotAnEvent(String),
    #[error("thin events (v2.core.event) are not accepted here; send snapshot events")]
    Thin,
}

/// What an event comes to.
#[derive(Debug, Clone)]
pub enum Reading {
    /// Facts for one or more aggregates.
    Facts(Vec<Command>),
    /// No consequence, and why: an unknown type, a type whose aggregate is not ours yet, an object without an id.
    Ignored { reason: String },
}

/// Reads what an event is, strictly: whatever passes is stored and acknowledged, whatever does not is refused.
pub fn read_envelope(body: &[u8]) -> Result<Envelope, NotAnEvent> {
    envelope::open(body).map(|(envelope, _)| envelope)
}

/// `received_at` stands in for `created` where the event has none.
pub fn react(body: &[u8], received_at: Timestamp, sealer: &Sealer<'_>) -> Reading {
    let (envelope, event) = match envelope::open(body) {
        Ok(opened) => opened,
        Err(refused) => return Reading::Ignored { reason: refused.to_string() },
    };
    let Some(occurrence) = Occurrence::new(&envelope, &event, envelope::created(&envelope, received_at), sealer) else {
        return Reading::Ignored { reason: "the event has no `data.object`".to_owned() };
    };
    let mention = envelope.customer.as_deref().and_then(|id| CustomerId::parse(id).ok());
    match facts(&occurrence, mention.as_ref()) {
        Ok(commands) => Reading::Facts(commands),
        Err(Lack(reason)) => Reading::Ignored { reason },
    }
}

/// What an object says that Stripe answered a request with: the same as an event of this type about it would.
///
/// An answer may be a repetition from long ago, so it counts as old as it can be: as the object where the request made
/// it, else as the request. Whatever Stripe reports since then is newer, however late the answer is read. Of the answers
/// to requests of one second the one whose request was written last, at `position`, is the newest.
pub fn react_to_answer(
    call: &ProcessorCallId,
    position: i64,
    kind: &str,
    object: &Value,
    asked_at: Timestamp,
    sealer: &Sealer<'_>,
) -> Reading {
    let asked_at_s = asked_at.as_second();
    // Nothing is changed before it is made, whatever our clock says.
    let created = match object.get("created").and_then(Value::as_i64) {
        Some(made_at_s) if kind.ends_with(".created") => made_at_s,
        made_at_s => made_at_s.unwrap_or(asked_at_s).max(asked_at_s),
    };
    let event = json!({
        "object": "event", "id": format!("pc_{position:019}_{call}"), "type": kind, "created": created, "data": {"object": object}
    });
    react(event.to_string().as_bytes(), asked_at, sealer)
}

/// The facts of an event, after the mention of the customer that it names (decision B13).
fn facts(occurrence: &Occurrence<'_>, named: Option<&CustomerId>) -> Result<Vec<Command>, Lack> {
    let mut commands: Vec<Command> = named
        .filter(|_| !occurrence.reports_a_customer())
        .map(|id| {
            let mention = CustomerCommand::Mention { id: id.clone(), at: occurrence.created };
            Command::Customer(id.clone(), mention)
        })
        .into_iter()
        .collect();
    commands.extend(consequences(occurrence, named)?);
    Ok(commands)
}

/// Which file reads which type.
fn consequences(occurrence: &Occurrence<'_>, named: Option<&CustomerId>) -> Result<Vec<Command>, Lack> {
    let kind = occurrence.kind;
    match kind {
        "customer.created" | "customer.updated" | "customer.deleted" => return customer::facts(occurrence),
        "invoice_payment.paid" => return invoice::link(occurrence),
        "invoice.upcoming" => {
            return Err(Lack("an upcoming invoice is a forecast of one that does not exist".to_owned()));
        }
        "payment_method.attached"
        | "payment_method.updated"
        | "payment_method.automatically_updated"
        | "payment_method.card_automatically_updated"
        | "payment_method.detached" => return payment_method::facts(occurrence, named),
        _ => {}
    }
    let starts = |families: &[&str]| families.iter().any(|family| kind.starts_with(family));
    if starts(&["customer.source.", "customer.card.", "customer.bank_account."]) {
        payment_method::facts(occurrence, named)
    } else if starts(&["customer.subscription."]) {
        subscription::facts(occurrence)
    } else if starts(&["customer.discount."]) {
        Err(Lack("a discount alone does not say the terms of its subscription, whose own event does".to_owned()))
    } else if starts(&["invoice."]) {
        invoice::facts(occurrence)
    } else if starts(&["charge.dispute."]) {
        dispute::facts(occurrence)
    } else if starts(&["charge.refund.", "refund."]) {
        refund::facts(occurrence)
    } else if starts(&["charge."]) {
        charge::facts(occurrence)
    } else if starts(&["payment_intent."]) {
        intent::facts(occurrence)
    } else if starts(&["credit_note."]) {
        credit_note::facts(occurrence)
    } else if starts(&["payout."]) {
        payout::facts(occurrence)
    } else if starts(&["checkout.session."]) {
        named.map(|_| Vec::new()).ok_or_else(|| Lack("the checkout session names no customer".to_owned()))
    } else {
        Err(Lack(format!("no aggregate owns {kind} yet")))
    }
}

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod privacy_tests;
#[cfg(test)]
mod tests;
