//! Plays the customers' stories: what they do goes through the operations that the surfaces use, and everything that falls
//! due in between is carried out by the billing engine, on a clock that goes forward week by week.

use domain::catalogue::Catalogue;
use domain::customer::Patch;
use domain::id::{CustomerId, PaymentMethodId, SubscriptionId, TenantId};
use domain::payment::PaymentStatus;
use domain::proration::{ProrationBehavior, TerminationPolicy};
use domain::sandbox::Outcome;
use domain::subscription::{Collection, Subscription, SubscriptionSnapshot};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::broken;
use super::businesses::Business;
use super::chance::later;
use super::names::Person;
use super::story::{Deed, Story};
use crate::app::App;
use crate::billing::{Loader, carry_out_due};
use crate::cli::CommandError;
use crate::failure::Failure;
use crate::operations::customers::{CustomerFields, create_customer};
use crate::operations::payments::{close_dispute, dispute_payment, refund_payment};
use crate::operations::sandbox::script_outcomes;
use crate::operations::subscriptions::{
    CancelFields, CancelWhen, ChangeFields, ChangeWhen, PauseFields, PlanQuantity, SubscriptionFields,
    cancel_subscription, change_subscription, create_subscription, pause_subscription, reactivate_subscription,
};
use crate::operations::{Call, Done, Processor};

/// One customer on the stage.
#[derive(Debug)]
pub(super) struct Player {
    pub tenant: TenantId,
    pub business: &'static Business,
    pub catalogue: &'static Catalogue,
    pub story: Story,
    pub person: Person,
    /// What it does next, and when.
    pub next: Option<(Timestamp, Deed)>,
    pub customer: Option<CustomerId>,
    pub subscription: Option<SubscriptionId>,
}

impl Player {
    /// Plays on until a moment.
    pub(super) async fn play(&mut self, app: &App, loader: &Loader, until: Timestamp) -> Result<(), CommandError> {
        while let Some((at, deed)) = self.next.take_if(|(at, _)| *at < until) {
            self.carry_out_due(loader, at).await?;
            self.next = self.act(app, at, deed).await.map_err(|failure| broken(format!("{failure:?}")))?;
        }
        self.carry_out_due(loader, until).await
    }

    async fn carry_out_due(&self, loader: &Loader, until: Timestamp) -> Result<(), CommandError> {
        let (Some(customer), Some(subscription)) = (&self.customer, &self.subscription) else { return Ok(()) };
        carry_out_due(loader, customer, subscription, until).await?;
        Ok(())
    }

    async fn act(&mut self, app: &App, at: Timestamp, deed: Deed) -> Result<Option<(Timestamp, Deed)>, Failure> {
        let call = self.call(at);
        if deed == Deed::Join {
            let done = create_customer(&app.ledger, &call, self.fields(), Some(card()?)).await?;
            self.customer = CustomerId::parse(&done.id).ok();
            return Ok(self.story.after_joining(at, self.business, self.catalogue));
        }
        if let Deed::Subscribe { plan, quantity, trial, coupon } = deed {
            let done = self.subscribe(app, &call, plan, quantity, trial, coupon).await?;
            self.subscription = SubscriptionId::parse(&done.id).ok();
            return Ok(Some(self.story.next(at)));
        }
        let Some(known) = self.standing(app).await? else { return Ok(None) };
        if known.standing.is_terminal() {
            return Ok(self.story.after_leaving(at, self.business, self.catalogue));
        }
        if let Some(next) = self.change(app, &call, &deed, &known).await? {
            return Ok(Some(next));
        }
        Ok(Some(self.story.next(at)))
    }

    /// Does something to the subscription. What cannot be done as it stands is left.
    async fn change(
        &mut self,
        app: &App,
        call: &Call,
        deed: &Deed,
        known: &SubscriptionSnapshot,
    ) -> Result<Option<(Timestamp, Deed)>, Failure> {
        let (ledger, at) = (&app.ledger, call.now);
        let Some(id) = self.subscription.as_ref().map(|id| id.as_str().to_owned()) else { return Ok(None) };
        let outcome = match deed {
            Deed::Join | Deed::Subscribe { .. } | Deed::Nothing => return Ok(None),
            Deed::CancelAtPeriodEnd { reason, feedback } => {
                let (reason, feedback) = (Some((*reason).to_owned()), feedback.map(str::to_owned));
                let when = CancelWhen::AtPeriodEnd;
                let fields = CancelFields { when, termination: TerminationPolicy::Skip, reason, feedback };
                let canceled = cancel_subscription(ledger, call, &id, &fields).await;
                let ends = known.terms.period.map(|period| period.end);
                if let (Ok(_), Some(again)) = (&canceled, ends.and_then(|ends| self.story.thinks_again(at, ends))) {
                    return Ok(Some((again, Deed::ThinkAgain)));
                }
                canceled
            }
            Deed::ThinkAgain => reactivate_subscription(ledger, call, &id).await,
            Deed::CancelNow { reason } => {
                let (when, termination) = (CancelWhen::Now, TerminationPolicy::Credit);
                let fields = CancelFields { when, termination, reason: Some((*reason).to_owned()), feedback: None };
                cancel_subscription(ledger, call, &id, &fields).await
            }
            Deed::Move { up } => self.move_to_neighbour(app, call, &id, known, *up).await,
            Deed::ChangeSeats => self.change_seats(app, call, &id, known).await,
            Deed::Pause { reason, days } => {
                let fields = PauseFields {
                    resumes_at: Some(later(at, SignedDuration::from_hours(24 * days))),
                    reason: Some((*reason).to_owned()),
                    maintain_access: false,
                    behavior: ProrationBehavior::CreateProrations,
                };
                pause_subscription(ledger, call, &id, &fields).await
            }
            Deed::MoneyBack => match self.last_payment(app, known).await? {
                Some(payment) => refund_payment(ledger, call, &payment, None, Some("requested".to_owned())).await,
                None => return Ok(None),
            },
            Deed::Dispute { won } => match self.last_payment(app, known).await? {
                Some(payment) => self.dispute(app, call, &payment, *won).await,
                None => return Ok(None),
            },
            Deed::Decline { times, recovers } => {
                let mut outcomes = vec![Outcome::InsufficientFunds; usize::try_from(*times).unwrap_or(1)];
                outcomes.extend(recovers.then_some(Outcome::Succeed));
                let customer = self.customer.as_ref().map_or("", |customer| customer.as_str());
                script_outcomes(ledger, call, customer, outcomes).await
            }
        };
        match outcome {
            Ok(_) | Err(Failure::Illegal { .. } | Failure::Conflict { .. } | Failure::Invalid { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn subscribe(
        &self,
        app: &App,
        call: &Call,
        plan: &str,
        quantity: u64,
        trial: bool,
        coupon: bool,
    ) -> Result<Done, Failure> {
        let plan_id = plan.to_owned();
        let sold = self.catalogue.plans.iter().find(|known| known.id.as_str() == plan);
        let fields = SubscriptionFields {
            customer_id: self.customer.as_ref().map_or_else(String::new, ToString::to_string),
            plans: vec![PlanQuantity { plan_id, quantity }],
            payment_method_id: None,
            trial_period_days: sold.and_then(|sold| sold.trial_days).filter(|_| trial),
            billing_cycle_anchor: None,
            start_date: None,
            discount_code: self.catalogue.coupons.first().filter(|_| coupon).map(|coupon| coupon.code.clone()),
            collection: Collection::ChargeAutomatically,
            days_until_due: None,
            metadata: None,
        };
        create_subscription(&app.ledger, call, fields).await
    }

    /// To the next plan up at once, to the next one down with the next period.
    async fn move_to_neighbour(
        &self,
        app: &App,
        call: &Call,
        id: &str,
        known: &SubscriptionSnapshot,
        up: bool,
    ) -> Result<Done, Failure> {
        let item = known.terms.items.first().ok_or_else(|| Failure::not_found("item"))?;
        let plan = self
            .business
            .neighbour(item.plan.as_str(), up)
            .ok_or_else(|| Failure::Illegal { reason: "there is no such plan".to_owned() })?;
        let quantity = item.quantity.clamp(1, self.business.seats(plan));
        let plans = Some(vec![PlanQuantity { plan_id: plan.to_owned(), quantity }]);
        let (when, behavior) = if up {
            (ChangeWhen::Now, ProrationBehavior::AlwaysInvoice)
        } else {
            (ChangeWhen::AtPeriodEnd, ProrationBehavior::None)
        };
        let fields = ChangeFields { plans, behavior, when, ..unchanged() };
        change_subscription(&app.ledger, call, id, &fields).await
    }

    async fn change_seats(
        &mut self,
        app: &App,
        call: &Call,
        id: &str,
        known: &SubscriptionSnapshot,
    ) -> Result<Done, Failure> {
        let plan = known.terms.items.first().map(|item| item.plan.as_str().to_owned()).unwrap_or_default();
        let quantity = Some(1 + self.story.chance.below(self.business.seats(&plan)));
        let fields = ChangeFields { quantity, ..unchanged() };
        change_subscription(&app.ledger, call, id, &fields).await
    }

    async fn dispute(&self, app: &App, call: &Call, payment: &str, won: bool) -> Result<Done, Failure> {
        dispute_payment(&app.ledger, call, payment, None, Some("fraudulent".to_owned())).await?;
        close_dispute(&app.ledger, call, payment, won).await
    }

    /// The payment of the latest invoice, where it was taken.
    async fn last_payment(&self, app: &App, known: &SubscriptionSnapshot) -> Result<Option<String>, Failure> {
        let Some(invoice) = &known.terms.latest_invoice else { return Ok(None) };
        let payment = domain::billing::payment_of(invoice)?;
        let loaded = app.ledger.load::<domain::payment::Payment>(&self.tenant, payment.as_str()).await?;
        let taken = loaded.state.snapshot().is_some_and(|known| known.status == PaymentStatus::Succeeded);
        Ok(taken.then(|| payment.as_str().to_owned()))
    }

    async fn standing(&self, app: &App) -> Result<Option<SubscriptionSnapshot>, Failure> {
        let Some(id) = &self.subscription else { return Ok(None) };
        let loaded = app.ledger.load::<Subscription>(&self.tenant, id.as_str()).await?;
        Ok(loaded.state.snapshot().cloned())
    }

    fn fields(&self) -> CustomerFields {
        let person = &self.person;
        let text = |text: &str| Patch::Set(text.to_owned());
        let object = |value: serde_json::Value| value.as_object().cloned().unwrap_or_default();
        let address = object(json!({ "line1": person.line1, "city": person.city, "country": person.country }));
        CustomerFields {
            email: Some(person.email.clone()),
            first_name: text(person.first),
            last_name: text(person.last),
            name: Patch::Unchanged,
            phone: text(&person.phone),
            company: person.company.as_deref().map_or(Patch::Unchanged, text),
            billing_address: Patch::Set(address),
            preferred_currency: Patch::Set(self.catalogue.defaults.currency),
            metadata: Patch::Set(object(json!({ "acquisition_source": person.source }))),
        }
    }

    fn call(&self, now: Timestamp) -> Call {
        Call {
            tenant: self.tenant.clone(),
            actor: "demo".to_owned(),
            request_id: store::ids::prefixed("req_"),
            now,
            idempotency: None,
            processor: Processor::Sandbox,
        }
    }
}

/// A change that changes nothing, to be said more exactly.
fn unchanged() -> ChangeFields {
    ChangeFields {
        plan_id: None,
        renew_versions: false,
        plans: None,
        quantity: None,
        behavior: ProrationBehavior::CreateProrations,
        proration_date: None,
        when: ChangeWhen::Now,
        payment_method_id: None,
        cycle_anchor: None,
        metadata: Patch::Unchanged,
    }
}

fn card() -> Result<PaymentMethodId, Failure> {
    PaymentMethodId::parse(&store::ids::prefixed("pm_sbx_4242_"))
        .map_err(|error| Failure::Internal { reason: error.to_string() })
}
