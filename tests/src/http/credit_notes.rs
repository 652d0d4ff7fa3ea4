//! Credit notes, balances and disputes on `/ledger/v1`: to the cent, and never more than there is.

use serde_json::{Value, json};

use super::customers::create_example;
use super::subscription_changes::{move_clock, payer, subscribe};
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

fn problem(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["field"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_credited_with_its_tax_and_never_beyond_it() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = app.post("/api/v1/customers", &create_example()).await.json();
        let customer = customer["customer_id"].as_str().unwrap().to_owned();
        let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
        let invoice = app.get(&path).await.json()["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
        let notes = format!("/ledger/v1/invoices/{invoice}/credit-notes");
        let credited = app.post(&notes, &json!({ "amount": "1087.50", "to": "balance", "reason": "Two sessions" })).await;
        assert_eq!(credited.status, 201, "{}", credited.text);
        let first = credited.json();
        let expected = json!({
            "number": "CN-2024-000001", "invoice_id": invoice, "customer_id": customer, "status": "issued",
            "subtotal": 1000.0, "tax": 87.5, "total": 1087.5, "to_receivable": 0.0, "to_refund": 0.0, "to_balance": 1087.5,
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&first[key], value, "{key}");
        }
        for (body, field) in [
            (json!({ "amount": 4350.01 }), "amount"),
            (json!({ "amount": 0 }), "amount"),
            (json!({ "amount": "1.001" }), "amount"),
            (json!({ "amount": 1, "to": "the moon" }), "to"),
        ] {
            assert_eq!(problem(&app.post(&notes, &body).await), (400, json!(field)), "{body}");
        }
        let rest = app.post(&notes, &json!({ "to": "refund" })).await;
        assert_eq!((rest.status.as_u16(), &rest.json()["to_refund"]), (201, &json!(4350.0)), "{}", rest.text);
        assert_eq!(problem(&app.post(&notes, &json!({})).await), (400, json!("amount")), "nothing is left");
        let payment = app.get(&format!("/ledger/v1/invoices/{invoice}")).await.json()["payment_id"].clone();
        let payment = app.get(&format!("/api/v1/payments/{}", payment.as_str().unwrap())).await.json();
        assert_eq!((&payment["refunded_amount"], &payment["status"]), (&json!(4350.0), &json!("partially_refunded")));
        let listed = app.get(&format!("/ledger/v1/credit-notes?customer_id={customer}")).await.json();
        assert_eq!(listed["credit_notes"], json!([rest.json(), first]));
        let void = |id: &Value| format!("/ledger/v1/credit-notes/{}/void", id.as_str().unwrap());
        let voided = app.post(&void(&first["credit_note_id"]), &json!({})).await;
        assert_eq!((voided.status.as_u16(), &voided.json()["status"]), (200, &json!("void")), "{}", voided.text);
        let balance = app.get(&format!("/ledger/v1/customers/{customer}/balance")).await.json();
        assert_eq!(balance["balances"], json!([]));
        let refunded = app.post(&void(&rest.json()["credit_note_id"]), &json!({})).await;
        assert_eq!(problem(&refunded), (409, json!("status")), "{}", refunded.text);
        for id in ["cn_nothing", "cn_a_b", "nothing"] {
            assert_eq!(app.post(&void(&json!(id)), &json!({})).await.status, 404, "{id}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn balance_is_bought_given_and_used() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let path = format!("/ledger/v1/customers/{customer}/balance");
        let bought = app.post(&path, &json!({ "amount": "100.00", "currency": "USD" })).await;
        assert_eq!(bought.status, 201, "{}", bought.text);
        let body = bought.json();
        let in_usd = |credit: f64, prepaid: f64| {
            json!([{ "currency": "USD", "credit": credit, "prepaid": prepaid, "total": credit + prepaid }])
        };
        assert_eq!(body["balances"], in_usd(0.0, 100.0));
        let payment = app.get(&format!("/api/v1/payments/{}", body["payment_id"].as_str().unwrap())).await.json();
        assert_eq!((&payment["amount"], &payment["processing_fee"]), (&json!(100.0), &json!(3.2)));
        let given = json!({ "amount": 5, "currency": "USD", "kind": "goodwill", "reason": "Sorry" });
        assert_eq!(app.post(&path, &given).await.json()["balances"], in_usd(5.0, 100.0));
        for (body, field) in [
            (json!({ "amount": -10, "currency": "USD" }), "amount"),
            (json!({ "amount": 10.001, "currency": "USD" }), "amount"),
            (json!({ "amount": 10, "currency": "XYZ" }), "currency"),
            (json!({ "amount": 10, "currency": "USD", "kind": "gift" }), "kind"),
            (json!({ "amount": 0, "currency": "USD", "kind": "goodwill" }), "amount"),
        ] {
            assert_eq!(problem(&app.post(&path, &body).await), (400, json!(field)), "{body}");
        }
        let script = format!("/ledger/v1/sandbox/customers/{customer}/outcomes");
        assert_eq!(super::catalogue::put(&app, &script, &json!(["lost_card"])).await.status, 200);
        let declined = app.post(&path, &json!({ "amount": 10, "currency": "USD" })).await;
        assert_eq!((declined.status.as_u16(), &declined.json()["decline_code"]), (402, &json!("lost_card")), "{}", declined.text);
        let wrong = super::catalogue::put(&app, &script, &json!(["no_such_outcome"])).await;
        assert_eq!(problem(&wrong), (400, json!("outcomes")));
        let plan = subscribe(&app, &customer, &json!({ "plan_id": "community_access" })).await;
        assert_eq!(app.get(&plan).await.json()["latest_invoice"]["amount_due"], 0.0);
        assert_eq!(app.get(&path).await.json()["balances"], in_usd(0.0, 8.0));
        move_clock(&app, "2024-02-15T10:30:00Z").await;
        assert_eq!(app.get(&plan).await.json()["latest_invoice"]["amount_due"], 89.0);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_plays_the_bank() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let sale = json!({ "customer_id": customer, "amount": 997, "currency": "USD" });
        let payment = app.post("/api/v1/payments", &sale).await.json()["payment_id"].as_str().unwrap().to_owned();
        let path = format!("/ledger/v1/sandbox/payments/{payment}/dispute");
        assert_eq!(app.post(&format!("{path}/close"), &json!({ "outcome": "won" })).await.status, 404, "none is open");
        for (body, field) in [(json!({ "amount": 997.01 }), "amount"), (json!({ "reason": "just so" }), "reason")] {
            assert_eq!(problem(&app.post(&path, &body).await), (400, json!(field)), "{body}");
        }
        let opened = app.post(&path, &json!({ "reason": "fraudulent", "amount": 500 })).await;
        assert_eq!(
            (opened.status.as_u16(), &opened.json()["status"], &opened.json()["withdrawn"]),
            (201, &json!("open"), &json!(500.0)),
            "{}",
            opened.text
        );
        assert_eq!(
            problem(&app.post(&format!("{path}/close"), &json!({ "outcome": "draw" })).await),
            (400, json!("outcome"))
        );
        let lost = app.post(&format!("{path}/close"), &json!({ "outcome": "lost" })).await;
        assert_eq!((lost.status.as_u16(), &lost.json()["status"]), (200, &json!("lost")), "{}", lost.text);
        let refund = app.post(&format!("/api/v1/payments/{payment}/refund"), &json!({ "amount": 497.01 })).await;
        assert_eq!(refund.status, 400, "what was lost cannot be given back: {}", refund.text);
        app.stop().await;
    })
    .await;
}
