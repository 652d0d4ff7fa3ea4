//! `/api/v1/analytics/revenue`: the document's shape, figures that add up, and what is refused.

use domain::command::Command;
use domain::id::{CustomerId, PlanId, SubscriptionId};
use domain::money::Currency;
use domain::origin::Origin;
use domain::price::{Interval, Item, Price};
use domain::stamp::Stamp;
use domain::subscription::{CancelReason, Collection, Standing, SubscriptionCommand, SubscriptionSnapshot, Terms};
use serde_json::{Value, json};
use store::{EventIds, Request};

use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

/// Has a subscription of that customer reported, at an instant that may lie in the past.
async fn report(app: &TestApp, customer: &str, at: &str, minor: i64) {
    let at: jiff::Timestamp = at.parse().unwrap();
    let id = SubscriptionId::parse(&customer.replace("cus", "sub")).unwrap();
    let canceled = Standing::Canceled { at, reason: CancelReason::Requested };
    let price = Price::per_unit(minor, Currency::USD, Some(Interval::MONTHLY));
    let snapshot = SubscriptionSnapshot {
        customer: CustomerId::parse(customer).unwrap(),
        origin: Origin::Stripe,
        standing: if minor == 0 { canceled } else { Standing::Active {} },
        terms: Terms {
            items: vec![Item {
                id: None,
                plan: PlanId::parse("elite").unwrap(),
                name: None,
                price,
                quantity: 1,
                version: None,
                billing: domain::pricing::Billing::InAdvance,
                metric: None,
            }],
            currency: Currency::USD,
            created_at: at,
            started_at: at,
            anchor: at,
            period: None,
            trial: None,
            discounts: vec![],
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            collection: Collection::ChargeAutomatically,
            pause_collection: None,
            payment_method: None,
            latest_invoice: None,
            metadata: None,
            anchor_rule: None,
            cycle_move: domain::subscription::CycleMove::default(),
            zone: None,
            billed: Vec::new(),
            scheduled: None,
            trial_end_announced: false,
            days_until_due: None,
        },
    };
    let event = format!("evt_{customer}_{}", at.as_second());
    let stamp = Stamp { phase: 0, created: at, rank: 0, event, digest: 0, before: None };
    let command = SubscriptionCommand::Report { id: id.clone(), stamp, snapshot: Box::new(snapshot) };
    let request = Request {
        tenant: tenant(),
        actor: "test".to_owned(),
        request_id: None,
        cause: None,
        now: app.app.ledger.clock().now(),
        commands: vec![Command::Subscription(id, command)],
        claims: vec![],
        releases: vec![],
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new: false,
    };
    app.app.ledger.execute(request).await.unwrap();
}

async fn history(app: &TestApp) {
    report(app, "cus_1", "2023-11-10T00:00:00Z", 500_000).await;
    report(app, "cus_2", "2023-11-20T00:00:00Z", 100_000).await;
    report(app, "cus_1", "2023-12-20T00:00:00Z", 550_000).await;
    report(app, "cus_2", "2024-01-05T00:00:00Z", 0).await;
    report(app, "cus_3", "2024-01-15T09:00:00Z", 30_000).await;
    app.settle().await;
}

async fn revenue(app: &TestApp, query: &str) -> Value {
    let answer = app.get(&format!("/api/v1/analytics/revenue{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// Asserts that an answer has a figure for each of the expected ones.
fn assert_has(found: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&found[key], value, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revenue_has_the_documents_shape_and_adds_up() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        history(&app).await;
        let found = revenue(&app, "?period_days=30&include_forecast=true").await;
        let period = json!({
            "start_date": "2023-12-17T00:00:00Z", "end_date": "2024-01-16T00:00:00Z", "days": 30, "timezone": "UTC"
        });
        assert_eq!(found["period"], period);
        let core = json!({
            "mrr": 5800.0, "arr": 69600.0, "new_mrr": 300.0, "expansion_mrr": 500.0, "reactivation_mrr": 0.0,
            "contraction_mrr": 0.0, "churn_mrr": 1000.0, "net_new_mrr": -200.0, "opening_mrr": 6000.0,
            "active_customers": 2, "new_customers": 1, "churned_customers": 1, "total_revenue": 0.0,
            "payment_success_rate": null, "avg_revenue_per_customer": 2900.0, "customer_ltv": null,
            "customer_ltv_lower_bound": 174_000.0, "billed": 0.0, "collected": 0.0, "recognized": null
        });
        assert_has(&found["core_metrics"], &core);
        let growth = json!({ "mrr_growth_rate": -3.33, "customer_growth_rate": 0.0, "revenue_growth_rate": null });
        assert_eq!(found["growth_rates"], growth);
        let cohorts = found["cohort_analysis"]["monthly_cohorts"].as_array().unwrap();
        let retained = [("2024-01", 1, 100.0), ("2023-11", 2, 50.0)];
        assert_eq!(cohorts.len(), retained.len());
        for (cohort, (month, size, retention_rate)) in cohorts.iter().zip(retained) {
            let expected = json!({ "month": month, "size": size, "retention_rate": retention_rate, "avg_ltv": 0.0 });
            assert_has(cohort, &expected);
        }
        assert_eq!(found["forecasts"], Value::Null);
        assert_eq!(found["reasons"]["customer_ltv"], "no_churn");
        assert_eq!(found["by_currency"].as_array().unwrap().len(), 1);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_position_keeps_its_figures() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        history(&app).await;
        let head = app.app.ledger.head().await.unwrap();
        let before = revenue(&app, &format!("?as_of={head}")).await;
        report(&app, "cus_3", "2023-12-01T00:00:00Z", 20_000).await;
        app.settle().await;
        assert_eq!(revenue(&app, &format!("?as_of={head}")).await, before);
        let now = revenue(&app, "?tz=America/New_York").await;
        assert_eq!(now["period"]["start_date"], "2023-12-17T05:00:00Z");
        assert_has(&now["core_metrics"], &json!({ "opening_mrr": 6200.0, "new_mrr": 0.0, "expansion_mrr": 600.0 }));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_ledger_has_no_figures_and_says_so() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let found = revenue(&app, "").await;
        let expected = json!({ "mrr": 0.0, "active_customers": 0, "avg_revenue_per_customer": null });
        assert_has(&found["core_metrics"], &expected);
        assert_eq!(found["reasons"]["mrr_growth_rate"], "no_opening_mrr");
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused_by_name() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let cases = [
            ("period_days=0", "period_days"),
            ("period_days=3651", "period_days"),
            ("period_days=month", "period_days"),
            ("include_forecast=maybe", "include_forecast"),
            ("tz=Mars/Olympus", "tz"),
            ("as_of=-1", "as_of"),
            ("as_of=1000000", "as_of"),
            ("as_of=x", "as_of"),
        ];
        for (query, field) in cases {
            let answer = app.get(&format!("/api/v1/analytics/revenue?{query}")).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["error"]["details"]["field"]), (400, &json!(field)));
        }
        app.stop().await;
    })
    .await;
}
