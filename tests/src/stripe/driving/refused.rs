//! What Stripe cannot be asked, and what it refuses, is refused with its field; nothing is done there or pretended here.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Bed, set_up};
use crate::support::on_both_engines;

/// What is asked, and the field that the refusal names.
fn cases(customer: &str, subscription: &str) -> Vec<(Method, String, Value, &'static str)> {
    let create = |further: Value| {
        let mut body = json!({"customer_id": customer, "plan_id": "community_access"});
        crate::stripe::fake::merge(&mut body, further);
        (Method::POST, "/api/v1/subscriptions".to_owned(), body)
    };
    let person = |further: Value| (Method::PUT, format!("/api/v1/customers/{customer}"), further);
    let change = |body: Value| (Method::PUT, format!("/api/v1/subscriptions/{subscription}"), body);
    let pause = |body: Value| (Method::POST, format!("/api/v1/subscriptions/{subscription}/pause"), body);
    let cases = [
        (create(json!({"plan_id": "self_paced_course"})), "plan_id"),
        (create(json!({"plan_id": "no_such_plan"})), "plan_id"),
        (create(json!({"quantity": 0})), "quantity"),
        (create(json!({"discount_code": "NONE"})), "discount_code"),
        (create(json!({"start_date": "2024-03-01T00:00:00Z"})), "start_date"),
        (create(json!({"payment_method_id": "pm_of_another"})), "payment_method_id"),
        (create(json!({"metadata": {"nested": {"a": 1}}})), "metadata.nested"),
        (create(json!({"metadata": {"daybook_call": "pc_1"}})), "metadata.daybook_call"),
        (person(json!({"metadata": {"long": "x".repeat(501)}})), "metadata.long"),
        (person(json!({"metadata": null})), "metadata"),
        (person(json!({"billing_address": {"street": "1 Main St"}})), "billing_address.street"),
        (change(json!({"plan_id": "group_coaching", "effective": "period_end"})), "effective"),
        (change(json!({"plan_id": "group_coaching", "effective": "2024-03-01T00:00:00Z"})), "effective"),
        (change(json!({"billing_cycle_anchor": "now"})), "billing_cycle_anchor"),
        (change(json!({"metadata": {"cohort": "autumn"}})), "metadata"),
        (change(json!({"quantity": 0})), "quantity"),
        (change(json!({"plan_id": "self_paced_course"})), "plan_id"),
        (change(json!({})), "plan_id"),
        (pause(json!({"proration_behavior": "create_prorations"})), "proration_behavior"),
    ];
    cases.into_iter().map(|((method, path, body), field)| (method, path, body, field)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_driven_is_refused_by_its_field() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        set_up(&bed.fake).await;
        let subscription = bed.member("asker").await;
        let customer = bed.fake.object(&subscription)["customer"].as_str().expect("an id").to_owned();
        let before = (bed.fake.object(&subscription), bed.fake.object(&customer), bed.fake.count("subscription"));
        for (number, (method, path, body, field)) in cases(&customer, &subscription).into_iter().enumerate() {
            let answer = bed.ask(method, &path, &body, &format!("refused-{number}")).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.text);
            assert_eq!(answer.json()["error"]["details"]["field"], field, "{body}: {}", answer.text);
        }
        let after = (bed.fake.object(&subscription), bed.fake.object(&customer), bed.fake.count("subscription"));
        assert_eq!(after, before);
        bed.app.stop().await;
    })
    .await;
}

/// Without `daybook stripe setup` there is nothing to sell.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_a_price_at_stripe_is_refused() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        let customer = bed.payer("early").await;
        let answer = bed.subscribe(&customer, json!({})).await;
        assert_eq!((answer.status.as_u16(), bed.fake.count("subscription")), (400, 0), "{}", answer.text);
        assert_eq!(answer.json()["error"]["details"]["field"], "plan_id", "{}", answer.text);
        bed.app.stop().await;
    })
    .await;
}
