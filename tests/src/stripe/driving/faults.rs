//! Refunds and payments of invoices under every fault of the network and of Stripe.

use reqwest::Method;
use serde_json::json;

use super::{AMOUNT_MINOR, Bed, until};
use crate::stripe::fake::Fault;
use crate::support::on_both_engines;

/// Patience for one round of tries and no more.
pub(super) const QUICK: [(&str, &str); 1] = [("DAYBOOK_TENANTS_COACHING_STRIPE_TIMEOUT_S", "1")];

/// When Stripe's own event about it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// While the answer is not known yet; the faults must give the time for it.
    Before,
    After,
}

pub(super) fn cases() -> Vec<(Vec<Fault>, Heard)> {
    let limited = Fault::RateLimited { retry_after_s: 0 };
    vec![
        (vec![], Heard::After),
        (vec![Fault::AnswerLost], Heard::After),
        (vec![Fault::AnswerTooLate], Heard::After),
        (vec![Fault::AnswerTooLate], Heard::Before),
        (vec![limited], Heard::After),
        (vec![limited; 3], Heard::After),
        // A 500 that its key remembers: what was made tells.
        (vec![Fault::FailsAfter], Heard::After),
        (vec![Fault::FailsBefore], Heard::After),
        (vec![Fault::FailsForGood], Heard::After),
        (vec![Fault::AnswerLost; 2], Heard::After),
        (vec![Fault::AnswerTooLate, Fault::AnswerTooLate], Heard::Before),
        (vec![Fault::ConnectionCut], Heard::After),
        (vec![Fault::ArrivesTwice], Heard::After),
        (vec![Fault::StillAtWork], Heard::After),
        (vec![Fault::BadGateway], Heard::After),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_made_once() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        for (number, (faults, heard)) in cases().into_iter().enumerate() {
            let payment = bed.payment(&format!("refund{number}")).await;
            for fault in &faults {
                bed.fake.fail_next("POST /v1/refunds", *fault);
            }
            let name = format!("{faults:?} {heard:?}");
            let hear = async {
                until(|| bed.refunds_of(&payment) == 1).await;
                let refund = bed.fake.refunds().into_iter().find(|refund| refund.payment == payment).expect("it").id;
                bed.deliver("refund.created", &refund).await;
            };
            let answer = match heard {
                Heard::Before => tokio::join!(bed.refund(&payment), hear).0,
                Heard::After => {
                    let answer = bed.refund(&payment).await;
                    let books = bed.books().await;
                    hear.await;
                    assert_eq!(bed.books().await, books, "{name}");
                    answer
                }
            };
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
            bed.app.settle().await;
            assert_eq!(bed.refunds_of(&payment), 1, "{name}");
            assert_eq!(bed.refunded(&payment).await, ("500.0".to_owned(), 1), "{name}");
            let again = bed.refund(&payment).await;
            assert_eq!((again.status, again.json()), (answer.status, answer.json()), "{name}");
            assert_eq!(bed.refunds_of(&payment), 1, "{name}");
        }
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_charged_once() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        for (number, (faults, heard)) in cases().into_iter().enumerate() {
            let invoice = bed.invoice(&format!("pay{number}"), "pm_card_visa").await;
            for fault in &faults {
                bed.fake.fail_next(&format!("POST /v1/invoices/{invoice}/pay"), *fault);
            }
            let name = format!("{faults:?} {heard:?}");
            let hear = async {
                until(|| bed.fake.object(&invoice)["status"] == "paid").await;
                let payment = bed.fake.charges().pop().expect("a charge").payment;
                bed.deliver("payment_intent.succeeded", &payment).await;
                bed.deliver("invoice.paid", &invoice).await;
            };
            let answer = match heard {
                Heard::Before => tokio::join!(bed.pay(&invoice), hear).0,
                Heard::After => {
                    let answer = bed.pay(&invoice).await;
                    let books = bed.books().await;
                    hear.await;
                    assert_eq!(bed.books().await, books, "{name}");
                    answer
                }
            };
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
            bed.app.settle().await;
            assert_eq!(bed.standing(&invoice).await, ("paid".to_owned(), "500.0".to_owned(), 1), "{name}");
            let again = bed.pay(&invoice).await;
            assert_eq!(again.status, 200, "{name}: {}", again.text);
            let charges = bed.fake.charges();
            assert_eq!(
                (charges.len(), charges.last().map(|charge| charge.amount_minor)),
                (number + 1, Some(AMOUNT_MINOR))
            );
        }
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_is_asked_once_and_says_why() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        for (number, faults) in [vec![], vec![Fault::AnswerLost], vec![Fault::AnswerTooLate]].into_iter().enumerate() {
            let card = "pm_card_chargeDeclinedInsufficientFunds";
            let invoice = bed.invoice(&format!("decline{number}"), card).await;
            for fault in &faults {
                bed.fake.fail_next(&format!("POST /v1/invoices/{invoice}/pay"), *fault);
            }
            let answer = bed.pay(&invoice).await;
            assert_eq!(answer.status, 400, "{faults:?}: {}", answer.text);
            let details = &answer.json()["error"]["details"];
            let payment = details["payment_id"].as_str().expect("a payment").to_owned();
            assert_eq!(details["decline_code"], "insufficient_funds", "{faults:?}");
            for _ in 0..2 {
                bed.app.settle().await;
                assert_eq!(bed.standing(&invoice).await, ("open".to_owned(), "0.0".to_owned(), 1), "{faults:?}");
                let payment = bed.app.get(&format!("/api/v1/payments/{payment}")).await.json();
                assert_eq!(payment["status"], "failed", "{faults:?}: {payment}");
                assert_eq!(bed.pay(&invoice).await.status, 400, "{faults:?}");
                bed.deliver("invoice.payment_failed", &invoice).await;
            }
            assert_eq!(bed.fake.charge_attempts(), u32::try_from(number).expect("a few") + 1, "{faults:?}");
        }
        assert_eq!(bed.fake.charges(), []);
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_refuses_is_refused_with_the_field() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        let payment = bed.payment("refusal").await;
        let path = format!("/api/v1/payments/{payment}/refund");
        let answer = bed.ask(Method::POST, &path, &json!({"amount": 500.01}), "over").await;
        assert_eq!((answer.status.as_u16(), answer.text.contains("amount")), (400, true), "{}", answer.text);
        let part = bed.ask(Method::POST, &path, &json!({"amount": 200}), "part").await;
        assert_eq!((part.status.as_u16(), bed.refunds_of(&payment)), (200, 1), "{}", part.text);
        let other = bed.ask(Method::POST, &path, &json!({"amount": 100}), "part").await;
        assert_eq!((other.status.as_u16(), bed.refunds_of(&payment)), (409, 1), "{}", other.text);
        bed.app.settle().await;
        assert_eq!(bed.refunded(&payment).await, ("200.0".to_owned(), 1));
        bed.app.stop().await;
    })
    .await;
}
