//! What Stripe refuses is refused once, and the caller is told exactly why.

use api::stripe::client::{
    Decline, Invalid, NewPaymentIntent, NewRefund, PayInvoice, StripeClient, StripeError, StripeErrorKind,
};
use domain::money::Currency;
use tokio::net::TcpListener;

use super::{key, timing};
use crate::stripe::fake::{FakeStripe, Fault, SECRET_KEY, client_of};

fn intent(amount_minor: i64, card: &str) -> NewPaymentIntent {
    NewPaymentIntent {
        amount_minor,
        currency: Currency::EUR,
        customer: None,
        payment_method: Some(card.to_owned()),
        confirm: true,
        off_session: Some(true),
        description: None,
        metadata: [].into(),
    }
}

fn decline_of(error: &StripeError) -> (String, Option<String>, bool) {
    let decline = error.decline().expect("a decline");
    (decline.code.clone(), decline.decline_code.clone(), decline.requires_action())
}

#[tokio::test]
async fn declines_are_told_with_their_code_and_never_tried_again() {
    let cases = [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", false),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", false),
        ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card", false),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", false),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error", false),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required", true),
    ];
    for (card, code, decline_code, requires_action) in cases {
        let expected = (code.to_owned(), Some(decline_code.to_owned()), requires_action);
        let fake = FakeStripe::start().await;
        let client = fake.client(timing());
        let error = client.create_payment_intent(&key("charge"), &intent(100, card)).await.expect_err(card);
        assert_eq!((decline_of(&error), error.trace.tries), (expected.clone(), 1));
        let declined = error.decline().and_then(|decline| decline.payment_intent.clone()).expect("the intent");

        let invoice = fake.add_invoice(100);
        let how = PayInvoice { payment_method: Some(card.to_owned()), ..PayInvoice::default() };
        let error = client.pay_invoice(&key("pay"), &invoice, &how).await.expect_err(card);
        assert_eq!((decline_of(&error), error.trace.tries), (expected, 1));
        assert_eq!((fake.charges(), fake.charge_attempts()), (vec![], 2), "{card}");

        // The same attempt again asks no card; another card is another attempt.
        client.pay_invoice(&key("pay"), &invoice, &how).await.expect_err(card);
        assert_eq!(fake.charge_attempts(), 2);
        let paid = client.confirm_payment_intent(&key("charge 2"), &declined, Some("pm_card_visa")).await;
        assert_eq!(paid.expect("a payment").id, declined);
        assert_eq!(fake.charges().len(), 1);
    }
}

#[tokio::test]
async fn a_decline_whose_answer_was_lost_is_the_same_decline() {
    let fake = FakeStripe::start().await;
    fake.fail_next("POST /v1/payment_intents", Fault::AnswerLost);
    let card = "pm_card_chargeDeclinedInsufficientFunds";
    let error =
        fake.client(timing()).create_payment_intent(&key("1"), &intent(100, card)).await.expect_err("a decline");
    let expected = Decline {
        code: "card_declined".to_owned(),
        decline_code: Some("insufficient_funds".to_owned()),
        advice_code: None,
        message: Some("Your card was declined.".to_owned()),
        payment_intent: Some("pi_1".to_owned()),
        charge: None,
    };
    assert_eq!((*error.kind, error.trace.tries), (StripeErrorKind::Declined(expected), 2));
    assert_eq!((fake.charge_attempts(), fake.charges()), (1, vec![]));
}

fn invalid(status: u16, code: Option<&str>, param: Option<&str>, message: &str) -> StripeErrorKind {
    let (code, param) = (code.map(str::to_owned), param.map(str::to_owned));
    StripeErrorKind::Invalid(Invalid { status, code, param, message: Some(message.to_owned()) })
}

#[tokio::test]
async fn wrong_requests_are_refused_by_name_and_sent_once() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let (refund, how) = (NewRefund::default(), PayInvoice::default());
    let paid = client.create_payment_intent(&key("paid"), &intent(100, "pm_card_visa")).await.expect("a payment");
    let over = NewRefund { payment_intent: Some(paid.id), amount_minor: Some(101), ..refund.clone() };
    let other_key = client_of(&fake.base_url, "sk_test_of_somebody_else", timing());
    let zero =
        client.create_payment_intent(&key("zero"), &intent(0, "pm_card_visa")).await.expect_err("an amount of 0");
    let reused = client.create_payment_intent(&key("paid"), &intent(200, "pm_card_visa")).await.expect_err("used");
    let missing = client.pay_invoice(&key("missing"), "in_none", &how).await.expect_err("no invoice");
    let over = client.create_refund(&key("over"), &over).await.expect_err("too much");
    let stranger = other_key.create_refund(&key("stranger"), &refund).await.expect_err("a stranger");
    let cases = [
        (&zero, invalid(400, Some("parameter_invalid_integer"), Some("amount"), "This value must be at least 1.")),
        (&reused, StripeErrorKind::KeyReused),
        (&missing, invalid(404, Some("resource_missing"), Some("id"), "No such object: 'in_none'")),
        (&over, invalid(400, None, Some("amount"), "Refund amount is greater than the unrefunded amount.")),
        (&stranger, StripeErrorKind::Authentication { message: "Invalid API Key provided".to_owned() }),
    ];
    for (error, expected) in cases {
        assert_eq!((&*error.kind, error.trace.tries, error.is_certain()), (&expected, 1, true), "{error}");
        assert!(error.trace.request_id.is_some(), "{error}");
    }
    assert!(missing.is_missing() && !zero.is_missing());
    let shown = "the request is invalid: param amount: code parameter_invalid_integer: This value must be at least 1. \
                 (POST /v1/payment_intents, status 400, request req_2, tries 1)";
    assert_eq!(zero.to_string(), shown);
    assert_eq!((fake.calls().len(), fake.charges().len(), fake.refunds()), (6, 1, vec![]));
}

#[tokio::test]
async fn what_cannot_be_said_is_not_sent() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    for id in ["", "a/b", "..", "in_\u{e9}", "in 1"] {
        let error = client.void_invoice(&key("void"), id).await.expect_err(id);
        assert_eq!(*error.kind, StripeErrorKind::Unsendable { reason: format!("{id:?} is not an id") });
    }
    let krona = NewPaymentIntent { currency: Currency::parse("ISK").unwrap(), ..intent(100, "pm_card_visa") };
    let error = client.create_payment_intent(&key("krona"), &krona).await.expect_err("other units");
    assert!(matches!(*error.kind, StripeErrorKind::Unsendable { .. }), "{error}");
    assert_eq!(fake.calls(), []);
}

/// Nobody listens, so nothing was sent and nothing can have been done.
#[tokio::test]
async fn a_stripe_that_is_not_there_has_done_nothing() {
    let address = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let client: StripeClient = client_of(&format!("http://{address}"), SECRET_KEY, timing());
    let error = client.create_refund(&key("refund"), &NewRefund::default()).await.expect_err("nobody");
    assert!(matches!(*error.kind, StripeErrorKind::Unavailable { .. }) && error.is_certain(), "{error}");
    assert_eq!(error.trace.tries, 4);
}
