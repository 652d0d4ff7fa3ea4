//! `PUT|DELETE /api/v1/subscriptions/{id}`, previews, pauses and retention offers: what each costs, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use super::catalogue::put;
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

/// A customer without an address, and so without tax, that pays with this method.
pub async fn payer(app: &TestApp, email: &str, method: &str) -> String {
    let created = app.post("/api/v1/customers", &json!({ "email": email, "payment_method_id": method })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["customer_id"].as_str().unwrap().to_owned()
}

/// The path of a new subscription.
pub async fn subscribe(app: &TestApp, customer: &str, extra: &Value) -> String {
    let mut body = json!({ "customer_id": customer });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let created = app.post("/api/v1/subscriptions", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    format!("/api/v1/subscriptions/{}", created.json()["subscription_id"].as_str().unwrap())
}

pub async fn move_clock(app: &TestApp, to: &str) {
    let answer = app.post("/ledger/v1/sandbox/clock?wait=true", &json!({ "now": to })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub async fn delete(app: &TestApp, path: &str, body: &Value) -> Answer {
    app.send(Method::DELETE, path, Some(body.to_string())).await
}

/// The field that a refusal of the coaching surface names.
pub fn refused(answer: &Answer) -> (u16, String) {
    let field = answer.json()["error"]["details"]["field"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), field)
}

/// The request of seed 000_, "Update Subscription", as printed.
fn update_example() -> Value {
    json!({
        "plan_id": "group_coaching",
        "quantity": 2,
        "proration_behavior": "create_prorations",
        "billing_cycle_anchor": "unchanged",
        "metadata": { "change_reason": "customer_downgrade", "processed_by": "support_team" }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_as_the_document_prints_it_is_previewed_and_billed_with_the_next_invoice() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
        let before = app.get(&path).await.json();
        assert_eq!(before["latest_invoice"]["amount_due"], 5000.0);
        move_clock(&app, "2024-01-31T10:30:00Z").await;
        let before = app.get(&path).await.json();
        let head = app.app.ledger.head().await.unwrap();

        // 15 of 31 days are left: −2,419.35 and +1,451.61.
        let preview = app.post(&format!("{path}/preview"), &update_example()).await;
        assert_eq!(preview.status, 200, "{}", preview.text);
        let preview = preview.json();
        assert_eq!(preview["prorations"]["total"], -967.74);
        let lines = preview["prorations"]["line_items"].as_array().unwrap();
        let amounts: Vec<_> = lines.iter().map(|line| line["amount"].clone()).collect();
        assert_eq!(amounts, [json!(-2419.35), json!(1451.61)]);
        assert_eq!((preview["invoiced_now"].as_bool(), preview["upcoming_invoice"]["amount_due"].as_f64()), (Some(false), Some(2032.26)));
        let query = format!("{path}/preview?plan_id=group_coaching&quantity=2");
        assert_eq!(app.get(&query).await.json(), preview);
        assert_eq!(app.app.ledger.head().await.unwrap(), head, "a preview writes nothing");
        assert_eq!(app.get(&path).await.json(), before);

        let changed = put(&app, &path, &update_example()).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let changed = changed.json();
        assert_eq!(
            (&changed["plan"]["id"], &changed["quantity"], &changed["amount"], &changed["upcoming_invoice"]),
            (
                &json!("group_coaching"),
                &json!(2),
                &json!(3000.0),
                &json!({ "amount_due": 2032.26, "period_start": "2024-02-15T10:30:00Z", "period_end": "2024-03-15T10:30:00Z" })
            )
        );
        move_clock(&app, "2024-02-15T10:30:00Z").await;
        let renewed = app.get(&path).await.json();
        assert_eq!((renewed["latest_invoice"]["amount_due"].as_f64(), renewed["latest_invoice"]["status"].as_str()), (Some(2032.26), Some("paid")));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_invoiced_now_later_or_never() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let one = json!({ "plan_id": "group_coaching" });
        let paths = [
            subscribe(&app, &customer, &one).await,
            subscribe(&app, &customer, &one).await,
            subscribe(&app, &customer, &one).await,
            subscribe(&app, &customer, &one).await,
        ];
        move_clock(&app, "2024-01-31T10:30:00Z").await;
        // +2,419.35 − 725.81 now; nothing; from the next period on; two plans from a date in the period.
        let cases = [
            json!({ "plan_id": "elite_coaching", "proration_behavior": "always_invoice" }),
            json!({ "plan_id": "elite_coaching", "proration_behavior": "none" }),
            json!({ "quantity": 3, "effective": "period_end" }),
            json!({ "items": [{ "plan_id": "group_coaching" }, { "plan_id": "community_access", "quantity": 2 }],
                "proration_date": "2024-01-15T10:30:00Z" }),
        ];
        let expected = [
            (json!(1693.54), json!(5000.0), json!(5000.0)),
            (json!(1500.0), json!(5000.0), json!(5000.0)),
            (json!(1500.0), json!(1500.0), json!(4500.0)),
            (json!(1500.0), json!(1694.0), json!(1888.0)),
        ];
        for ((path, change), (latest, amount, next)) in paths.iter().zip(&cases).zip(&expected) {
            let changed = put(&app, path, change).await;
            assert_eq!(changed.status, 200, "{change}: {}", changed.text);
            let changed = changed.json();
            let found = (
                &changed["latest_invoice"]["amount_due"],
                &changed["amount"],
                &changed["upcoming_invoice"]["amount_due"],
            );
            assert_eq!(found, (latest, amount, next), "{change}");
        }
        move_clock(&app, "2024-02-15T10:30:00Z").await;
        for (path, (_, _, next)) in paths.iter().zip(&expected) {
            assert_eq!(&app.get(path).await.json()["latest_invoice"]["amount_due"], next);
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_keeps_the_version_it_was_sold_in_until_it_is_sold_anew() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let path = subscribe(&app, &customer, &json!({ "plan_id": "group_coaching" })).await;
        let dearer = put(&app, "/ledger/v1/catalog/plans/group_coaching", &json!({ "amount": "2000.00" })).await;
        assert_eq!(dearer.status, 200, "{}", dearer.text);
        let cases = [
            (json!({ "quantity": 2 }), 3000.0),
            (json!({ "plan_id": "group_coaching", "quantity": 3 }), 4500.0),
            (json!({ "items": [{ "plan_id": "group_coaching" }] }), 1500.0),
            (json!({ "price_version": "latest" }), 2000.0),
        ];
        for (change, amount) in cases {
            let changed = put(&app, &path, &change).await;
            assert_eq!((changed.status.as_u16(), changed.json()["amount"].as_f64()), (200, Some(amount)), "{change}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_cannot_be_are_refused_by_field() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
        let two = json!({ "items": [{ "plan_id": "elite_coaching" }, { "plan_id": "group_coaching" }] });
        let of_two = subscribe(&app, &customer, &two).await;
        let head = app.app.ledger.head().await.unwrap();
        let cases = [
            (json!({ "quantity": 0 }), "quantity"),
            (json!({ "quantity": -1 }), "quantity"),
            (json!({ "plan_id": "nothing" }), "plan_id"),
            (json!({ "plan_id": "self_paced_course" }), "plan_id"),
            (json!({ "plan_id": "group_coaching", "items": [{ "plan_id": "elite_coaching" }] }), "items"),
            (json!({ "items": [] }), "items"),
            (json!({ "items": [{ "plan_id": "elite_coaching" }, { "plan_id": "elite_coaching" }] }), "items"),
            (json!({ "items": [{ "plan_id": "elite_coaching" }], "quantity": 2 }), "quantity"),
            (json!({ "quantity": 2, "proration_date": "2024-01-14T00:00:00Z" }), "proration_date"),
            (json!({ "quantity": 2, "proration_date": "2024-02-15T10:30:00Z" }), "proration_date"),
            (json!({ "quantity": 2, "proration_date": "yesterday" }), "proration_date"),
            (json!({ "quantity": 2, "proration_behavior": "sometimes" }), "proration_behavior"),
            (json!({ "quantity": 2, "billing_cycle_anchor": "soon" }), "billing_cycle_anchor"),
            (json!({ "quantity": 2, "effective": "soon" }), "effective"),
            (json!({ "quantity": 2, "effective": "2024-01-01T00:00:00Z" }), "effective_date"),
        ];
        for (body, field) in cases {
            for answer in [put(&app, &path, &body).await, app.post(&format!("{path}/preview"), &body).await] {
                assert_eq!(refused(&answer), (400, field.to_owned()), "{body}: {}", answer.text);
            }
        }
        let unclear = put(&app, &of_two, &json!({ "quantity": 2 })).await;
        assert_eq!(refused(&unclear), (400, "items".to_owned()), "{}", unclear.text);
        let nobodys = put(&app, &path, &json!({ "payment_method_id": "pm_of_nobody" })).await;
        assert_eq!(nobodys.status, 404, "{}", nobodys.text);
        let unknown = put(&app, "/api/v1/subscriptions/sub_unknown", &json!({ "quantity": 2 })).await;
        assert_eq!(unknown.status, 404, "{}", unknown.text);
        assert_eq!(app.app.ledger.head().await.unwrap(), head);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_gives_back_what_its_policy_says() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let cases = [("skip", 0.0, 0.0), ("credit", 2419.35, 0.0), ("refund", 0.0, 2419.35)];
        let mut paths = Vec::new();
        for (termination, ..) in cases {
            let customer = payer(&app, &format!("{termination}@example.com"), "pm_card_visa").await;
            let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
            paths.push((customer, path));
        }
        move_clock(&app, "2024-01-31T10:30:00Z").await;
        for ((customer, path), (termination, credit, refunded)) in paths.iter().zip(cases) {
            let late = json!({ "cancel_at_period_end": true, "termination": "credit" });
            assert_eq!(refused(&delete(&app, path, &late).await), (400, "termination".to_owned()));
            let ended = delete(&app, path, &json!({ "cancel_at_period_end": false, "termination": termination })).await;
            assert_eq!(
                (ended.status.as_u16(), ended.json()["status"].as_str()),
                (200, Some("canceled")),
                "{}",
                ended.text
            );
            let balance = app.get(&format!("/ledger/v1/customers/{customer}/balance")).await.json();
            let found = balance["balances"][0]["credit"].as_f64().unwrap_or(0.0);
            assert!((found - credit).abs() < 0.001, "{termination}: {balance}");
            let listed = app.get(&format!("/api/v1/customers/{customer}/invoices")).await.json();
            let invoice = listed["invoices"][0]["invoice_id"].as_str().unwrap().to_owned();
            let invoice = app.get(&format!("/api/v1/invoices/{invoice}")).await.json();
            let payment =
                app.get(&format!("/api/v1/payments/{}", invoice["payment_id"].as_str().unwrap())).await.json();
            assert_eq!(payment["refunded_amount"].as_f64(), Some(refunded), "{termination}: {payment}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_offers_are_taken_while_they_stand() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
        let accept = |kind: &str| format!("{path}/retention-offers/{kind}/accept");
        let none = app.post(&accept("discount"), &json!({})).await;
        assert_eq!(none.status, 409, "nobody cancels: {}", none.text);
        let cancel = json!({ "cancel_at_period_end": true, "offer_retention": true });
        let canceled = delete(&app, &path, &cancel).await.json();
        assert_eq!(canceled["retention_offers"][0]["offer_expires"], "2024-01-17T10:30:00Z");
        assert_eq!(app.get(&path).await.json()["upcoming_invoice"], Value::Null);
        assert_eq!(app.post(&accept("nothing"), &json!({})).await.status, 404);
        let taken = app.post(&accept("discount"), &json!({})).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        let taken = taken.json();
        assert_eq!((&taken["cancel_at"], &taken["discount"]["value"]), (&Value::Null, &json!(25)));
        // The next three invoices have it, the fourth has not.
        for (until, due) in [
            ("2024-02-15T10:30:00Z", 3750.0),
            ("2024-03-15T10:30:00Z", 3750.0),
            ("2024-04-15T10:30:00Z", 3750.0),
            ("2024-05-15T10:30:00Z", 5000.0),
        ] {
            assert_eq!(app.get(&path).await.json()["upcoming_invoice"]["amount_due"], due, "{until}");
            move_clock(&app, until).await;
            assert_eq!(app.get(&path).await.json()["latest_invoice"]["amount_due"], due, "{until}");
        }
        delete(&app, &path, &cancel).await;
        let reactivated = app.post(&format!("{path}/reactivate"), &json!({})).await;
        assert_eq!((reactivated.status.as_u16(), &reactivated.json()["cancel_at"]), (200, &Value::Null));
        assert_eq!(app.post(&format!("{path}/reactivate"), &json!({})).await.status, 409);
        delete(&app, &path, &cancel).await;
        let too_long = app.post(&accept("pause_subscription"), &json!({ "pause_until": "2024-09-01T00:00:00Z" })).await;
        assert_eq!(refused(&too_long), (400, "pause_until".to_owned()), "{}", too_long.text);
        let paused = app.post(&accept("pause_subscription"), &json!({})).await.json();
        assert_eq!(
            (paused["status"].as_str(), paused["paused_until"].as_str()),
            (Some("paused"), Some("2024-07-15T10:30:00Z"))
        );
        move_clock(&app, "2024-07-15T10:30:00Z").await;
        assert_eq!(app.get(&path).await.json()["status"], "active");
        delete(&app, &path, &cancel).await;
        move_clock(&app, "2024-07-18T10:30:00Z").await;
        assert_eq!(app.post(&accept("pause_subscription"), &json!({})).await.status, 409, "the offer has expired");
        app.stop().await;
    })
    .await;
}
