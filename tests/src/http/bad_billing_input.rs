//! Bad input to billing: each is refused with its status, its code and the field that is wrong, and writes nothing.

use reqwest::Method;
use serde_json::{Value, json};

use super::catalogue::put;
use super::subscription_changes::{move_clock, payer, subscribe};
use crate::support::{TestApp, on_both_engines};

/// A request, and the status and field of its refusal.
type Row = (Method, String, Value, u16, &'static str);

/// What there is to be asked about, on January 31st 2024.
struct Things {
    customer: String,
    /// Of the elite plan since January 15th.
    subscription: String,
    /// Of 997.00, of which 97.00 went back.
    partly_refunded: String,
    refunded: String,
    /// Of a balance of 50.00, of which 20.00 was used.
    balance: String,
    open: String,
    paid: String,
    void: String,
}

async fn id_of(app: &TestApp, path: &str, body: &Value, field: &str) -> String {
    let answer = app.post(path, body).await;
    assert!(answer.status.is_success(), "{path} {body}: {}", answer.text);
    answer.json()[field].as_str().unwrap().to_owned()
}

async fn publish(app: &TestApp, path: &str, body: &Value) {
    let answer = put(app, &format!("/ledger/v1/catalog/{path}"), body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
}

async fn set_up(app: &TestApp) -> Things {
    let customer = payer(app, "ada@example.com", "pm_card_visa").await;
    let euros = json!({ "name": "Euros", "currency": "EUR", "amount": "10.00", "interval": "month" });
    publish(app, "plans/euros", &euros).await;
    let calls = json!({ "name": "Calls", "currency": "USD", "amount": "10.00", "interval": "month",
        "usage": [{ "metric": "calls", "amount": "0.10" }] });
    publish(app, "plans/calls", &calls).await;
    let off = |extra: Value| {
        let mut coupon = json!({ "percent_off": 10, "duration": "once" });
        coupon.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        coupon
    };
    publish(app, "coupons/EXPIRED", &off(json!({ "valid_until": "2024-01-20T00:00:00Z" }))).await;
    publish(app, "coupons/LATER", &off(json!({ "valid_from": "2024-02-20T00:00:00Z" }))).await;
    publish(app, "coupons/USEDUP", &off(json!({ "max_redemptions": 1 }))).await;
    let in_euros = json!({ "amount_off": "1.00", "currency": "EUR", "duration": "once" });
    publish(app, "coupons/EUROS", &in_euros).await;
    let subscription = subscribe(app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
    subscribe(app, &customer, &json!({ "plan_id": "community_access", "discount_code": "USEDUP" })).await;
    let sale = json!({ "customer_id": customer, "amount": 997, "currency": "USD" });
    let partly_refunded = id_of(app, "/api/v1/payments", &sale, "payment_id").await;
    let refunded = id_of(app, "/api/v1/payments", &sale, "payment_id").await;
    for (payment, body) in [(&partly_refunded, json!({ "amount": 97 })), (&refunded, json!({}))] {
        id_of(app, &format!("/api/v1/payments/{payment}/refund"), &body, "refund_id").await;
    }
    let bill = json!({ "customer_id": customer, "currency": "USD", "collection_method": "send_invoice",
        "days_until_due": 60, "items": [{ "description": "Workshop", "amount": 100 }] });
    let open = id_of(app, "/ledger/v1/invoices", &bill, "invoice_id").await;
    let void = id_of(app, "/ledger/v1/invoices", &bill, "invoice_id").await;
    id_of(app, &format!("/ledger/v1/invoices/{void}/void"), &json!({}), "invoice_id").await;
    let paid = app.get(&subscription).await.json()["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
    let bought = json!({ "amount": 50, "currency": "USD" });
    let balance = id_of(app, &format!("/ledger/v1/customers/{customer}/balance"), &bought, "payment_id").await;
    let used =
        json!({ "customer_id": customer, "currency": "USD", "items": [{ "description": "Book", "amount": 20 }] });
    id_of(app, "/ledger/v1/invoices", &used, "invoice_id").await;
    move_clock(app, "2024-01-31T10:30:00Z").await;
    Things { customer, subscription, partly_refunded, refunded, balance, open, paid, void }
}

fn post(path: impl Into<String>, body: Value, status: u16, field: &'static str) -> Row {
    (Method::POST, path.into(), body, status, field)
}

fn put_row(path: impl Into<String>, body: Value, field: &'static str) -> Row {
    (Method::PUT, path.into(), body, 400, field)
}

/// Amounts with too many decimals, negative, over 10^12, or none at all.
fn amounts(things: &Things) -> Vec<Row> {
    let Things { customer, partly_refunded, open, paid, .. } = things;
    let mut rows = Vec::new();
    let wrong = [
        json!("5000.001"),
        json!(-1),
        json!(0),
        json!("1000000000000.01"),
        json!(1_000_000_000_001_i64),
        json!("99999999999999999999999999"),
        json!("1e3"),
        json!(""),
        json!("ten"),
        json!(true),
        json!([5]),
    ];
    for amount in wrong {
        let sale = json!({ "customer_id": customer, "amount": amount, "currency": "USD" });
        rows.push(post("/api/v1/payments", sale, 400, "amount"));
        let of = json!({ "amount": amount });
        rows.push(post(format!("/api/v1/payments/{partly_refunded}/refund"), of.clone(), 400, "amount"));
        rows.push(post(format!("/ledger/v1/invoices/{open}/pay-out-of-band"), of.clone(), 400, "amount"));
        rows.push(post(format!("/ledger/v1/invoices/{paid}/credit-notes"), of.clone(), 400, "amount"));
        rows.push(post(format!("/ledger/v1/sandbox/payments/{partly_refunded}/dispute"), of, 400, "amount"));
        let bought = json!({ "amount": amount, "currency": "USD" });
        rows.push(post(format!("/ledger/v1/customers/{customer}/balance"), bought, 400, "amount"));
        for name in ["amount", "unit_amount"] {
            let item = json!({ "description": "W", name: amount });
            let bill = json!({ "customer_id": customer, "currency": "USD", "items": [item] });
            let field = if name == "amount" { "items[0].amount" } else { "items[0].unit_amount" };
            rows.push(post("/ledger/v1/invoices", bill, 400, field));
        }
    }
    let goodwill = |amount: Value| json!({ "amount": amount, "currency": "USD", "kind": "goodwill" });
    for amount in [json!("0.001"), json!(0), json!(1_000_000_000_001_i64), json!(-1)] {
        // There is no credit that could be taken back.
        rows.push(post(format!("/ledger/v1/customers/{customer}/balance"), goodwill(amount), 400, "amount"));
    }
    for amount in [json!("-1.00"), json!("1000000000001"), json!("ten"), json!("0.0000000000001")] {
        let plan = json!({ "name": "Plan", "currency": "USD", "amount": amount, "interval": "month" });
        rows.push(put_row("/ledger/v1/catalog/plans/plan", plan, "amount"));
        let coupon = json!({ "amount_off": amount, "currency": "USD", "duration": "once" });
        rows.push(put_row("/ledger/v1/catalog/coupons/C", coupon, "amount_off"));
    }
    for percent in [json!(-1), json!(0), json!("100.01"), json!("ten")] {
        let coupon = json!({ "percent_off": percent, "duration": "once" });
        rows.push(put_row("/ledger/v1/catalog/coupons/C", coupon, "percent_off"));
    }
    let yen = json!({ "customer_id": customer, "amount": "100.5", "currency": "JPY" });
    rows.push(post("/api/v1/payments", yen, 400, "amount"));
    rows
}

/// Currencies that do not exist or do not match.
fn currencies(things: &Things) -> Vec<Row> {
    let Things { customer, subscription, partly_refunded, open, .. } = things;
    let mut rows = Vec::new();
    for currency in ["XYZ", "", "US", "USDD", "$", "U\u{53}\u{44}\u{200b}"] {
        let sale = json!({ "customer_id": customer, "amount": 1, "currency": currency });
        rows.push(post("/api/v1/payments", sale.clone(), 400, "currency"));
        rows.push(post(format!("/ledger/v1/customers/{customer}/balance"), sale, 400, "currency"));
        let bill =
            json!({ "customer_id": customer, "currency": currency, "items": [{ "description": "W", "amount": 1 }] });
        rows.push(post("/ledger/v1/invoices", bill, 400, "currency"));
        let plan = json!({ "name": "Plan", "currency": currency, "amount": "1.00", "interval": "month" });
        rows.push(put_row("/ledger/v1/catalog/plans/plan", plan, "currency"));
        let coupon = json!({ "amount_off": "1.00", "currency": currency, "duration": "once" });
        rows.push(put_row("/ledger/v1/catalog/coupons/C", coupon, "currency"));
    }
    let refund = json!({ "amount": 1, "currency": "EUR" });
    rows.push(post(format!("/api/v1/payments/{partly_refunded}/refund"), refund, 400, "currency"));
    let retry = json!({ "invoice_id": open, "amount": 100, "currency": "EUR" });
    rows.push(post("/api/v1/payments", retry, 400, "currency"));
    let mixed = json!([{ "plan_id": "elite_coaching" }, { "plan_id": "euros" }]);
    rows.push(post("/api/v1/subscriptions", json!({ "customer_id": customer, "items": mixed }), 400, "currency"));
    rows.push(put_row(subscription, json!({ "plan_id": "euros" }), "currency"));
    let coupon = json!({ "customer_id": customer, "plan_id": "elite_coaching", "discount_code": "EUROS" });
    rows.push(post("/api/v1/subscriptions", coupon, 400, "discount_code"));
    rows
}

/// Dates out of order or outside what they are for, quantities of none, and coupons that are not to be had.
fn terms(things: &Things) -> Vec<Row> {
    let Things { customer, subscription, .. } = things;
    let new = |extra: Value| {
        let mut body = json!({ "customer_id": customer, "plan_id": "elite_coaching" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let mut rows = Vec::new();
    for (extra, field) in [
        (json!({ "start_date": "2024-02-01T00:00:00Z" }), "start_date"),
        (json!({ "start_date": "yesterday" }), "start_date"),
        (json!({ "start_date": "2024-01-31T10:30:00" }), "start_date"),
        (json!({ "billing_cycle_anchor": "2024-01-30T00:00:00Z" }), "billing_cycle_anchor"),
        (json!({ "discount_code": "EXPIRED" }), "discount_code"),
        (json!({ "discount_code": "LATER" }), "discount_code"),
        (json!({ "discount_code": "USEDUP" }), "discount_code"),
        (json!({ "discount_code": "NOSUCH" }), "discount_code"),
        (json!({ "quantity": 0 }), "quantity"),
        (json!({ "quantity": -1 }), "quantity"),
        (json!({ "trial_period_days": -1 }), "trial_period_days"),
    ] {
        rows.push(post("/api/v1/subscriptions", new(extra), 400, field));
    }
    let none = json!({ "customer_id": customer, "items": [{ "plan_id": "elite_coaching", "quantity": 0 }] });
    rows.push(post("/api/v1/subscriptions", none, 400, "quantity"));
    for (body, field) in [
        (json!({ "quantity": 0 }), "quantity"),
        (json!({ "items": [{ "plan_id": "elite_coaching", "quantity": 0 }] }), "quantity"),
        (json!({ "quantity": 2, "proration_date": "2024-01-15T10:29:59Z" }), "proration_date"),
        (json!({ "quantity": 2, "proration_date": "2024-02-15T10:30:00Z" }), "proration_date"),
        (json!({ "quantity": 2, "proration_date": "2024-01-20" }), "proration_date"),
        (json!({ "quantity": 2, "effective": "2024-01-30T00:00:00Z" }), "effective_date"),
    ] {
        rows.push(put_row(subscription, body.clone(), field));
        rows.push(post(format!("{subscription}/preview"), body, 400, field));
    }
    for until in ["2024-01-31T10:30:00Z", "2024-01-01T00:00:00Z", "soon"] {
        rows.push(post(format!("{subscription}/pause"), json!({ "pause_until": until }), 400, "pause_until"));
    }
    rows.push(post("/ledger/v1/sandbox/clock", json!({ "now": "2024-01-31T10:29:59Z" }), 400, "now"));
    let crossed = json!({ "percent_off": 10, "duration": "once",
        "valid_from": "2024-03-01T00:00:00Z", "valid_until": "2024-03-01T00:00:00Z" });
    rows.push(put_row("/ledger/v1/catalog/coupons/C", crossed, "valid_until"));
    let item = json!({ "description": "W", "amount": 1, "quantity": 0 });
    let bill = json!({ "customer_id": customer, "currency": "USD", "items": [item] });
    rows.push(post("/ledger/v1/invoices", bill, 400, "items[0].quantity"));
    let id = subscription.rsplit('/').next().unwrap();
    let usage = |quantity: Value| json!({ "subscription_id": id, "metric": "calls", "quantity": quantity });
    // It is not charged for calls, which is found first.
    rows.push(post("/ledger/v1/usage", usage(json!(1)), 400, "metric"));
    rows.push(post("/ledger/v1/usage", usage(json!(-1)), 400, "quantity"));
    rows
}

/// Money that is not there, and invoices that are past being paid.
fn money(things: &Things) -> Vec<Row> {
    let Things { partly_refunded, refunded, balance, open, paid, void, .. } = things;
    let refund = |payment: &str| format!("/api/v1/payments/{payment}/refund");
    let ledger = |invoice: &str, action: &str| format!("/ledger/v1/invoices/{invoice}/{action}");
    vec![
        post(refund(partly_refunded), json!({ "amount": "900.01" }), 400, "amount"),
        post(refund(partly_refunded), json!({ "amount": 997 }), 400, "amount"),
        post(refund(refunded), json!({}), 400, "amount"),
        post(refund(refunded), json!({ "amount": 0.01 }), 400, "amount"),
        post(refund(balance), json!({ "amount": 30.01 }), 400, "amount"),
        post(refund(balance), json!({ "amount": 50 }), 400, "amount"),
        post(refund("pay_nothing"), json!({}), 404, ""),
        post(ledger(paid, "credit-notes"), json!({ "amount": 5000.01 }), 400, "amount"),
        post(ledger(open, "credit-notes"), json!({ "amount": 100.01 }), 400, "amount"),
        post("/api/v1/payments", json!({ "invoice_id": open, "amount": 99.99 }), 400, "amount"),
        post(format!("/api/v1/invoices/{void}/pay"), json!({}), 409, "status"),
        post("/api/v1/payments", json!({ "invoice_id": void }), 409, "status"),
        post(ledger(void, "pay-out-of-band"), json!({}), 409, "status"),
        post(ledger(void, "credit-notes"), json!({ "amount": 1 }), 409, "status"),
        post(ledger(void, "finalize"), json!({}), 409, "status"),
        post(ledger(void, "mark-uncollectible"), json!({}), 409, "status"),
        post(ledger(void, "void"), json!({}), 409, "status"),
        post(format!("/api/v1/invoices/{paid}/pay"), json!({}), 409, "status"),
        post(ledger(paid, "pay-out-of-band"), json!({}), 409, "status"),
        post(ledger(paid, "void"), json!({}), 409, "status"),
    ]
}

async fn check(app: &TestApp, rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for (method, path, body, status, field) in rows {
        let head = app.app.ledger.head().await.unwrap();
        let answer = app.send(method.clone(), &path, Some(body.to_string())).await;
        let json = answer.json();
        let coaching = path.starts_with("/api/");
        let (code, named) = if coaching {
            (&json["error"]["code"], &json["error"]["details"]["field"])
        } else {
            (&json["title"], &json["field"])
        };
        let expected = match (status, coaching) {
            (400, true) => "VALIDATION_ERROR",
            (400, false) => "Invalid request",
            (404, true) => "RESOURCE_NOT_FOUND",
            (404, false) => "Not found",
            (_, true) => "RESOURCE_CONFLICT",
            (_, false) => "Conflict",
        };
        let found = (answer.status.as_u16(), code.as_str(), named.as_str().unwrap_or_default());
        let written = app.app.ledger.head().await.unwrap() - head;
        if found != (status, Some(expected), field) || written != 0 {
            wrong.push(format!("{method} {path} {body}: {status} {field}, but {written} written, {}", answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_billing_input_is_refused_by_its_field_and_writes_nothing() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let things = set_up(&app).await;
        let rows = [amounts(&things), currencies(&things), terms(&things), money(&things)];
        check(&app, rows.concat()).await;
        let left = app.get(&format!("/ledger/v1/customers/{}/balance", things.customer)).await.json();
        assert_eq!(left["balances"], json!([{ "currency": "USD", "credit": 0.0, "prepaid": 30.0, "total": 30.0 }]));
        // What is left of it can go back, and takes the balance along.
        let back = app.post(&format!("/api/v1/payments/{}/refund", things.balance), &json!({})).await;
        assert_eq!((back.status.as_u16(), &back.json()["amount"]), (200, &json!(30.0)), "{}", back.text);
        let left = app.get(&format!("/ledger/v1/customers/{}/balance", things.customer)).await.json();
        assert_eq!(left["balances"], json!([]));
        app.stop().await;
    })
    .await;
}
