//! What a command does to a customer.

use jiff::Timestamp;

use super::command::CustomerCommand;
use super::event::{CustomerChange, CustomerEvent, CustomerSnapshot, PaymentMethod, Profile};
use super::patch::{ProfilePatch, Seen};
use super::state::Customer;
use crate::id::{CustomerId, PaymentMethodId};
use crate::issued::{Decider, EventForm, Issued};
use crate::origin::Origin;
use crate::refusal::Refusal;
use crate::stamp::{Absorbed, Stamp};

impl EventForm for CustomerEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for Customer {
    const TYPE: &'static str = "customer";
    type Command = CustomerCommand;
    type Event = CustomerEvent;

    fn decide(&self, issued: &Issued<CustomerCommand>) -> Result<Vec<CustomerEvent>, Refusal> {
        let now = issued.now;
        match &issued.command {
            CustomerCommand::Create { id, profile, method } => self.create(now, id, profile, method.as_ref()),
            CustomerCommand::Update { patch, seen } => self.update(now, patch, seen.as_deref()),
            CustomerCommand::ConfirmPayer { method } => self.confirm_payer(method.as_ref()),
            CustomerCommand::AttachPaymentMethod { method, make_default } => self.attach(now, method, *make_default),
            CustomerCommand::DetachPaymentMethod { method } => self.detach(now, method),
            CustomerCommand::Mention { id, at } => Ok(self.mention(id, *at)),
            CustomerCommand::Report { id, stamp, snapshot } => Ok(self.report(id, stamp, snapshot)),
            CustomerCommand::ReportPaymentMethod { id, stamp, method } => Ok(self.report_method(id, stamp, method)),
            CustomerCommand::AnnounceCardExpiry { id, at, method } => Ok(self.announce_expiry(id, *at, method)),
        }
    }

    fn evolve(&mut self, event: &CustomerEvent) {
        self.apply(event);
    }
}

impl Customer {
    fn create(
        &self,
        now: Timestamp,
        id: &CustomerId,
        profile: &Profile,
        method: Option<&PaymentMethod>,
    ) -> Result<Vec<CustomerEvent>, Refusal> {
        if self.snapshot.is_some() {
            return Err(Refusal::AlreadyExists { what: "customer".to_owned() });
        }
        let after = CustomerSnapshot {
            profile: profile.clone(),
            origin: Origin::Daybook,
            created_at: Some(now),
            default_payment_method: None,
            balance_minor: 0,
            delinquent: false,
            deleted: false,
        };
        let created = event(now, id, CustomerChange::CustomerCreated {}, Some(after.clone()));
        let Some(method) = method else {
            return Ok(vec![created]);
        };
        let change = CustomerChange::PaymentMethodAttached { method: method.clone() };
        let after = CustomerSnapshot { default_payment_method: Some(method.id.clone()), ..after };
        Ok(vec![created, event(now, id, change, Some(after))])
    }

    fn update(&self, now: Timestamp, patch: &ProfilePatch, seen: Option<&Seen>) -> Result<Vec<CustomerEvent>, Refusal> {
        let (id, snapshot) = self.living()?;
        if let Some(seen) = seen {
            patch.check(seen, self)?;
        }
        let profile = patch.over(&snapshot.profile);
        if snapshot.profile == profile {
            return Ok(Vec::new());
        }
        let after = CustomerSnapshot { profile, ..snapshot.clone() };
        Ok(vec![event(now, id, CustomerChange::CustomerUpdated {}, Some(after))])
    }

    /// For others a deleted customer is as good as none, and so is a method that is another's or no longer attached.
    fn confirm_payer(&self, method: Option<&PaymentMethodId>) -> Result<Vec<CustomerEvent>, Refusal> {
        if self.snapshot.as_ref().is_none_or(|snapshot| snapshot.deleted) {
            return Err(Refusal::not_found("customer"));
        }
        match method {
            Some(id) if !self.method(id).is_some_and(|method| method.attached) => {
                Err(Refusal::not_found("payment method"))
            }
            Some(_) | None => Ok(Vec::new()),
        }
    }

    fn attach(
        &self,
        now: Timestamp,
        method: &PaymentMethod,
        make_default: bool,
    ) -> Result<Vec<CustomerEvent>, Refusal> {
        let (id, snapshot) = self.living()?;
        if self.method(&method.id).is_some_and(|known| !known.attached) {
            return Err(Refusal::illegal("a payment method", "detached", "attach"));
        }
        let mut events = Vec::new();
        if self.method(&method.id) != Some(method) {
            let change = CustomerChange::PaymentMethodAttached { method: method.clone() };
            events.push(event(now, id, change, None));
        }
        let wanted = make_default || snapshot.default_payment_method.is_none();
        if wanted && snapshot.default_payment_method.as_ref() != Some(&method.id) {
            let after = CustomerSnapshot { default_payment_method: Some(method.id.clone()), ..snapshot.clone() };
            events.push(event(now, id, CustomerChange::DefaultPaymentMethodChanged {}, Some(after)));
        }
        Ok(events)
    }

    fn detach(&self, now: Timestamp, method: &PaymentMethodId) -> Result<Vec<CustomerEvent>, Refusal> {
        let (id, snapshot) = self.living()?;
        let known = self.method(method).ok_or_else(|| Refusal::not_found("payment method"))?;
        if !known.attached {
            return Ok(Vec::new());
        }
        let change =
            CustomerChange::PaymentMethodDetached { method: PaymentMethod { attached: false, ..known.clone() } };
        let after = (snapshot.default_payment_method.as_ref() == Some(method))
            .then(|| CustomerSnapshot { default_payment_method: None, ..snapshot.clone() });
        Ok(vec![event(now, id, change, after)])
    }

    /// A customer that other objects name exists from the earliest time it was named, until something says more.
    fn mention(&self, id: &CustomerId, at: Timestamp) -> Vec<CustomerEvent> {
        let news = match (&self.snapshot, self.mentioned_at) {
            (None, _) => true,
            (Some(_), Some(known)) => at < known,
            (Some(_), None) => false,
        };
        if !news {
            return Vec::new();
        }
        let after = CustomerSnapshot { origin: Origin::Stripe, ..CustomerSnapshot::default() };
        vec![event(at, id, CustomerChange::CustomerMentioned {}, Some(after))]
    }

    fn report(&self, id: &CustomerId, stamp: &Stamp, snapshot: &CustomerSnapshot) -> Vec<CustomerEvent> {
        let mut reports = self.reports.clone();
        let absorbed = reports.absorb(stamp.clone(), snapshot.clone());
        if absorbed == Absorbed::Repeated {
            return Vec::new();
        }
        let current = (absorbed == Absorbed::Changed).then(|| reports.current().cloned()).flatten();
        let told = (current.as_ref() != Some(snapshot)).then(|| snapshot.clone());
        let change = CustomerChange::CustomerReported { stamp: stamp.clone(), snapshot: told };
        vec![event(stamp.created, id, change, current)]
    }

    fn report_method(&self, id: &CustomerId, stamp: &Stamp, method: &PaymentMethod) -> Vec<CustomerEvent> {
        let known = self.methods.get(&method.id);
        let mut reports = known.map(|known| known.reports.clone()).unwrap_or_default();
        let current = match reports.absorb(stamp.clone(), method.clone()) {
            Absorbed::Repeated => return Vec::new(),
            Absorbed::Changed => reports.current().cloned(),
            Absorbed::Superseded => known.map(|known| known.current.clone()),
        };
        let current = current.unwrap_or_else(|| method.clone());
        let change = CustomerChange::PaymentMethodReported { stamp: stamp.clone(), method: method.clone(), current };
        vec![event(stamp.created, id, change, None)]
    }

    fn announce_expiry(&self, id: &CustomerId, at: Timestamp, method: &PaymentMethodId) -> Vec<CustomerEvent> {
        if self.expiring.contains(method) {
            return Vec::new();
        }
        vec![event(at, id, CustomerChange::CardExpiryAnnounced { method: method.clone() }, None)]
    }

    fn living(&self) -> Result<(&CustomerId, &CustomerSnapshot), Refusal> {
        match (&self.id, &self.snapshot) {
            (Some(id), Some(snapshot)) if !snapshot.deleted => Ok((id, snapshot)),
            (Some(_), Some(_)) => Err(Refusal::illegal("a customer", "deleted", "change")),
            (_, None) | (None, _) => Err(Refusal::not_found("customer")),
        }
    }
}

fn event(
    at: Timestamp,
    customer: &CustomerId,
    change: CustomerChange,
    after: Option<CustomerSnapshot>,
) -> CustomerEvent {
    CustomerEvent { at, customer: customer.clone(), change, after }
}
