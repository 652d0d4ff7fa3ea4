//! The glue by which cqrs-es runs the aggregates: each `handle` decides and hands the events over, each `apply`
//! evolves. Nothing is decided here.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};

use crate::account::{Account, AccountEvent};
use crate::catalogue_entry::{CatalogueEntry, CatalogueEntryEvent};
use crate::customer::{Customer, CustomerEvent};
use crate::dunning::{Dunning, DunningEvent};
use crate::event::EVENT_VERSION;
use crate::invoice::{Invoice, InvoiceEvent};
use crate::issued::{Decider, Issued};
use crate::payment::{Payment, PaymentEvent};
use crate::payout::{Payout, PayoutEvent};
use crate::processor_call::{ProcessorCall, ProcessorCallEvent};
use crate::refusal::Refusal;
use crate::sandbox::{Sandbox, SandboxEvent};
use crate::stripe_event::{StripeEvent, StripeEventEvent};
use crate::subscription::{Subscription, SubscriptionEvent};
use crate::tenant_settings::{TenantSettings, TenantSettingsEvent};
use crate::usage::{UsageEvent, UsageLog};

/// The same lines for every aggregate. cqrs-es's traits are foreign, so no blanket implementation can say them.
macro_rules! run_by_cqrs_es {
    ($($aggregate:ty, $event:ty;)*) => {$(
        impl DomainEvent for $event {
            fn event_type(&self) -> String {
                self.change.name().to_owned()
            }

            fn event_version(&self) -> String {
                EVENT_VERSION.to_owned()
            }
        }

        impl Aggregate for $aggregate {
            const TYPE: &'static str = <Self as Decider>::TYPE;
            type Command = Issued<<Self as Decider>::Command>;
            type Event = $event;
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
    )*};
}

run_by_cqrs_es! {
    Customer, CustomerEvent;
    Subscription, SubscriptionEvent;
    Invoice, InvoiceEvent;
    Payment, PaymentEvent;
    Dunning, DunningEvent;
    StripeEvent, StripeEventEvent;
    CatalogueEntry, CatalogueEntryEvent;
    TenantSettings, TenantSettingsEvent;
    Account, AccountEvent;
    UsageLog, UsageEvent;
    Sandbox, SandboxEvent;
    Payout, PayoutEvent;
    ProcessorCall, ProcessorCallEvent;
}
