//! The customers of the scenario and what they do, through the same operations as the surfaces.

use api::app::App;
use api::operations::customers::{CustomerFields, create_customer};
use api::operations::payments::{close_dispute, dispute_payment, refund_payment};
use api::operations::sandbox::{script_outcomes, set_clock};
use api::operations::subscriptions::{
    CancelFields, CancelWhen, ChangeFields, ChangeWhen, PauseFields, PlanQuantity, SubscriptionFields,
    cancel_subscription, change_subscription, create_subscription, pause_subscription,
};
use api::operations::{Call, Processor};
use domain::customer::Patch;
use domain::id::{PaymentMethodId, TenantId};
use domain::proration::{ProrationBehavior, TerminationPolicy};
use domain::sandbox::Outcome;
use domain::subscription::{Collection, Subscription};
use jiff::Timestamp;
use serde_json::json;

/// A tenant on the stage, at a moment.
pub struct Stage<'a> {
    pub app: &'a App,
    pub tenant: TenantId,
    pub now: Timestamp,
}

impl Stage<'_> {
    /// Turns the clock and lets everything that is due happen.
    pub async fn go_to(&mut self, now: &str) {
        let now: Timestamp = now.parse().expect("an instant");
        self.app
            .positions
            .wait_for(&[], self.app.ledger.head().await.unwrap(), std::time::Duration::from_mins(1))
            .await;
        set_clock(&self.app.ledger, &self.call(), now).await.expect("the clock is turned");
        self.now = now;
        self.app.scheduler.advance(&self.tenant).await.expect("what is due happens");
    }

    fn call(&self) -> Call {
        Call {
            tenant: self.tenant.clone(),
            actor: "scenario".to_owned(),
            request_id: "req_scenario".to_owned(),
            now: self.now,
            idempotency: None,
            processor: Processor::Sandbox,
        }
    }

    pub async fn customer(&self, name: &str, address: serde_json::Value) -> String {
        let fields = CustomerFields {
            email: Some(format!("{name}@{}.example.com", self.tenant)),
            first_name: Patch::Set(name.to_owned()),
            billing_address: Patch::Set(address.as_object().cloned().unwrap_or_default()),
            ..CustomerFields::default()
        };
        let method = PaymentMethodId::parse(&format!("pm_sbx_4242_{}_{name}", self.tenant)).ok();
        create_customer(&self.app.ledger, &self.call(), fields, method).await.expect("a customer").id
    }

    pub async fn subscribe(&self, customer: &str, plan: &str, quantity: u64, how: How) -> String {
        let fields = SubscriptionFields {
            customer_id: customer.to_owned(),
            plans: vec![PlanQuantity { plan_id: plan.to_owned(), quantity }],
            payment_method_id: None,
            trial_period_days: how.trial_days,
            billing_cycle_anchor: how.anchor.map(|anchor| anchor.parse().expect("an instant")),
            start_date: None,
            discount_code: how.coupon.map(str::to_owned),
            collection: if how.by_invoice { Collection::SendInvoice } else { Collection::ChargeAutomatically },
            days_until_due: None,
            metadata: None,
        };
        create_subscription(&self.app.ledger, &self.call(), fields).await.expect("a subscription").id
    }

    pub async fn change(&self, id: &str, plan: &str, quantity: u64, behavior: ProrationBehavior, when: ChangeWhen) {
        let fields = ChangeFields {
            plans: Some(vec![PlanQuantity { plan_id: plan.to_owned(), quantity }]),
            plan_id: None,
            renew_versions: false,
            quantity: None,
            behavior,
            proration_date: None,
            when,
            payment_method_id: None,
            cycle_anchor: None,
            metadata: Patch::Unchanged,
        };
        change_subscription(&self.app.ledger, &self.call(), id, &fields).await.expect("a change");
    }

    pub async fn pause(&self, id: &str, until: &str, behavior: ProrationBehavior) {
        let resumes_at = Some(until.parse().expect("an instant"));
        let fields = PauseFields { resumes_at, reason: None, maintain_access: false, behavior };
        pause_subscription(&self.app.ledger, &self.call(), id, &fields).await.expect("a pause");
    }

    pub async fn cancel(&self, id: &str, when: CancelWhen, termination: TerminationPolicy) {
        let fields = CancelFields { when, termination, reason: None, feedback: None };
        cancel_subscription(&self.app.ledger, &self.call(), id, &fields).await.expect("a cancellation");
    }

    pub async fn script(&self, customer: &str, outcomes: &[Outcome]) {
        script_outcomes(&self.app.ledger, &self.call(), customer, outcomes.to_vec()).await.expect("a script");
    }

    /// The payment of the subscription's latest invoice.
    pub async fn last_payment(&self, id: &str) -> String {
        let loaded = self.app.ledger.load::<Subscription>(&self.tenant, id).await.expect("the ledger reads");
        let invoice = loaded.state.snapshot().and_then(|known| known.terms.latest_invoice.clone()).expect("an invoice");
        domain::billing::payment_of(&invoice).expect("an id").as_str().to_owned()
    }

    pub async fn refund(&self, payment: &str, amount_minor: Option<i64>) {
        refund_payment(&self.app.ledger, &self.call(), payment, amount_minor, None).await.expect("a refund");
    }

    pub async fn dispute(&self, payment: &str, won: bool) {
        dispute_payment(&self.app.ledger, &self.call(), payment, None, None).await.expect("a dispute");
        close_dispute(&self.app.ledger, &self.call(), payment, won).await.expect("a decision");
    }
}

/// How a subscription begins.
#[derive(Debug, Default)]
pub struct How {
    pub trial_days: Option<u16>,
    pub anchor: Option<&'static str>,
    pub coupon: Option<&'static str>,
    pub by_invoice: bool,
}

pub fn california() -> serde_json::Value {
    json!({ "line1": "1 Mill Lane", "city": "San Francisco", "state": "CA", "country": "US" })
}

pub fn elsewhere() -> serde_json::Value {
    json!({ "line1": "2 Oak Street", "city": "Oslo", "country": "NO" })
}
