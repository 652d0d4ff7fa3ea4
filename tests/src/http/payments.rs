//! `/api/v1/payments`: the document's example as printed, declines, retries, refunds, cards, and what is refused.

use serde_json::{Value, json};

use super::customers::create_example;
use super::subscription_changes::{move_clock, payer, refused, subscribe};
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

/// The request of seed 000_, "Process Payment", as printed but for the customer's id.
fn payment_example(customer: &str) -> Value {
    json!({
        "customer_id": customer,
        "amount": 997.00,
        "currency": "USD",
        "payment_method_id": "pm_1234567890",
        "description": "Self-Paced AI Course",
        "metadata": { "product_id": "course_ai_fundamentals", "order_id": "ord_789xyz" },
        "receipt_email": "customer@example.com",
        "statement_descriptor": "CHRISTOPHER AI"
    })
}

async fn with_key(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    app.raw(|client, base| {
        let request = client.post(format!("{base}{path}")).bearer_auth(&app.key).header("idempotency-key", key);
        request.header("content-type", "application/json").body(body.to_string())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_taken_and_refunded_as_the_document_prints_it() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = app.post("/api/v1/customers", &create_example()).await.json();
        let customer = customer["customer_id"].as_str().unwrap().to_owned();
        let paid = with_key(&app, "/api/v1/payments", "sale", &payment_example(&customer)).await;
        assert_eq!(paid.status, 200, "{}", paid.text);
        let body = paid.json();
        let id = body["payment_id"].as_str().unwrap().to_owned();
        let expected = json!({
            "payment_id": id,
            "stripe_payment_intent_id": format!("sandbox_{id}"),
            "amount": 997.0,
            "currency": "USD",
            "status": "succeeded",
            "payment_method": { "type": "card", "last4": "4242", "exp_month": 12, "exp_year": 2027 },
            "receipt_url": format!("/api/v1/invoices/{}/pdf", body["invoice_id"].as_str().unwrap()),
            "processing_fee": 29.21,
            "net_amount": 967.79,
            "processed_at": "2024-01-15T10:30:00Z",
            "description": "Self-Paced AI Course",
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&body[key], value, "{key}");
        }
        assert!(paid.text.contains("\"amount\":997.00"), "{}", paid.text);
        assert_eq!(app.get(&format!("/api/v1/payments/{id}")).await.json(), body);
        let again = with_key(&app, "/api/v1/payments", "sale", &payment_example(&customer)).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, body.clone()), "charged once");

        let refund = json!({
            "amount": 997.00,
            "reason": "requested_by_customer",
            "refund_application_fee": true,
            "metadata": { "refund_reason": "course_not_completed", "processed_by": "support_team" }
        });
        let path = format!("/api/v1/payments/{id}/refund");
        let part = app.post(&path, &json!({ "amount": "97.00" })).await;
        assert_eq!((part.status.as_u16(), part.json()["payment_status"].as_str()), (200, Some("partially_refunded")));
        let over = app.post(&path, &refund).await;
        assert_eq!(refused(&over), (400, "amount".to_owned()), "{}", over.text);
        let rest = with_key(&app, &path, "rest", &json!({ "reason": "requested_by_customer" })).await;
        assert_eq!(rest.status, 200, "{}", rest.text);
        let rest = rest.json();
        assert_eq!(
            (rest["amount"].as_f64(), rest["refunded_amount"].as_f64(), rest["status"].as_str()),
            (Some(900.0), Some(997.0), Some("succeeded"))
        );
        let repeated = with_key(&app, &path, "rest", &json!({ "reason": "requested_by_customer" })).await;
        assert_eq!((repeated.status.as_u16(), repeated.json()), (200, rest));
        for twice in [json!({}), json!({ "amount": 0.01 })] {
            assert_eq!(refused(&app.post(&path, &twice).await), (400, "amount".to_owned()), "{twice}");
        }
        let second = app.post("/api/v1/payments", &payment_example(&customer)).await.json();
        let path = format!("/api/v1/payments/{}/refund", second["payment_id"].as_str().unwrap());
        assert_eq!(app.post(&path, &refund).await.json()["payment_status"], "refunded", "the refund as printed");
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_is_a_failure_with_its_code_and_leaves_its_attempt() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_chargeDeclinedInsufficientFunds").await;
        let mut body = payment_example(&customer);
        body["payment_method_id"] = json!("pm_card_chargeDeclinedInsufficientFunds");
        let declined = with_key(&app, "/api/v1/payments", "sale", &body).await;
        assert_eq!(declined.status, 400, "{}", declined.text);
        let error = declined.json()["error"].clone();
        assert_eq!(
            (&error["code"], &error["details"]["decline_code"]),
            (&json!("PAYMENT_FAILED"), &json!("insufficient_funds"))
        );
        let again = with_key(&app, "/api/v1/payments", "sale", &body).await;
        assert_eq!((again.status.as_u16(), &again.json()["error"]["details"]), (400, &error["details"]));
        let id = error["details"]["payment_id"].as_str().unwrap();
        let payment = app.get(&format!("/api/v1/payments/{id}")).await.json();
        assert_eq!(
            (&payment["status"], &payment["decline_code"], &payment["processing_fee"], &payment["invoice_id"]),
            (&json!("failed"), &json!("insufficient_funds"), &Value::Null, &Value::Null)
        );
        // What was not sold is not owed, and nobody is dunned for it.
        let invoices = app.get(&format!("/api/v1/customers/{customer}/invoices")).await.json();
        assert_eq!(invoices["pagination"]["total"], 0);
        assert_eq!(app.get("/api/v1/dunning/campaigns").await.json()["pagination"]["total"], 0);
        let refund = app.post(&format!("/api/v1/payments/{id}/refund"), &json!({})).await;
        assert_eq!(refused(&refund), (400, "amount".to_owned()), "{}", refund.text);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_are_taken_by_the_sandbox_and_never_stored() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let pay = |number: &str, year: i64| {
            json!({ "customer_id": customer, "amount": "10.00", "currency": "USD",
                "card": { "number": number, "exp_month": 12, "exp_year": year, "cvc": "123" } })
        };
        let codes = [
            ("4000000000000002", "generic_decline"),
            ("4000 0000 0000 0119", "processing_error"),
            ("4000000000000341", "generic_decline"),
            ("4000000000003220", "authentication_required"),
            ("4000000000000069", "expired_card"),
        ];
        for (number, code) in codes {
            let declined = app.post("/api/v1/payments", &pay(number, 2026)).await;
            assert_eq!((declined.status.as_u16(), declined.json()["error"]["details"]["decline_code"].as_str()), (400, Some(code)), "{}", declined.text);
        }
        let paid = app.post("/api/v1/payments", &pay("4242424242424242", 2026)).await.json();
        assert_eq!((&paid["status"], &paid["payment_method"]["exp_year"]), (&json!("succeeded"), &json!(2026)));
        for (body, field) in [
            (pay("4111111111111111", 2026), "card.number"),
            (pay("4242424242424242", 2023), "card.exp_year"),
        ] {
            let answer = app.post("/api/v1/payments", &body).await;
            assert_eq!(refused(&answer), (400, field.to_owned()), "{}", answer.text);
            assert!(!answer.text.contains("4111111111111111"));
        }
        let methods = format!("/api/v1/customers/{customer}/payment-methods");
        let card = json!({ "card": { "number": "5555555555554444", "exp_month": 3, "exp_year": 2028, "cvc": "999" }, "set_default": true });
        let attached = app.post(&methods, &card).await;
        assert_eq!(attached.status, 201, "{}", attached.text);
        let id = attached.json()["id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("pm_sbx_4444_"));
        assert_eq!((&attached.json()["is_default"], &attached.json()["last4"]), (&json!(true), &json!("4444")));
        let gone = super::subscription_changes::delete(&app, &format!("{methods}/{id}"), &json!({})).await;
        assert_eq!(gone.status, 200, "{}", gone.text);
        let listed = app.get(&methods).await.text;
        assert!(!listed.contains(&id), "{listed}");
        let entries = app.app.ledger.read(0, 1_000).await.unwrap();
        for entry in entries {
            assert!(!entry.payload.contains("4242424242") && !entry.payload.contains("5555555555"), "{}", entry.payload);
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_payment_is_tried_again_by_its_invoice() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_chargeDeclined").await;
        let path = subscribe(&app, &customer, &json!({ "plan_id": "community_access", "trial_period_days": 1 })).await;
        move_clock(&app, "2024-01-16T10:30:00Z").await;
        let failed = app.get(&path).await.json();
        assert_eq!((&failed["status"], &failed["latest_invoice"]["status"]), (&json!("past_due"), &json!("open")));
        let invoice = failed["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
        let retry = |extra: Value| {
            let mut body = json!({ "invoice_id": invoice });
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            body
        };
        let cases = [
            (retry(json!({ "amount": 96.99 })), "amount"),
            (retry(json!({ "amount": 97, "currency": "EUR" })), "currency"),
            (retry(json!({ "customer_id": "cus_other" })), "customer_id"),
        ];
        for (body, field) in cases {
            let answer = app.post("/api/v1/payments", &body).await;
            assert_eq!(refused(&answer), (400, field.to_owned()), "{body}: {}", answer.text);
        }
        let declined = app.post("/api/v1/payments", &retry(json!({}))).await;
        assert_eq!(declined.json()["error"]["details"]["decline_code"], "generic_decline", "{}", declined.text);
        let methods = format!("/api/v1/customers/{customer}/payment-methods");
        assert_eq!(app.post(&methods, &json!({ "payment_method_id": "pm_card_visa" })).await.status, 201);
        let good = retry(json!({ "payment_method_id": "pm_card_visa", "amount": "97.00", "currency": "USD" }));
        let paid = app.post("/api/v1/payments", &good).await;
        assert_eq!(
            (paid.status.as_u16(), &paid.json()["amount"], &paid.json()["failed_attempts"]),
            (200, &json!(97.0), &json!(2)),
            "{}",
            paid.text
        );
        assert_eq!(app.get(&path).await.json()["status"], "active");
        let settled = app.post("/api/v1/payments", &good).await;
        assert_eq!(refused(&settled).0, 400, "nothing is left to be paid: {}", settled.text);
        let settled = app.post("/api/v1/payments", &retry(json!({}))).await;
        assert_eq!(refused(&settled), (409, "status".to_owned()), "{}", settled.text);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_that_cannot_be_are_refused_by_field() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let bare = app.post("/api/v1/customers", &json!({ "email": "bare@example.com" })).await.json();
        let with = |extra: Value| {
            let mut body = json!({ "customer_id": customer, "amount": 10, "currency": "USD" });
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            body
        };
        let head = app.app.ledger.head().await.unwrap();
        let cases = [
            (with(json!({ "amount": 0 })), 400, "amount"),
            (with(json!({ "amount": -5 })), 400, "amount"),
            (with(json!({ "amount": 10.001 })), 400, "amount"),
            (with(json!({ "amount": "ten" })), 400, "amount"),
            (with(json!({ "amount": 1_000_000_000_001_i64 })), 400, "amount"),
            (with(json!({ "amount": 10.5, "currency": "JPY" })), 400, "amount"),
            (with(json!({ "currency": "XYZ" })), 400, "currency"),
            (json!({ "customer_id": customer, "amount": 10 }), 400, "currency"),
            (json!({ "customer_id": customer, "currency": "USD" }), 400, "amount"),
            (json!({ "amount": 10, "currency": "USD" }), 400, "customer_id"),
            (with(json!({ "customer_id": bare["customer_id"] })), 400, "payment_method_id"),
            (with(json!({ "customer_id": "cus_nobody" })), 404, ""),
            (with(json!({ "payment_method_id": "pm_of_nobody" })), 404, ""),
            (json!({ "invoice_id": "in_nothing" }), 404, ""),
        ];
        for (body, status, field) in cases {
            let answer = app.post("/api/v1/payments", &body).await;
            assert_eq!(refused(&answer), (status, field.to_owned()), "{body}: {}", answer.text);
        }
        assert_eq!(app.get("/api/v1/payments/pay_nothing").await.status, 404);
        assert_eq!(app.app.ledger.head().await.unwrap(), head);
        app.stop().await;
    })
    .await;
}
