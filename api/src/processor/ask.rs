//! What Stripe is asked for each kind of call, where it is seen whether that was done, and which objects tell what it
//! came to. Objects are kept as they came: `domain::policy::stripe` alone reads them.

use domain::id::{InvoiceId, PaymentId};
use domain::policy::stripe::own;
use domain::processor_call::{Answer, Asked};
use serde::Serialize;
use serde_json::Value;

use super::due::Due;
use super::plain::Plain;
use super::subscriptions::Wanted;
use super::{people, subscriptions};
use crate::stripe::client::{List, Metadata, NewRefund, PayInvoice, StripeClient, StripeError};

/// Objects of Stripe's, each with the type of the event that would tell the same.
pub(super) type Objects = Vec<(&'static str, Value)>;

/// A call that is over: what is answered, and the objects that say what it means, each as the event of that type would.
pub(super) struct Done {
    pub answer: Answer,
    pub objects: Objects,
}

#[derive(Serialize)]
pub(super) struct Nothing {}

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
pub(super) async fn ask(client: &StripeClient, due: &Due, plain: &Plain) -> Result<Value, StripeError> {
    match &due.asked {
        Asked::CreateCustomer { profile, method } => {
            people::create(client, due, plain, profile.currency, method.as_ref()).await
        }
        Asked::UpdateCustomer { customer, set, cleared, .. } => {
            people::update(client, due, plain, set.currency, (customer, cleared)).await
        }
        Asked::AttachPaymentMethod { customer, method, make_default } => {
            people::attach(client, due, customer, method, *make_default).await
        }
        Asked::DetachPaymentMethod { method, .. } => people::detach(client, due, method).await,
        Asked::CreateSubscription(new) => subscriptions::create(client, due, plain, new).await,
        Asked::ChangeSubscription { subscription, items, behavior, proration_date, method } => {
            let to = Wanted { items, behavior: *behavior, proration_date: *proration_date, method: method.as_ref() };
            subscriptions::change(client, due, subscription, to).await
        }
        Asked::ReactivateSubscription { subscription } => {
            subscriptions::end_with_period(client, due, subscription, false).await
        }
        Asked::CancelSubscription { subscription, at_period_end: true, .. } => {
            subscriptions::end_with_period(client, due, subscription, true).await
        }
        Asked::CancelSubscription { subscription, prorate, .. } => {
            subscriptions::cancel(client, subscription, *prorate).await
        }
        Asked::PauseCollection { subscription, resumes_at, .. } => {
            subscriptions::pause(client, due, subscription, *resumes_at).await
        }
        Asked::ResumeCollection { subscription } => subscriptions::unpause(client, due, subscription).await,
        Asked::ResumeSubscription { subscription, behavior } => {
            subscriptions::resume(client, due, subscription, *behavior).await
        }
        Asked::RefundPayment { payment, amount_minor, reason } => {
            let (payment_intent, charge) = intent_or_charge(payment);
            let fields = NewRefund {
                payment_intent: payment_intent.map(str::to_owned),
                charge: charge.map(str::to_owned),
                amount_minor: *amount_minor,
                reason: reason.clone(),
                metadata: mark(due),
            };
            client.post(&["refunds"], &due.key(), &fields).await
        }
        Asked::PayInvoice { invoice, method } => {
            let payment_method = method.as_ref().map(ToString::to_string);
            let fields = PayInvoice { payment_method, off_session: Some(true), paid_out_of_band: None };
            client.post(&["invoices", invoice.as_str(), "pay"], &due.key(), &fields).await
        }
        Asked::SettleInvoice { invoice } => {
            let fields = PayInvoice { paid_out_of_band: Some(true), ..PayInvoice::default() };
            client.post(&["invoices", invoice.as_str(), "pay"], &due.key(), &fields).await
        }
        Asked::VoidInvoice { invoice } => {
            client.post(&["invoices", invoice.as_str(), "void"], &due.key(), &Nothing {}).await
        }
    }
}

/// Looks whether a call was carried out; `None` where there is no sign of it.
pub(super) async fn look(client: &StripeClient, due: &Due, plain: &Plain) -> Result<Option<Done>, StripeError> {
    let found = match &due.asked {
        Asked::CreateCustomer { .. } => people::look_for_created(client, due, plain).await?,
        Asked::UpdateCustomer { customer, .. } => people::look_at(client, due, customer).await?,
        Asked::AttachPaymentMethod { customer, method, make_default } => {
            people::look_for_attached(client, due, customer, method, *make_default).await?
        }
        Asked::DetachPaymentMethod { method, .. } => people::look_for_detached(client, method).await?,
        Asked::CreateSubscription(new) => subscriptions::look_for_created(client, due, &new.customer).await?,
        Asked::ChangeSubscription { subscription, .. }
        | Asked::ReactivateSubscription { subscription }
        | Asked::PauseCollection { subscription, .. }
        | Asked::ResumeCollection { subscription } => {
            Some(subscriptions::find(client, subscription).await?).filter(|found| due.has_marked(found))
        }
        Asked::ResumeSubscription { subscription, .. } => {
            Some(subscriptions::find(client, subscription).await?).filter(|found| word(found, "status") != "paused")
        }
        Asked::CancelSubscription { subscription, at_period_end, .. } => {
            let found = subscriptions::find(client, subscription).await?;
            let scheduled = *at_period_end && found.get("cancel_at_period_end") == Some(&Value::Bool(true));
            Some(found).filter(|found| scheduled || word(found, "status") == "canceled")
        }
        Asked::RefundPayment { payment, .. } => {
            let (payment_intent, charge) = intent_or_charge(payment);
            let query = RefundsOf { payment_intent, charge, limit: 100 };
            let page: List<Value> = client.get(&["refunds"], &query).await?;
            page.data.into_iter().find(|refund| due.has_marked(refund))
        }
        Asked::PayInvoice { invoice, .. } | Asked::SettleInvoice { invoice } => {
            Some(invoice_of(client, invoice).await?).filter(|invoice| word(invoice, "status") == "paid")
        }
        Asked::VoidInvoice { invoice } => {
            Some(invoice_of(client, invoice).await?).filter(|invoice| word(invoice, "status") == "void")
        }
    };
    match found {
        Some(object) => understand(client, due, object).await.map(Some),
        None => Ok(None),
    }
}

/// What an object that Stripe answered with comes to, with the others that belong to it.
pub(super) async fn understand(client: &StripeClient, due: &Due, object: Value) -> Result<Done, StripeError> {
    let mut answered = word(&object, "id").to_owned();
    let objects = match &due.asked {
        Asked::CreateCustomer { .. } => people::understand_created(client, object).await?,
        Asked::UpdateCustomer { .. } => vec![("customer.updated", object)],
        Asked::AttachPaymentMethod { customer, .. } => {
            people::understand_method(client, "payment_method.attached", customer, object).await?
        }
        Asked::DetachPaymentMethod { customer, .. } => {
            people::understand_method(client, "payment_method.detached", customer, object).await?
        }
        Asked::CreateSubscription(_) => with_invoice(client, "customer.subscription.created", object).await?,
        Asked::ChangeSubscription { .. } => with_invoice(client, step_of_subscription(&object), object).await?,
        Asked::ResumeSubscription { .. } => with_invoice(client, "customer.subscription.resumed", object).await?,
        Asked::ReactivateSubscription { .. }
        | Asked::PauseCollection { .. }
        | Asked::ResumeCollection { .. }
        | Asked::CancelSubscription { .. } => vec![(step_of_subscription(&object), object)],
        Asked::RefundPayment { .. } => vec![("refund.created", object)],
        Asked::PayInvoice { invoice, .. } => {
            let (objects, payment) = billed(client, invoice).await?;
            answered = payment.unwrap_or(answered);
            objects
        }
        Asked::SettleInvoice { .. } | Asked::VoidInvoice { .. } => vec![(step_of_invoice(&object), object)],
    };
    Ok(Done { answer: Answer::Succeeded { object: answered }, objects })
}

/// A subscription, and its latest invoice with what was paid of it.
async fn with_invoice(client: &StripeClient, kind: &'static str, subscription: Value) -> Result<Objects, StripeError> {
    let invoice = reference(&subscription, "latest_invoice").and_then(|id| InvoiceId::parse(&id).ok());
    let mut objects = vec![(kind, subscription)];
    if let Some(invoice) = invoice {
        objects.extend(billed(client, &invoice).await?.0);
    }
    Ok(objects)
}

/// An invoice, its payments and their charges; and the payment that is to be shown.
async fn billed(client: &StripeClient, invoice: &InvoiceId) -> Result<(Objects, Option<String>), StripeError> {
    let invoice = invoice_of(client, invoice).await?;
    let (links, payment) = payments_of(&invoice);
    let paying = match &payment {
        Some(payment) => payment_objects(client, payment).await?,
        None => Vec::new(),
    };
    let kind = match paying.first().map(|(kind, _)| *kind) {
        Some("payment_intent.payment_failed") if word(&invoice, "status") == "open" => "invoice.payment_failed",
        _ => step_of_invoice(&invoice),
    };
    let mut objects = vec![(kind, invoice)];
    objects.extend(links.into_iter().map(|link| ("invoice_payment.paid", link)));
    objects.extend(paying);
    Ok((objects, payment))
}

/// The payment that was tried, and its invoice.
pub(super) async fn after_decline(
    client: &StripeClient,
    due: &Due,
    payment: Option<&str>,
) -> Result<Objects, StripeError> {
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
async fn payment_objects(client: &StripeClient, id: &str) -> Result<Objects, StripeError> {
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

fn step_of_subscription(subscription: &Value) -> &'static str {
    let gone = word(subscription, "status") == "canceled";
    if gone { "customer.subscription.deleted" } else { "customer.subscription.updated" }
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

/// By which what a call made is found again.
pub(super) fn mark(due: &Due) -> Metadata {
    [(own::CALL.to_owned(), due.call.to_string())].into()
}

pub(super) fn word<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The id that a key names: a text, or an expanded object's own.
pub(super) fn reference(object: &Value, key: &str) -> Option<String> {
    let value = object.get(key)?;
    value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned)
}
