//! What operations do for tenants of Stripe: the call is put into the log, where the dispatcher finds it, and its answer is
//! waited for. Nothing here speaks to Stripe; a request that gives up waiting leaves the call to go on.

mod people;
mod subscriptions;

use std::time::Duration;

use domain::command::Command;
use domain::event::LedgerEvent;
use domain::id::{CustomerId, InvoiceId, PaymentMethodId, ProcessorCallId, SubscriptionId};
use domain::invoice::InvoiceSnapshot;
use domain::money::Money;
use domain::origin::Origin;
use domain::processor_call::{Answer, Asked, ProcessorCallChange, ProcessorCallCommand};
use domain::proration::TerminationPolicy;
use domain::subscription::Subscription;
use store::Ledger;
use tokio::time::Instant;

use super::invoices::{invoice, parse as parse_invoice};
use super::payments::{PayWith, RetryFields, parse as parse_payment, payment};
use super::repeats::once;
use super::subscriptions::{CancelFields, CancelWhen};
use super::{Call, Done, execute, request};
use crate::failure::Failure;
use crate::processor::claims::taken_by;
use crate::processor::subscriptions::{COUPON_PARAM, PRICE_MISSING};

pub(super) use people::{attach_payment_method, create_customer, detach_payment_method, update_customer};
pub(super) use subscriptions::{
    change_subscription, create_subscription, pause_subscription, reactivate_subscription, resume_subscription,
};

/// Between two looks at the log, for answers that another process recorded.
const POLL: Duration = Duration::from_millis(100);
/// The refund reasons that Stripe knows; others stay with us.
const REFUND_REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

pub(super) async fn refund_payment(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    amount_minor: Option<i64>,
    reason: Option<String>,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let id = parse_payment(id)?;
        let of = payment(ledger, call, &id).await?;
        billed_by_stripe(of.origin)?;
        let reason = reason.filter(|reason| REFUND_REASONS.contains(&reason.as_str()));
        Ok((of.customer, Asked::RefundPayment { payment: id, amount_minor, reason }))
    })
    .await
}

pub(super) async fn retry_payment(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    fields: &RetryFields,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (id, snapshot) = stripe_invoice(ledger, call, &fields.invoice_id).await?;
        let named = fields.customer_id.as_deref();
        if named.is_some() && named != snapshot.customer.as_ref().map(CustomerId::as_str) {
            return Err(Failure::invalid("customer_id", None, "The customer of the invoice"));
        }
        let remaining = Money::from_minor(snapshot.amount_remaining_minor, snapshot.currency);
        if fields.amount.is_some_and(|amount| amount != remaining) {
            let expected = format!("What remains of the invoice, {} {}", remaining.to_major(), snapshot.currency);
            return Err(Failure::invalid("amount", None, &expected));
        }
        Ok((snapshot.customer, Asked::PayInvoice { invoice: id, method: method_of(&fields.pay_with)? }))
    })
    .await
}

/// Stripe knows no part of an invoice that is paid another way, so `amount_minor` must be all that remains.
pub(super) async fn receive_out_of_band(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    amount_minor: Option<i64>,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (id, snapshot) = stripe_invoice(ledger, call, id).await?;
        if amount_minor.is_some_and(|amount| amount != snapshot.amount_remaining_minor) {
            return Err(Failure::invalid("amount", None, "All that remains of the invoice, as Stripe billed it"));
        }
        Ok((snapshot.customer, Asked::SettleInvoice { invoice: id }))
    })
    .await
}

pub(super) async fn void_invoice(ledger: &Ledger, call: &Call, patience: Duration, id: &str) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let (id, snapshot) = stripe_invoice(ledger, call, id).await?;
        Ok((snapshot.customer, Asked::VoidInvoice { invoice: id }))
    })
    .await
}

pub(super) async fn cancel_subscription(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    fields: &CancelFields,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let id = SubscriptionId::parse(id).map_err(|_| Failure::not_found("subscription"))?;
        let loaded = ledger.load::<Subscription>(&call.tenant, id.as_str()).await?;
        let snapshot = loaded.state.snapshot().cloned().ok_or_else(|| Failure::not_found("subscription"))?;
        billed_by_stripe(snapshot.origin)?;
        let asked = Asked::CancelSubscription {
            subscription: id,
            at_period_end: fields.when == CancelWhen::AtPeriodEnd,
            prorate: fields.termination != TerminationPolicy::Skip,
        };
        Ok((Some(snapshot.customer), asked))
    })
    .await
}

async fn stripe_invoice(ledger: &Ledger, call: &Call, id: &str) -> Result<(InvoiceId, InvoiceSnapshot), Failure> {
    let id = parse_invoice(id)?;
    let snapshot = invoice(ledger, call, &id).await?;
    billed_by_stripe(snapshot.origin)?;
    Ok((id, snapshot))
}

/// The sandbox does not bill a tenant of Stripe, not even what it billed before.
fn billed_by_stripe(origin: Origin) -> Result<(), Failure> {
    match origin {
        Origin::Stripe => Ok(()),
        Origin::Daybook => Err(Failure::Illegal { reason: "Stripe knows nothing of what it did not bill".to_owned() }),
    }
}

/// Card numbers go to Stripe from the customer's browser and never through here.
fn method_of(with: &PayWith) -> Result<Option<PaymentMethodId>, Failure> {
    match with {
        PayWith::Agreed => Ok(None),
        PayWith::Method(id) => Ok(Some(id.clone())),
        PayWith::New(_) => Err(Failure::invalid("card", None, "A payment method that was made with Stripe")),
    }
}

/// Puts a call into the log, unless the request's key shows that it is there, and waits for its answer. What is done has
/// the id of the object that Stripe made or changed.
async fn carry_out(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    work: impl Future<Output = Result<(Option<CustomerId>, Asked), Failure>>,
) -> Result<Done, Failure> {
    carry_out_as(ledger, call, patience, &new_call(), work).await
}

/// The same under an id that what is asked hangs on.
async fn carry_out_as(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &str,
    work: impl Future<Output = Result<(Option<CustomerId>, Asked), Failure>>,
) -> Result<Done, Failure> {
    // A future of its own, lest all that may call Stripe should be as large.
    let requested = Box::pin(once(ledger, call, async {
        let (customer, asked) = work.await?;
        let parsed = call_id(id)?;
        let claims = taken_by(&parsed, &asked);
        let command = ProcessorCallCommand::Request { id: parsed.clone(), customer, asked: Box::new(asked) };
        let mut request = request(call, vec![Command::ProcessorCall(parsed, command)], id);
        request.claims = claims;
        request.expect_new = true;
        execute(ledger, id, request).await
    }))
    .await?;
    let (answer, position) = answer_to(ledger, call, &call_id(&requested.id)?, patience).await?;
    match answer {
        Answer::Succeeded { object } => Ok(Done { id: object, position }),
        Answer::Declined { code, payment } => {
            let payment_id = payment.map(|payment| payment.to_string());
            Err(Failure::PaymentFailed { decline_code: code, payment_id })
        }
        Answer::Refused { code, param } => Err(refused(&code, param.as_deref())),
    }
}

fn new_call() -> String {
    store::ids::prefixed("pc_")
}

fn call_id(id: &str) -> Result<ProcessorCallId, Failure> {
    ProcessorCallId::parse(id).map_err(|error| Failure::Internal { reason: error.to_string() })
}

/// The answer to a call and its position, waited for as long as patience lasts; then the caller may come again.
async fn answer_to(
    ledger: &Ledger,
    call: &Call,
    id: &ProcessorCallId,
    patience: Duration,
) -> Result<(Answer, i64), Failure> {
    let mut wake = ledger.watch();
    let deadline = Instant::now() + patience;
    loop {
        wake.mark_unchanged();
        let stream = ledger.read_stream(&call.tenant, "processor_call", id.as_str(), 1, 1).await?;
        if let Some(entry) = stream.first() {
            let event = entry.decode().map_err(|error| Failure::Internal { reason: error.to_string() })?;
            if let LedgerEvent::ProcessorCall(event) = event
                && let ProcessorCallChange::ProcessorCallAnswered { answer } = event.change
            {
                return Ok((answer, entry.position));
            }
        }
        tokio::select! {
            () = tokio::time::sleep_until(deadline) => return Err(Failure::Unavailable),
            _ = wake.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Stripe's refusal in our fields.
fn refused(code: &str, param: Option<&str>) -> Failure {
    let expected = format!("What Stripe accepts; it answered {code}");
    match (code, param) {
        (PRICE_MISSING, _) => {
            Failure::invalid("plan_id", None, "A plan with a price at Stripe, as `daybook stripe setup` makes it")
        }
        ("resource_missing", None | Some("id" | "subscription" | "customer" | "invoice")) => {
            Failure::not_found("object at Stripe")
        }
        (_, Some(param)) => Failure::invalid(field_of(param), None, &expected),
        (_, None) => Failure::Illegal { reason: format!("Stripe refused it: {code}") },
    }
}

/// What we call a field of Stripe's.
fn field_of(param: &str) -> &str {
    match param {
        "payment_method" | "default_payment_method" | "invoice_settings[default_payment_method]" => "payment_method_id",
        COUPON_PARAM | "discounts" | "discounts[0][coupon]" => "discount_code",
        "backdate_start_date" => "start_date",
        "trial_end" => "trial_period_days",
        "pause_collection[resumes_at]" => "pause_until",
        "customer" => "customer_id",
        _ if param.starts_with("address") => "billing_address",
        _ if param.starts_with("items") && param.ends_with("[quantity]") => "quantity",
        _ if param.starts_with("items") && param.ends_with("[price]") => "plan_id",
        _ => param,
    }
}
