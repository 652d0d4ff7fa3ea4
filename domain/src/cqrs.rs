//! The glue by which cqrs-es runs the aggregates: each `handle` decides and hands the events over, each `apply`
//! evolves. Nothing is decided here.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};

use crate::customer::{Customer, CustomerEvent};
use crate::dunning::{Dunning, DunningEvent};
use crate::event::EVENT_VERSION;
use crate::invoice::{Invoice, InvoiceEvent};
use crate::issued::{Decider, Issued};
use crate::payment::{Payment, PaymentEvent};
use crate::refusal::Refusal;
use crate::stripe_event::{StripeEvent, StripeEventEvent};
use crate::subscription::{Subscription, SubscriptionEvent};

impl DomainEvent for CustomerEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for Customer {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<<Self as Decider>::Command>;
    type Event = CustomerEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}

impl DomainEvent for SubscriptionEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for Subscription {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<<Self as Decider>::Command>;
    type Event = SubscriptionEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}

impl DomainEvent for InvoiceEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for Invoice {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<<Self as Decider>::Command>;
    type Event = InvoiceEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}

impl DomainEvent for PaymentEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for Payment {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<<Self as Decider>::Command>;
    type Event = PaymentEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}

impl DomainEvent for DunningEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for Dunning {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<<Self as Decider>::Command>;
    type Event = DunningEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}

impl DomainEvent for StripeEventEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for StripeEvent {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<<Self as Decider>::Command>;
    type Event = StripeEventEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}
