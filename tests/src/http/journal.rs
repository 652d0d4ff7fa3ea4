//! `/ledger/v1/journal`, `/accounts` and `/trial-balance`: what a renewal and a refund post, as of dates and positions, in
//! the forms of the surface, and what is refused.

use domain::command::Command;
use domain::id::{InvoiceId, PaymentId};
use domain::invoice::InvoiceCommand;
use domain::payment::PaymentCommand;
use serde_json::{Value, json};
use store::{EventIds, Request};

use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

async fn tell(app: &TestApp, at: &str, commands: Vec<Command>) -> i64 {
    let request = Request {
        tenant: tenant(),
        actor: "test".to_owned(),
        request_id: None,
        cause: None,
        now: at.parse().unwrap(),
        commands,
        claims: vec![],
        releases: vec![],
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new: false,
    };
    app.app.ledger.execute(request).await.unwrap().position
}

fn in_1() -> InvoiceId {
    InvoiceId::parse("in_1").unwrap()
}

fn pay_1() -> PaymentId {
    PaymentId::parse("pay_1").unwrap()
}

/// An invoice of 90.00 for January to March 2023, charged with a fee, of which 9.00 are refunded on February 1st.
/// Answers with the positions after the payment and after the refund.
async fn history(app: &TestApp) -> (i64, i64) {
    let snapshot = serde_json::from_value(json!({
        "customer": "cus_1", "status": "draft", "currency": "USD", "subtotal_minor": 9_000, "total_minor": 9_000,
        "amount_due_minor": 9_000, "amount_remaining_minor": 9_000, "created_at": "2023-01-01T00:00:00Z",
        "lines": [{ "quantity": 1, "amount_minor": 9_000,
            "period": { "start": "2023-01-01T00:00:00Z", "end": "2023-04-01T00:00:00Z" } }]
    }));
    let charge = serde_json::from_value(json!({
        "id": "ch_1", "status": "succeeded", "amount_minor": 9_000, "currency": "USD",
        "created_at": "2023-01-01T00:00:00Z", "customer": "cus_1", "invoice": "in_1", "fee_minor": 291, "net_minor": 8_709
    }));
    let refund = serde_json::from_value(json!({
        "id": "re_1", "status": "succeeded", "amount_minor": 900, "currency": "USD", "created_at": "2023-02-01T00:00:00Z"
    }));
    let issue = InvoiceCommand::Issue { id: in_1(), snapshot: Box::new(snapshot.unwrap()), year: None };
    let attempt = PaymentCommand::RecordAttempt { id: pay_1(), charge: Box::new(charge.unwrap()) };
    let receive =
        InvoiceCommand::RecordPayment { payment: Some(pay_1()), out_of_band: false, amount_minor: Some(9_000) };
    tell(app, "2023-01-01T00:00:00Z", vec![Command::Invoice(in_1(), issue)]).await;
    let paid = vec![Command::Payment(pay_1(), attempt), Command::Invoice(in_1(), receive)];
    let paid = tell(app, "2023-01-01T00:00:00Z", paid).await;
    let refund = PaymentCommand::Refund { refund: refund.unwrap() };
    let refunded = tell(app, "2023-02-01T00:00:00Z", vec![Command::Payment(pay_1(), refund)]).await;
    app.settle().await;
    (paid, refunded)
}

async fn get(app: &TestApp, path: &str) -> Value {
    let answer = app.get(&format!("/ledger/v1{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()
}

/// Each account with its debit and credit.
fn columns(trial: &Value) -> Vec<(i64, String, String)> {
    let text = |row: &Value, side: &str| row[side].to_string();
    let rows = trial["accounts"].as_array().unwrap().iter();
    rows.map(|row| (row["account"].as_i64().unwrap(), text(row, "debit"), text(row, "credit"))).collect()
}

fn keys(journal: &Value) -> Vec<&str> {
    journal["entries"].as_array().unwrap().iter().map(|entry| entry["key"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_read_in_the_order_they_were_posted() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (paid, refunded) = history(&app).await;
        let journal = get(&app, "/journal").await;
        let expected = ["in_1:finalized", "pay_1:settled", "pay_1:fee", "re_1:succeeded"];
        assert_eq!((keys(&journal), journal["next"].as_i64()), (expected.to_vec(), Some(refunded)));
        let refund = json!({
            "position": refunded, "effective_at": "2023-02-01T00:00:00Z", "currency": "USD",
            "stream": { "type": "payment", "id": "pay_1" }, "key": "re_1:succeeded", "book": "invoice/in_1",
            "lines": [
                { "account": 4910, "debit": 3.10 }, { "account": 2000, "debit": 5.90 }, { "account": 1010, "credit": 9.00 }
            ]
        });
        assert_eq!(journal["entries"][3], refund);
        let finalized = paid - 2;
        for (query, expected) in [
            (format!("?after={finalized}"), &expected[1..]),
            (format!("?as_of={paid}"), &expected[..3]),
            (format!("?after={finalized}&limit=1"), &expected[1..3]),
            ("?as_of=2023-01-15T00:00:00Z".to_owned(), &expected[..3]),
            ("?from=2023-01-02".to_owned(), &expected[3..]),
            ("?to=2023-02-01".to_owned(), &expected[..3]),
            ("?stream=payment/pay_1".to_owned(), &expected[1..]),
            ("?stream=invoice/in_1".to_owned(), &expected[..]),
            ("?stream=invoice/in_2".to_owned(), &expected[..0]),
        ] {
            assert_eq!(keys(&get(&app, &format!("/journal{query}")).await), expected, "{query}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn balances_are_of_a_date_and_what_was_known_at_a_position() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (paid, refunded) = history(&app).await;
        let row = |account, debit: &str, credit: &str| (account, debit.to_owned(), credit.to_owned());
        let march = vec![
            row(1010, "78.09", "0.0"),
            row(1100, "0.0", "0.0"),
            row(2000, "0.0", "0.0"),
            row(4000, "0.0", "84.1"),
            row(4910, "3.1", "0.0"),
            row(6000, "2.91", "0.0"),
        ];
        let january = vec![
            row(1010, "87.09", "0.0"),
            row(1100, "0.0", "0.0"),
            row(2000, "0.0", "59.0"),
            row(4000, "0.0", "31.0"),
            row(6000, "2.91", "0.0"),
        ];
        let unrefunded = vec![
            row(1010, "87.09", "0.0"),
            row(1100, "0.0", "0.0"),
            row(2000, "0.0", "31.0"),
            row(4000, "0.0", "59.0"),
            row(6000, "2.91", "0.0"),
        ];
        for (query, expected) in [
            (String::new(), march.clone()),
            ("?date=2023-03-31".to_owned(), march),
            ("?date=2023-01-31".to_owned(), january.clone()),
            ("?as_of=2023-01-31T12:00:00Z".to_owned(), january),
            (format!("?as_of={paid}&date=2023-02-28"), unrefunded),
            ("?date=2022-12-31".to_owned(), vec![]),
        ] {
            let trial = get(&app, &format!("/trial-balance{query}")).await;
            assert_eq!(columns(&trial), expected, "{query}");
            assert_eq!(trial["balanced"], true, "{query}");
            let total = &trial["totals"][0];
            assert_eq!(total["debit"], total["credit"], "{query}");
        }
        let february = get(&app, "/trial-balance?date=2023-02-28").await;
        assert_eq!((february["as_of"].as_i64(), &february["date"]), (Some(refunded), &json!("2023-02-28")));
        let deferred = json!({
            "account": 2000, "name": "Deferred revenue, current", "currency": "USD",
            "posted": { "debit": 5.90, "credit": 90.00 }, "recognized": { "debit": 56.20, "credit": 0.00 },
            "debit": 0.00, "credit": 27.90
        });
        assert_eq!(february["accounts"][2], deferred);
        let accounts = get(&app, "/accounts?date=2023-02-28").await;
        assert_eq!(accounts["accounts"].as_array().unwrap().len(), 28);
        assert_eq!(accounts["accounts"][0]["name"], "Bank");
        let account = get(&app, "/accounts/4910?date=2023-02-28").await;
        let named = (&account["account"], &account["name"], &account["normal_side"]);
        assert_eq!(named, (&json!(4910), &json!("Refunds"), &json!("debit")));
        assert_eq!(account["balances"][0]["debit"], 3.10);
        assert_eq!(keys(&account), ["re_1:succeeded"]);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_make_no_sense_are_refused() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        for (path, status, field) in [
            ("/journal?limit=1001", 400, json!("limit")),
            ("/journal?after=x", 400, json!("after")),
            ("/journal?as_of=999999", 400, json!("as_of")),
            ("/journal?as_of=yesterday", 400, json!("as_of")),
            ("/journal?from=2023-02-30", 400, json!("from")),
            ("/journal?stream=in_1", 400, json!("stream")),
            ("/trial-balance?date=2023-02-30", 400, json!("date")),
            ("/trial-balance?date=2023-02", 400, json!("date")),
            ("/trial-balance?as_of=-1", 400, json!("as_of")),
            ("/accounts/1", 404, json!(null)),
            ("/accounts/x", 404, json!(null)),
        ] {
            let answer = app.get(&format!("/ledger/v1{path}")).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
            assert_eq!(answer.json()["field"], field, "{path}");
        }
        let key = crate::support::app::key_with(&app, "read").await;
        for path in ["/journal", "/accounts", "/accounts/1010", "/trial-balance"] {
            let asked = app.raw(|client, base| client.get(format!("{base}/ledger/v1{path}")).bearer_auth(&key)).await;
            assert_eq!(asked.status, 403, "{path}");
        }
        app.stop().await;
    })
    .await;
}
