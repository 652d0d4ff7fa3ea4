//! Does two years of business come out right, for each of the four tenants and on both engines?

use api::operations::subscriptions::{CancelWhen, ChangeWhen};
use domain::id::TenantId;
use domain::proration::{ProrationBehavior, TerminationPolicy};
use domain::sandbox::Outcome;
use sqlx::Row as _;

use super::business::{How, Stage, california, elsewhere};
use super::journal;
use crate::support::{TestApp, on_both_engines};

/// A tenant with a cheap and a dear plan of one interval, and one paid by the year where it has one.
struct Tenant {
    name: &'static str,
    cheap: &'static str,
    dear: &'static str,
    yearly: Option<&'static str>,
    coupon: Option<&'static str>,
}

const TENANTS: [Tenant; 4] = [
    Tenant {
        name: "coaching",
        cheap: "community_access",
        dear: "group_coaching",
        yearly: None,
        coupon: Some("NEWCLIENT20"),
    },
    Tenant {
        name: "education",
        cheap: "starter_monthly",
        dear: "professional_monthly",
        yearly: Some("starter_yearly"),
        coupon: None,
    },
    Tenant {
        name: "healthcare",
        cheap: "individual_lite_monthly",
        dear: "individual_pro_monthly",
        yearly: Some("individual_lite_yearly"),
        coupon: None,
    },
    Tenant {
        name: "skincare",
        cheap: "nepika_premium_monthly",
        dear: "nepika_premium_monthly",
        yearly: Some("nepika_premium_yearly"),
        coupon: None,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn two_years_of_each_tenant_are_proven_by_hledger() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        for tenant in &TENANTS {
            let id = TenantId::parse(tenant.name).unwrap();
            let mut stage = Stage { app: &app.app, tenant: id.clone(), now: "2023-01-01T00:00:00Z".parse().unwrap() };
            play(&mut stage, tenant).await;
            app.settle().await;
            journal::prove(&app.app, &id).await;
            billed_once(&app, tenant.name).await;
            numbered_without_gaps(&app, tenant.name).await;
            nothing_is_due(&app, &id).await;
        }
        app.stop().await;
    })
    .await;
}

/// From the last day of January 2023, over two changes to and from daylight saving and a leap day, to January 2025.
async fn play(stage: &mut Stage<'_>, tenant: &Tenant) {
    stage.go_to("2023-01-31T09:00:00Z").await;
    let month_end = stage.customer("monthend", california()).await;
    let steady = stage.subscribe(&month_end, tenant.cheap, 1, How::default()).await;
    let changing_customer = stage.customer("changing", elsewhere()).await;
    let how = How { trial_days: Some(14), coupon: tenant.coupon, ..How::default() };
    let changing = stage.subscribe(&changing_customer, tenant.cheap, 2, how).await;
    let failing_customer = stage.customer("failing", california()).await;
    stage.subscribe(&failing_customer, tenant.cheap, 1, How::default()).await;
    let invoiced = stage.customer("invoiced", elsewhere()).await;
    stage.subscribe(&invoiced, tenant.dear, 1, How { by_invoice: true, ..How::default() }).await;
    if let Some(yearly) = tenant.yearly {
        let customer = stage.customer("yearly", california()).await;
        let anchor = Some("2023-02-28T00:00:00Z");
        stage.subscribe(&customer, yearly, 1, How { anchor, ..How::default() }).await;
    }

    stage.go_to("2023-04-15T12:34:56Z").await;
    stage.change(&changing, tenant.dear, 3, ProrationBehavior::CreateProrations, ChangeWhen::Now).await;
    stage.script(&failing_customer, &[Outcome::InsufficientFunds, Outcome::Succeed]).await;
    stage.go_to("2023-06-10T00:00:00Z").await;
    stage.refund(&stage.last_payment(&steady).await, Some(100)).await;
    stage.change(&changing, tenant.cheap, 1, ProrationBehavior::AlwaysInvoice, ChangeWhen::Now).await;
    stage.go_to("2023-08-20T00:00:00Z").await;
    stage.pause(&changing, "2023-11-05T00:00:00Z", ProrationBehavior::CreateProrations).await;
    stage.dispute(&stage.last_payment(&steady).await, true).await;
    stage.go_to("2023-12-24T00:00:00Z").await;
    stage.dispute(&stage.last_payment(&steady).await, false).await;
    stage.change(&changing, tenant.dear, 2, ProrationBehavior::None, ChangeWhen::AtPeriodEnd).await;
    stage.go_to("2024-03-01T00:00:00Z").await;
    stage.script(&failing_customer, &[Outcome::LostCard]).await;
    stage.go_to("2024-06-17T06:00:00Z").await;
    stage.cancel(&changing, CancelWhen::Now, TerminationPolicy::Refund).await;
    let late = stage.customer("late", california()).await;
    let short = stage.subscribe(&late, tenant.dear, 1, How::default()).await;
    stage.go_to("2024-08-02T00:00:00Z").await;
    stage.cancel(&short, CancelWhen::AtPeriodEnd, TerminationPolicy::Skip).await;
    stage.go_to("2025-01-31T10:00:00Z").await;
}

/// No two invoices of a subscription's cycle are for the same time.
async fn billed_once(app: &TestApp, tenant: &str) {
    let query = "SELECT subscription_id, period_start_at, period_end_at FROM invoices WHERE tenant = $1 AND \
                 billing_reason IN ('subscription_create', 'subscription_cycle', 'trial_end', 'subscription_resume') AND \
                 status <> 'void' ORDER BY subscription_id, period_start_at";
    let rows = sqlx::query(query).bind(tenant).fetch_all(app.app.ledger.pool()).await.unwrap();
    assert!(rows.len() > 60, "{tenant} has only {} invoices", rows.len());
    let periods: Vec<(String, i64, i64)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    for pair in periods.windows(2) {
        let [(one, _, end), (other, start, _)] = pair else { continue };
        assert!(one != other || end <= start, "{tenant}: {pair:?}");
    }
}

/// Each year's numbers are 1 to n.
async fn numbered_without_gaps(app: &TestApp, tenant: &str) {
    let query = "SELECT number FROM invoices WHERE tenant = $1 AND number IS NOT NULL ORDER BY number";
    let rows = sqlx::query(query).bind(tenant).fetch_all(app.app.ledger.pool()).await.unwrap();
    let numbers: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut expected = Vec::new();
    for year in ["2023", "2024", "2025"] {
        let of_year = numbers.iter().filter(|number| number.starts_with(&format!("INV-{year}-"))).count();
        expected.extend((1..=of_year).map(|number| format!("INV-{year}-{number:06}")));
    }
    assert_eq!(numbers, expected, "{tenant}");
}

async fn nothing_is_due(app: &TestApp, tenant: &TenantId) {
    assert_eq!(app.app.scheduler.due(tenant).await.unwrap(), 0, "{tenant}");
}
