//! Whatever happens to a request that moves money, it moves once, and the caller knows.

use api::stripe::client::{
    CustomerFields, IdempotencyKey, InvoiceStatus, NewPaymentIntent, NewRefund, PayInvoice, PaymentIntent,
    PaymentIntentStatus, RefundStatus, StripeClient, StripeError, StripeErrorKind, Timing,
};
use domain::money::Currency;
use futures::future::join_all;

use super::{impatient, key, timing};
use crate::stripe::fake::{FakeStripe, Fault};

const AMOUNT_MINOR: i64 = 500_000;
const CARD: &str = "pm_card_visa";
const CUSTOMER: &str = "cus_1";

/// The three calls that move money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Charge,
    Pay,
    Refund,
}

const MOVES: [Move; 3] = [Move::Charge, Move::Pay, Move::Refund];

/// A fake with what the move needs.
struct Bed {
    fake: FakeStripe,
    movement: Move,
    /// The invoice to pay or the payment to refund.
    of: String,
}

impl Bed {
    async fn start(movement: Move) -> Self {
        let fake = FakeStripe::start().await;
        let client = fake.client(timing());
        let customer = client.create_customer(&key("customer"), &CustomerFields::default()).await.expect("a customer");
        assert_eq!(customer.id, CUSTOMER);
        let of = match movement {
            Move::Charge => String::new(),
            Move::Pay => fake.add_invoice(AMOUNT_MINOR),
            Move::Refund => charge(&client, &key("before"), CARD).await.expect("a payment").id,
        };
        Self { fake, movement, of }
    }

    fn request(&self) -> String {
        match self.movement {
            Move::Charge => "POST /v1/payment_intents".to_owned(),
            Move::Pay => format!("POST /v1/invoices/{}/pay", self.of),
            Move::Refund => "POST /v1/refunds".to_owned(),
        }
    }

    /// Asks for it under a key; gives whether it is done.
    async fn ask(&self, client: &StripeClient, key: &IdempotencyKey) -> Result<bool, StripeError> {
        match self.movement {
            Move::Charge => {
                charge(client, key, CARD).await.map(|intent| intent.status == PaymentIntentStatus::Succeeded)
            }
            Move::Pay => {
                let how = PayInvoice { payment_method: Some(CARD.to_owned()), ..PayInvoice::default() };
                client.pay_invoice(key, &self.of, &how).await.map(|invoice| invoice.status == InvoiceStatus::Paid)
            }
            Move::Refund => {
                let refund = NewRefund { payment_intent: Some(self.of.clone()), ..NewRefund::default() };
                client.create_refund(key, &refund).await.map(|refund| refund.status == RefundStatus::Succeeded)
            }
        }
    }

    /// How often it was done, and that nothing else was.
    fn done(&self) -> usize {
        let (charges, refunds) = (self.fake.charges(), self.fake.refunds());
        let amounts = charges.iter().map(|it| it.amount_minor).chain(refunds.iter().map(|it| it.amount_minor));
        assert!(amounts.into_iter().all(|amount| amount == AMOUNT_MINOR), "{charges:?} {refunds:?}");
        match self.movement {
            Move::Charge | Move::Pay => {
                assert_eq!(refunds, []);
                charges.len()
            }
            Move::Refund => {
                assert_eq!(charges.len(), 1);
                refunds.len()
            }
        }
    }

    /// How often it was asked for; always in the same words.
    fn tries(&self) -> u32 {
        let mut calls: Vec<_> = self.fake.calls().into_iter().filter(|call| call.request == self.request()).collect();
        calls.retain(|call| call.key.as_deref() != Some("tests:before"));
        let tries = u32::try_from(calls.len()).expect("a few");
        calls.dedup();
        assert!(calls.len() <= 1, "{calls:?}");
        tries
    }

    /// What whoever does not know it finds by looking.
    async fn find(&self, client: &StripeClient) -> bool {
        match self.movement {
            Move::Charge => {
                let found = client.payment_intents(CUSTOMER).await.expect("a list");
                let ours = found.iter().filter(|intent| intent.metadata["attempt"] == "tests:attempt");
                ours.map(|intent| intent.status).eq([PaymentIntentStatus::Succeeded])
            }
            Move::Pay => client.invoice(&self.of).await.expect("an invoice").status == InvoiceStatus::Paid,
            Move::Refund => client.refunds(&self.of).await.expect("a list").len() == 1,
        }
    }
}

async fn charge(client: &StripeClient, key: &IdempotencyKey, card: &str) -> Result<PaymentIntent, StripeError> {
    let intent = NewPaymentIntent {
        amount_minor: AMOUNT_MINOR,
        currency: Currency::USD,
        customer: Some(CUSTOMER.to_owned()),
        payment_method: Some(card.to_owned()),
        confirm: true,
        off_session: Some(true),
        description: None,
        metadata: [("attempt".to_owned(), key.to_string())].into(),
    };
    client.create_payment_intent(key, &intent).await
}

/// What is expected of a script of faults: how it ends, after how many tries, and how often the money has moved.
struct Case {
    faults: Vec<Fault>,
    timing: Timing,
    ends: Ends,
    tries: u32,
    done: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Done,
    Unknown,
    NotDone,
}

fn ends(outcome: &Result<bool, StripeError>) -> Ends {
    match outcome {
        Ok(done) => {
            assert!(done);
            Ends::Done
        }
        Err(error) if error.is_certain() => Ends::NotDone,
        Err(_) => Ends::Unknown,
    }
}

fn cases() -> Vec<Case> {
    let case = |faults: &[Fault], ends: Ends, tries: u32, done: usize| Case {
        faults: faults.to_vec(),
        timing: if faults.iter().any(|it| [Fault::AnswerTooLate, Fault::StillAtWork].contains(it)) {
            impatient()
        } else {
            timing()
        },
        ends,
        tries,
        done,
    };
    let limited = Fault::RateLimited { retry_after_s: 0 };
    vec![
        case(&[], Ends::Done, 1, 1),
        case(&[Fault::AnswerTooLate], Ends::Done, 2, 1),
        case(&[Fault::AnswerLost], Ends::Done, 2, 1),
        case(&[Fault::AnswerCutShort], Ends::Done, 2, 1),
        case(&[Fault::ConnectionCut], Ends::Done, 2, 1),
        case(&[limited], Ends::Done, 2, 1),
        case(&[Fault::FailsBefore], Ends::Done, 2, 1),
        case(&[Fault::BadGateway], Ends::Done, 2, 1),
        case(&[Fault::ArrivesTwice], Ends::Done, 1, 1),
        case(&[Fault::StillAtWork], Ends::Done, 3, 1),
        case(&[Fault::AnswerLost, limited, Fault::FailsBefore], Ends::Done, 4, 1),
        case(&[Fault::AnswerLost; 4], Ends::Unknown, 4, 1),
        case(&[Fault::FailsAfter], Ends::Unknown, 4, 1),
        case(&[Fault::FailsForGood], Ends::Unknown, 1, 0),
        case(&[Fault::AnswerLost, Fault::RateLimited { retry_after_s: 3_600 }], Ends::Unknown, 2, 1),
        case(&[Fault::RateLimited { retry_after_s: 3_600 }], Ends::NotDone, 1, 0),
        case(&[limited; 4], Ends::NotDone, 4, 0),
    ]
}

#[tokio::test]
async fn money_moves_once_whatever_goes_wrong() {
    let all = cases();
    let runs = all.iter().flat_map(|case| MOVES.map(|movement| (case, movement)));
    join_all(runs.map(|(case, movement)| async move {
        let name = format!("{movement:?} under {:?}", case.faults);
        let bed = Bed::start(movement).await;
        for fault in &case.faults {
            bed.fake.fail_next(&bed.request(), *fault);
        }
        let outcome = bed.ask(&bed.fake.client(case.timing), &key("attempt")).await;
        assert_eq!(
            (ends(&outcome), bed.tries(), bed.done()),
            (case.ends, case.tries, case.done),
            "{name}: {outcome:?}"
        );
        if let Err(error) = &outcome {
            assert_eq!((error.trace.tries, error.trace.key.as_ref()), (case.tries, Some(&key("attempt"))), "{name}");
        }
    }))
    .await;
}

#[tokio::test]
async fn an_attempt_that_was_left_open_is_settled_by_its_key() {
    let scripts: [&[Fault]; 3] = [&[Fault::AnswerLost; 4], &[Fault::ConnectionCut; 4], &[Fault::FailsForGood]];
    for (movement, script) in MOVES.into_iter().flat_map(|movement| scripts.map(|script| (movement, script))) {
        let bed = Bed::start(movement).await;
        for fault in script {
            bed.fake.fail_next(&bed.request(), *fault);
        }
        let client = bed.fake.client(timing());
        let outcome = bed.ask(&client, &key("attempt")).await;
        assert_eq!(ends(&outcome), Ends::Unknown, "{movement:?} under {script:?}");
        // Another process, after a crash.
        drop(client);
        let outcome = bed.ask(&bed.fake.client(timing()), &key("attempt")).await;
        assert_eq!((ends(&outcome), bed.done()), (Ends::Done, 1), "{movement:?} under {script:?}: {outcome:?}");
    }
}

/// Where Stripe remembers its own failure, the key tells nothing; the objects do.
#[tokio::test]
async fn an_attempt_that_stripe_itself_failed_is_found_by_looking() {
    for movement in MOVES {
        let bed = Bed::start(movement).await;
        bed.fake.fail_next(&bed.request(), Fault::FailsAfter);
        let client = bed.fake.client(timing());
        for _ in 0..2 {
            let error = bed.ask(&client, &key("attempt")).await.expect_err("a 500 that is remembered");
            assert_eq!(*error.kind, StripeErrorKind::OutcomeUnknown { reason: "status 500".to_owned() });
        }
        assert!(bed.find(&client).await, "{movement:?}");
        assert_eq!(bed.done(), 1, "{movement:?}");
    }
}

#[tokio::test]
async fn two_nodes_with_the_same_attempt_move_money_once() {
    for movement in MOVES {
        let bed = Bed::start(movement).await;
        let clients: Vec<StripeClient> = (0..8).map(|_| bed.fake.client(timing())).collect();
        let attempt = key("attempt");
        let outcomes = join_all(clients.iter().map(|client| bed.ask(client, &attempt))).await;
        assert!(outcomes.iter().all(|outcome| ends(outcome) == Ends::Done), "{outcomes:?}");
        assert_eq!(bed.done(), 1, "{movement:?}");
    }
}
