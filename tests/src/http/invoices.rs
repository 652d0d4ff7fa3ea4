//! `/api/v1/invoices` and `/ledger/v1/invoices`: one invoice, its PDF, reminders, and what finance does with it.

use serde_json::{Value, json};

use super::customers::create_example;
use super::subscription_changes::{payer, refused, subscribe};
use crate::support::{TestApp, on_both_engines};

/// A draft or finalized invoice over these items.
async fn bill(app: &TestApp, customer: &str, extra: &Value) -> Value {
    let mut body = json!({
        "customer_id": customer, "currency": "USD", "items": [{ "description": "Workshop", "amount": "100.00" }]
    });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let created = app.post("/ledger/v1/invoices", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_read_printed_and_reminded_of() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = app.post("/api/v1/customers", &create_example()).await.json();
        let customer = customer["customer_id"].as_str().unwrap().to_owned();
        let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
        let invoice = app.get(&path).await.json()["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
        let found = app.get(&format!("/api/v1/invoices/{invoice}")).await;
        assert!(found.headers.contains_key("etag"));
        let found = found.json();
        let expected = json!({
            "invoice_id": invoice, "invoice_number": "INV-2024-000001", "customer_id": customer, "status": "paid",
            "amount_due": 5437.5, "amount_paid": 5437.5, "tax_amount": 437.5, "total": 5437.5, "currency": "USD",
            "due_date": "2024-01-15T10:30:00Z", "paid_at": "2024-01-15T10:30:00Z",
            "invoice_pdf_url": format!("/api/v1/invoices/{invoice}/pdf"), "credit_notes": [], "discounts": [],
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&found[key], value, "{key}");
        }
        let line = json!({ "start": "2024-01-15T10:30:00Z", "end": "2024-02-15T10:30:00Z" });
        assert_eq!(
            (&found["line_items"][0]["period"], &found["line_items"][0]["unit_amount"]),
            (&line, &json!(5000.0))
        );
        let pdf = app
            .raw(|client, base| client.get(format!("{base}/api/v1/invoices/{invoice}/pdf")).bearer_auth(&app.key))
            .await;
        assert_eq!((pdf.status.as_u16(), pdf.headers["content-type"].to_str().unwrap()), (200, "application/pdf"));
        assert!(pdf.text.starts_with("%PDF-"));

        // The request of seed 000_, "Send Invoice Reminder", as printed.
        let reminder = json!({
            "message_type": "gentle_reminder",
            "custom_message": "Hi John, just a friendly reminder about your upcoming coaching session payment.",
            "send_via": ["email", "sms"]
        });
        let paid = app.post(&format!("/api/v1/invoices/{invoice}/remind"), &reminder).await;
        assert_eq!(refused(&paid), (409, "status".to_owned()), "{}", paid.text);
        let open = bill(&app, &customer, &json!({ "collection_method": "send_invoice", "days_until_due": 14 })).await;
        let path = format!("/api/v1/invoices/{}", open["invoice_id"].as_str().unwrap());
        let queued = app.post(&format!("{path}/remind"), &reminder).await;
        assert_eq!((queued.status.as_u16(), &queued.json()["status"]), (202, &json!("queued")), "{}", queued.text);
        let by_pigeon = app.post(&format!("{path}/remind"), &json!({ "send_via": ["pigeon"] })).await;
        assert_eq!(refused(&by_pigeon), (400, "send_via".to_owned()));
        let due = app.get(&path).await.json();
        assert_eq!((&due["due_date"], &due["total"]), (&json!("2024-01-29T10:30:00Z"), &json!(108.75)));
        let paid = app.post(&format!("{path}/pay"), &json!({})).await;
        assert_eq!((paid.status.as_u16(), &paid.json()["status"]), (200, &json!("paid")), "{}", paid.text);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_finalized_and_open_invoices_settled_by_hand() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_chargeDeclined").await;
        let items = json!({ "items": [
            { "description": "Workshop", "unit_amount": "100.00", "quantity": 3 },
            { "description": "Book", "amount": 19.99, "quantity": 2 }
        ], "finalize": false });
        let draft = bill(&app, &customer, &items).await;
        assert_eq!(
            (&draft["status"], &draft["total"], &draft["number"]),
            (&json!("draft"), &json!(319.99), &Value::Null)
        );
        let id = draft["invoice_id"].as_str().unwrap().to_owned();
        let (coaching, ledger) = (format!("/api/v1/invoices/{id}"), format!("/ledger/v1/invoices/{id}"));
        assert_eq!(app.get(&format!("{coaching}/pdf")).await.status, 404, "a draft is no document");
        let early = app.post(&format!("{coaching}/pay"), &json!({})).await;
        assert_eq!(refused(&early), (409, "status".to_owned()), "{}", early.text);
        let open = app.post(&format!("{ledger}/finalize"), &json!({})).await;
        assert_eq!(
            (open.status.as_u16(), &open.json()["status"], &open.json()["attempt_count"]),
            (200, &json!("open"), &json!(1)),
            "{}",
            open.text
        );
        let declined = app.post(&format!("{coaching}/pay"), &json!({})).await;
        let code = declined.json()["error"]["details"]["decline_code"].clone();
        assert_eq!((declined.status.as_u16(), code), (400, json!("generic_decline")), "{}", declined.text);
        for amount in [json!(0), json!(-1), json!("1.001"), json!(1_000_000_000_001_i64)] {
            let answer = app.post(&format!("{ledger}/pay-out-of-band"), &json!({ "amount": amount })).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!("amount")), "{amount}");
        }
        let part = app.post(&format!("{ledger}/pay-out-of-band"), &json!({ "amount": "19.99" })).await.json();
        assert_eq!((&part["status"], &part["amount_remaining"]), (&json!("open"), &json!(300.0)));
        let void = app.post(&format!("{ledger}/void"), &json!({})).await;
        assert_eq!(
            (void.status.as_u16(), &void.json()["field"]),
            (409, &json!("status")),
            "partly paid: {}",
            void.text
        );
        let over = app.post(&format!("{ledger}/pay-out-of-band"), &json!({ "amount": "350.00" })).await.json();
        assert_eq!((&over["status"], &over["amount_remaining"]), (&json!("paid"), &json!(0.0)));
        let balance = app.get(&format!("/ledger/v1/customers/{customer}/balance")).await.json();
        assert_eq!(balance["balances"], json!([{ "currency": "USD", "credit": 50.0, "prepaid": 0.0, "total": 50.0 }]));

        let bad_debt = bill(&app, &customer, &json!({ "collection_method": "send_invoice" })).await;
        let path = format!("/ledger/v1/invoices/{}", bad_debt["invoice_id"].as_str().unwrap());
        assert_eq!((&bad_debt["amount_due"], &bad_debt["balance_applied"]), (&json!(50.0), &json!(50.0)));
        let written_off = app.post(&format!("{path}/mark-uncollectible"), &json!({})).await;
        assert_eq!(written_off.json()["status"], "uncollectible", "{}", written_off.text);
        let void = app.post(&format!("{path}/void"), &json!({})).await;
        assert_eq!(void.json()["status"], "void", "{}", void.text);
        let balance = app.get(&format!("/ledger/v1/customers/{customer}/balance")).await.json();
        assert_eq!(balance["balances"][0]["credit"], 50.0, "what it used comes back");
        let id = bad_debt["invoice_id"].as_str().unwrap();
        for answer in [
            app.post(&format!("/api/v1/invoices/{id}/pay"), &json!({})).await,
            app.post("/api/v1/payments", &json!({ "invoice_id": id })).await,
        ] {
            assert_eq!(refused(&answer), (409, "status".to_owned()), "paying a void invoice: {}", answer.text);
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_that_cannot_be_are_refused_by_field() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let with = |item: Value, extra: Value| {
            let mut body = json!({ "customer_id": customer, "currency": "USD", "items": [item] });
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            body
        };
        let fine = || json!({ "description": "Workshop", "amount": 1 });
        let cases = [
            (with(fine(), json!({ "currency": "XYZ" })), 400, "currency"),
            (with(fine(), json!({ "items": [] })), 400, "items"),
            (with(fine(), json!({ "days_until_due": 3 })), 400, "days_until_due"),
            (with(fine(), json!({ "collection_method": "barter" })), 400, "collection_method"),
            (with(json!({ "description": "Workshop", "amount": -1 }), json!({})), 400, "items[0].amount"),
            (with(json!({ "description": "Workshop" }), json!({})), 400, "items[0].amount"),
            (with(json!({ "description": "", "amount": 1 }), json!({})), 400, "items[0].description"),
            (with(json!({ "description": "W", "amount": 1, "quantity": 0 }), json!({})), 400, "items[0].quantity"),
        ];
        for (body, status, field) in cases {
            let answer = app.post("/ledger/v1/invoices", &body).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (status, &json!(field)), "{}", answer.text);
        }
        let nobody = app.post("/ledger/v1/invoices", &with(fine(), json!({ "customer_id": "cus_nobody" }))).await;
        assert_eq!(nobody.status, 404, "{}", nobody.text);
        assert_eq!(app.get("/ledger/v1/invoices/in_nothing").await.status, 404);
        let reader = crate::support::app::key_with(&app, "ledger:read full").await;
        let body = with(fine(), json!({})).to_string();
        let answer = app
            .raw(|client, base| client.post(format!("{base}/ledger/v1/invoices")).bearer_auth(&reader).body(body))
            .await;
        assert!([403, 415].contains(&answer.status.as_u16()), "{}", answer.text);
        app.stop().await;
    })
    .await;
}
