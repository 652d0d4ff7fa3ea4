//! What a tenant sells is made at Stripe once, however often and however brokenly it is set up.

use api::catalogue::SoldPlan;
use api::stripe::client::StripeClient;
use api::stripe::setup::{Outcome, Step, every_version, lookup_key, set_up};
use domain::catalogue;
use domain::id::TenantId;

use super::timing;
use crate::stripe::fake::{FakeStripe, Fault};
use crate::support::app::key_with;
use crate::support::{TestApp, on_both_engines};

fn plans(tenant: &TenantId) -> Vec<SoldPlan> {
    let catalogue = catalogue::seed(tenant.as_str()).expect("a catalogue");
    catalogue.plans.iter().map(|plan| SoldPlan { version: 1, plan: plan.clone() }).collect()
}

async fn run(client: &StripeClient, tenant: &TenantId, plans: &[SoldPlan]) -> Vec<Step> {
    let mut reported = Vec::new();
    let steps = set_up(client, tenant, plans, &mut |step| reported.push(step.clone())).await.expect("it is set up");
    assert_eq!(steps, reported);
    steps
}

fn made(steps: &[Step]) -> usize {
    steps.iter().filter(|step| step.outcome.is_made()).count()
}

#[tokio::test]
async fn a_second_run_makes_nothing() {
    for name in catalogue::SEED_TENANTS {
        let tenant = TenantId::parse(name).expect("a tenant");
        let plans = plans(&tenant);
        let fake = FakeStripe::start().await;
        let first = run(&fake.client(timing()), &tenant, &plans).await;
        let wrong: Vec<&Step> = first.iter().filter(|step| step.outcome.is_wrong()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(
            (made(&first), fake.count("product"), fake.count("price")),
            (plans.len() * 2, plans.len(), plans.len())
        );
        let posts = || fake.calls().iter().filter(|call| call.request.starts_with("POST")).count();
        let before = posts();
        let second = run(&fake.client(timing()), &tenant, &plans).await;
        assert_eq!((made(&second), posts()), (0, before), "{name}: {second:?}");
        assert!(second.iter().all(|step| !step.outcome.is_wrong()), "{name}: {second:?}");
    }
}

#[tokio::test]
async fn a_run_that_was_cut_short_is_finished_by_the_next() {
    let tenant = TenantId::parse("coaching").expect("a tenant");
    let plans = plans(&tenant);
    for request in ["POST /v1/products", "POST /v1/prices"] {
        let fake = FakeStripe::start().await;
        // Made, and the answers to all four tries are lost.
        (0..4).for_each(|_| fake.fail_next(request, Fault::AnswerLost));
        let error = set_up(&fake.client(timing()), &tenant, &plans, &mut |_| ()).await.expect_err("cut short");
        assert!(!error.is_certain(), "{error}");
        let steps = run(&fake.client(timing()), &tenant, &plans).await;
        assert!(steps.iter().all(|step| !step.outcome.is_wrong()), "{steps:?}");
        assert_eq!((fake.count("product"), fake.count("price")), (plans.len(), plans.len()), "{request}");
    }
}

#[tokio::test]
async fn a_new_version_is_a_new_price_and_a_wrong_price_is_told() {
    let tenant = TenantId::parse("coaching").expect("a tenant");
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let first = plans(&tenant).remove(0);
    run(&client, &tenant, std::slice::from_ref(&first)).await;
    let mut second = SoldPlan { version: 2, ..first.clone() };
    second.plan.price = domain::price::Price::per_unit(123, second.plan.price.currency, second.plan.price.interval);
    let both = [first.clone(), second.clone()];
    let steps = run(&client, &tenant, &both).await;
    let key_of = |version: u32| lookup_key(&tenant, &first.plan.id, version);
    let names: Vec<(String, bool)> = steps.into_iter().map(|step| (step.name, step.outcome.is_made())).collect();
    let product = "christopher_coaching_elite_coaching".to_owned();
    assert_eq!(names, [(product, false), (key_of(1), false), (key_of(2), true)]);
    assert_eq!(key_of(2), "coaching_elite_coaching_v2");

    // The second version, said otherwise than it was made.
    second.plan.price = first.plan.price;
    let steps = run(&client, &tenant, &[second]).await;
    assert!(matches!(steps[1].outcome, Outcome::PriceDiffers { .. }), "{steps:?}");
    assert_eq!(fake.count("price"), 2);
    assert_eq!(client.prices_by_lookup_key(&[key_of(1), key_of(2), key_of(3)]).await.expect("prices").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_that_the_ledger_knows_is_made() {
    on_both_engines(|url| async move {
        let fake = FakeStripe::start().await;
        let app = TestApp::start(&url).await;
        let key = key_with(&app, "ledger:admin").await;
        let change = r#"{"amount": "6000.00"}"#;
        let path = "/ledger/v1/catalog/plans/elite_coaching";
        let changed = app
            .raw(|client, base| {
                let request = client.put(format!("{base}{path}")).bearer_auth(&key);
                request.header("content-type", "application/json").body(change)
            })
            .await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        app.settle().await;
        let tenant = TenantId::parse("coaching").expect("a tenant");
        let versions = every_version(&app.app.ledger, &tenant).await.expect("the catalogue");
        let steps = run(&fake.client(timing()), &tenant, &versions).await;
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        let expected = ["coaching_elite_coaching_v1", "coaching_elite_coaching_v2", "coaching_group_coaching_v1"];
        assert!(expected.iter().all(|name| names.contains(name)), "{names:?}");
        assert_eq!((fake.count("product"), fake.count("price")), (4, 5));
        app.stop().await;
    })
    .await;
}
