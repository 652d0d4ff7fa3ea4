//! What Stripe is asked for each kind of call, where it is seen whether that was done, and which objects tell what it
//! came to. Objects are kept as they came: `domain::policy::stripe` alone reads them.

use domain::id::{InvoiceId, PaymentId, SubscriptionId};
use domain::processor_call::{Answer, Asked};
use serde::Serialize;
use serde_json::Value;

use super::due::Due;
use crate::stripe::client::{
    CancelSubscription, IdempotencyKey, List, Metadata, NewRefund, PayInvoice, StripeClient, StripeError,
    SubscriptionChange,
};

/// The key of the metadata by which what a call made is found again.
const MARK: &str = "daybook_call";

/// A call that is over: what is answered, and the objects that say what it means, each as the event of that type would.
pub(super) struct Done {
    pub answer: Answer,
    pub objects: Vec<(&'static str, Value)>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Expand<'a> {
    expand: &'a [&'a str],
}

#[derive(Serialize)]
struct RefundsOf<'a> {
    payment_intent: Option<&'a str>,
    charge: Option<&'a str>,
    limit: u8,
}

/// Makes the request of a call; the same call always makes the same one.
pub(super) async fn ask(client: &StripeClient, key: &IdempotencyKey, due: &Due) -> Result<Value, StripeError> {
    match &due.asked {
        Asked::RefundPayment { payment, amount_minor, reason } => {
            let (payment_intent, charge) = intent_or_charge(payment);
            let fields = NewRefund {
                payment_intent: payment_intent.map(str::to_owned),
                charge: charge.map(str::to_owned),
                amount_minor: *amount_minor,
                reason: reason.clone(),
                metadata: mark(due),
            };
            client.post(&["refunds"], key, &fields).await
        }
        Asked::PayInvoice { invoice, method } => {
            let payment_method = method.as_ref().map(ToString::to_string);
            let fields = PayInvoice { payment_method, off_session: Some(true), paid_out_of_band: None };
            client.post(&["invoices", invoice.as_str(), "pay"], key, &fields).await
        }
        Asked::SettleInvoice { invoice } => {
            let fields = PayInvoice { paid_out_of_band: Some(true), ..PayInvoice::default() };
            client.post(&["invoices", invoice.as_str(), "pay"], key, &fields).await
        }
        Asked::VoidInvoice { invoice } => client.post(&["invoices", invoice.as_str(), "void"], key, &Nothing {}).await,
        Asked::CancelSubscription { subscription, at_period_end: true, .. } => {
            let fields = SubscriptionChange {
                cancel_at_period_end: Some(true),
                metadata: mark(due),
                ..SubscriptionChange::default()
            };
            client.post(&["subscriptions", subscription.as_str()], key, &fields).await
        }
        Asked::CancelSubscription { subscription, prorate, .. } => cancel(client, subscription, *prorate).await,
    }
}

/// Canceling takes no key: one that is canceled already, such as by a try whose answer was lost, is a success.
async fn cancel(client: &StripeClient, id: &SubscriptionId, prorate: bool) -> Result<Value, StripeError> {
    let how = CancelSubscription { invoice_now: prorate, prorate };
    match client.delete(&["subscriptions", id.as_str()], &how).await {
        Err(error) if error.is_missing() => {
            let found: Option<Value> = client.get(&["subscriptions", id.as_str()], &Nothing {}).await.ok();
            found.filter(|found| word(found, "status") == "canceled").ok_or(error)
        }
        outcome => outcome,
    }
}

/// Looks whether a call was carried out; `None` where there is no sign of it.
pub(super) async fn look(client: &StripeClient, due: &Due) -> Result<Option<Done>, StripeError> {
    let found = match &due.asked {
        Asked::RefundPayment { payment, .. } => {
            let (payment_intent, charge) = intent_or_charge(payment);
            let query = RefundsOf { payment_intent, charge, limit: 100 };
            let page: List<Value> = client.get(&["refunds"], &query).await?;
            let is_own =
                |refund: &Value| refund.pointer(&format!("/metadata/{MARK}")).is_some_and(|it| it == due.call.as_str());
            page.data.into_iter().find(is_own)
        }
        Asked::PayInvoice { invoice, .. } | Asked::SettleInvoice { invoice } => {
            Some(invoice_of(client, invoice).await?).filter(|invoice| word(invoice, "status") == "paid")
        }
        Asked::VoidInvoice { invoice } => {
            Some(invoice_of(client, invoice).await?).filter(|invoice| word(invoice, "status") == "void")
        }
        Asked::CancelSubscription { subscription, at_period_end, .. } => {
            let found: Value = client.get(&["subscriptions", subscription.as_str()], &Nothing {}).await?;
            let scheduled = *at_period_end && found.get("cancel_at_period_end") == Some(&Value::Bool(true));
            Some(found).filter(|found| scheduled || word(found, "status") == "canceled")
        }
    };
    match found {
        Some(object) => understand(client, due, object).await.map(Some),
        None => Ok(None),
    }
}

/// What an object that Stripe answered with comes to, with the others that belong to it.
pub(super) async fn understand(client: &StripeClient, due: &Due, object: Value) -> Result<Done, StripeError> {
    let id = word(&object, "id").to_owned();
    let (answered, objects) = match &due.asked {
        Asked::RefundPayment { .. } => (id, vec![("refund.created", object)]),
        Asked::PayInvoice { invoice, .. } => {
            let invoice = invoice_of(client, invoice).await?;
            let (links, payment) = payments_of(&invoice);
            let mut objects = vec![(step_of_invoice(&invoice), invoice)];
            objects.extend(links.into_iter().map(|link| ("invoice_payment.paid", link)));
            if let Some(payment) = &payment {
                objects.extend(payment_objects(client, payment).await?);
            }
            (payment.unwrap_or(id), objects)
        }
        Asked::SettleInvoice { .. } | Asked::VoidInvoice { .. } => (id, vec![(step_of_invoice(&object), object)]),
        Asked::CancelSubscription { .. } => {
            let gone = word(&object, "status") == "canceled";
            (id, vec![(if gone { "customer.subscription.deleted" } else { "customer.subscription.updated" }, object)])
        }
    };
    Ok(Done { answer: Answer::Succeeded { object: answered }, objects })
}

/// The payment that was tried, and its invoice.
pub(super) async fn after_decline(
    client: &StripeClient,
    due: &Due,
    payment: Option<&str>,
) -> Result<Vec<(&'static str, Value)>, StripeError> {
    let mut objects = Vec::new();
    if let Asked::PayInvoice { invoice, .. } = &due.asked {
        let invoice = invoice_of(client, invoice).await?;
        let kind =
            if word(&invoice, "status") == "open" { "invoice.payment_failed" } else { step_of_invoice(&invoice) };
        objects.push((kind, invoice));
    }
    if let Some(payment) = payment {
        objects.extend(payment_objects(client, payment).await?);
    }
    Ok(objects)
}

async fn invoice_of(client: &StripeClient, id: &InvoiceId) -> Result<Value, StripeError> {
    client.get(&["invoices", id.as_str()], &Expand { expand: &["payments"] }).await
}

/// The intent, and its charge with what it cost, where Stripe knows that already.
async fn payment_objects(client: &StripeClient, id: &str) -> Result<Vec<(&'static str, Value)>, StripeError> {
    if is_charge(id) {
        let expand = Expand { expand: &["balance_transaction"] };
        let charge: Value = client.get(&["charges", id], &expand).await?;
        return Ok(vec![(step_of_charge(&charge), charge)]);
    }
    let expand = Expand { expand: &["latest_charge.balance_transaction"] };
    let intent: Value = client.get(&["payment_intents", id], &expand).await?;
    let charge = intent.get("latest_charge").filter(|charge| charge.is_object()).cloned();
    let mut objects = vec![(step_of_intent(&intent), intent)];
    objects.extend(charge.map(|charge| (step_of_charge(&charge), charge)));
    Ok(objects)
}

/// The invoice's payments that went through, and the one that is to be shown: the paid one, else the one that is tried.
fn payments_of(invoice: &Value) -> (Vec<Value>, Option<String>) {
    let all = invoice.pointer("/payments/data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let paid: Vec<Value> = all.iter().filter(|payment| word(payment, "status") == "paid").cloned().collect();
    let shown = paid.first().or_else(|| all.first()).and_then(|payment| payment.get("payment"));
    let id = shown.and_then(|payment| reference(payment, "payment_intent").or_else(|| reference(payment, "charge")));
    (paid, id)
}

fn step_of_invoice(invoice: &Value) -> &'static str {
    match word(invoice, "status") {
        "paid" => "invoice.paid",
        "void" => "invoice.voided",
        _ => "invoice.updated",
    }
}

fn step_of_intent(intent: &Value) -> &'static str {
    match word(intent, "status") {
        "succeeded" => "payment_intent.succeeded",
        "processing" => "payment_intent.processing",
        "requires_action" => "payment_intent.requires_action",
        "requires_payment_method" => "payment_intent.payment_failed",
        _ => "payment_intent.created",
    }
}

fn step_of_charge(charge: &Value) -> &'static str {
    match word(charge, "status") {
        "failed" => "charge.failed",
        "pending" => "charge.pending",
        _ => "charge.succeeded",
    }
}

fn intent_or_charge(payment: &PaymentId) -> (Option<&str>, Option<&str>) {
    let id = payment.as_str();
    if is_charge(id) { (None, Some(id)) } else { (Some(id), None) }
}

/// A payment without an intent has its charge's id.
fn is_charge(id: &str) -> bool {
    id.starts_with("ch_") || id.starts_with("py_")
}

fn mark(due: &Due) -> Metadata {
    [(MARK.to_owned(), due.call.to_string())].into()
}

fn word<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The id that a key names: a text, or an expanded object's own.
fn reference(object: &Value, key: &str) -> Option<String> {
    let value = object.get(key)?;
    value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned)
}
