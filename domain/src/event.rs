//! Every event of the ledger as one type, and how it is stored and read back.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::account::{Account, AccountEvent};
use crate::catalogue_entry::{CatalogueEntry, CatalogueEntryEvent};
use crate::customer::{Customer, CustomerEvent};
use crate::dunning::{Dunning, DunningEvent};
use crate::invoice::{Invoice, InvoiceEvent};
use crate::issued::{Decider, EventForm};
use crate::payment::{Payment, PaymentEvent};
use crate::payout::{Payout, PayoutEvent};
use crate::processor_call::{ProcessorCall, ProcessorCallEvent};
use crate::sandbox::{Sandbox, SandboxEvent};
use crate::stripe_event::{StripeEvent, StripeEventEvent};
use crate::subscription::{Subscription, SubscriptionEvent};
use crate::tenant_settings::{TenantSettings, TenantSettingsEvent};
use crate::usage::{UsageEvent, UsageLog};

/// An event of any aggregate; it serializes to the stored payload. `_ =>` over it is a lint error, so a new kind of
/// event lists every place to visit; who wants the events of one kind alone asks by its name, as with `customer()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "few are held at once, and boxing would cost every decoded event")]
pub enum LedgerEvent {
    Customer(CustomerEvent),
    Subscription(SubscriptionEvent),
    Invoice(InvoiceEvent),
    Payment(PaymentEvent),
    Dunning(DunningEvent),
    StripeEvent(StripeEventEvent),
    CatalogueEntry(CatalogueEntryEvent),
    TenantSettings(TenantSettingsEvent),
    Account(AccountEvent),
    Usage(UsageEvent),
    Sandbox(SandboxEvent),
    Payout(PayoutEvent),
    ProcessorCall(ProcessorCallEvent),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("no aggregate type {0:?} is known")]
    UnknownAggregate(String),
    #[error("event {event_type} has version {version}, which is newer than this build reads")]
    NewerVersion { event_type: String, version: String },
    #[error("event {event_type} does not decode: {reason}")]
    Malformed { event_type: String, reason: String },
}

impl LedgerEvent {
    /// Reads a stored event. Older versions are upcast first; `event_type` is the stored column, for messages.
    pub fn decode(
        aggregate_type: &str,
        event_type: &str,
        event_version: &str,
        payload: &str,
    ) -> Result<Self, DecodeError> {
        if event_version != EVENT_VERSION {
            return Err(DecodeError::NewerVersion {
                event_type: event_type.to_owned(),
                version: event_version.to_owned(),
            });
        }
        let event = match aggregate_type {
            Customer::TYPE => read(payload).map(Self::Customer),
            Subscription::TYPE => read(payload).map(Self::Subscription),
            Invoice::TYPE => read(payload).map(Self::Invoice),
            Payment::TYPE => read(payload).map(Self::Payment),
            Dunning::TYPE => read(payload).map(Self::Dunning),
            StripeEvent::TYPE => read(payload).map(Self::StripeEvent),
            CatalogueEntry::TYPE => read(payload).map(Self::CatalogueEntry),
            TenantSettings::TYPE => read(payload).map(Self::TenantSettings),
            Account::TYPE => read(payload).map(Self::Account),
            UsageLog::TYPE => read(payload).map(Self::Usage),
            Sandbox::TYPE => read(payload).map(Self::Sandbox),
            Payout::TYPE => read(payload).map(Self::Payout),
            ProcessorCall::TYPE => read(payload).map(Self::ProcessorCall),
            unknown => return Err(DecodeError::UnknownAggregate(unknown.to_owned())),
        };
        event.map_err(|reason| DecodeError::Malformed { event_type: event_type.to_owned(), reason })
    }

    /// The aggregate's type as the log stores it.
    pub fn aggregate_type(&self) -> &'static str {
        match self {
            Self::Customer(_) => Customer::TYPE,
            Self::Subscription(_) => Subscription::TYPE,
            Self::Invoice(_) => Invoice::TYPE,
            Self::Payment(_) => Payment::TYPE,
            Self::Dunning(_) => Dunning::TYPE,
            Self::StripeEvent(_) => StripeEvent::TYPE,
            Self::CatalogueEntry(_) => CatalogueEntry::TYPE,
            Self::TenantSettings(_) => TenantSettings::TYPE,
            Self::Account(_) => Account::TYPE,
            Self::Usage(_) => UsageLog::TYPE,
            Self::Sandbox(_) => Sandbox::TYPE,
            Self::Payout(_) => Payout::TYPE,
            Self::ProcessorCall(_) => ProcessorCall::TYPE,
        }
    }

    pub fn effective_at(&self) -> Timestamp {
        match self {
            Self::Customer(event) => event.effective_at(),
            Self::Subscription(event) => event.effective_at(),
            Self::Invoice(event) => event.effective_at(),
            Self::Payment(event) => event.effective_at(),
            Self::Dunning(event) => event.effective_at(),
            Self::StripeEvent(event) => event.effective_at(),
            Self::CatalogueEntry(event) => event.effective_at(),
            Self::TenantSettings(event) => event.effective_at(),
            Self::Account(event) => event.effective_at(),
            Self::Usage(event) => event.effective_at(),
            Self::Sandbox(event) => event.effective_at(),
            Self::Payout(event) => event.effective_at(),
            Self::ProcessorCall(event) => event.effective_at(),
        }
    }

    pub fn customer(&self) -> Option<&CustomerEvent> {
        if let Self::Customer(event) = self { Some(event) } else { None }
    }

    pub fn subscription(&self) -> Option<&SubscriptionEvent> {
        if let Self::Subscription(event) = self { Some(event) } else { None }
    }

    pub fn invoice(&self) -> Option<&InvoiceEvent> {
        if let Self::Invoice(event) = self { Some(event) } else { None }
    }

    pub fn payment(&self) -> Option<&PaymentEvent> {
        if let Self::Payment(event) = self { Some(event) } else { None }
    }

    pub fn dunning(&self) -> Option<&DunningEvent> {
        if let Self::Dunning(event) = self { Some(event) } else { None }
    }

    pub fn stripe_event(&self) -> Option<&StripeEventEvent> {
        if let Self::StripeEvent(event) = self { Some(event) } else { None }
    }

    pub fn catalogue_entry(&self) -> Option<&CatalogueEntryEvent> {
        if let Self::CatalogueEntry(event) = self { Some(event) } else { None }
    }

    pub fn tenant_settings(&self) -> Option<&TenantSettingsEvent> {
        if let Self::TenantSettings(event) = self { Some(event) } else { None }
    }

    pub fn account(&self) -> Option<&AccountEvent> {
        if let Self::Account(event) = self { Some(event) } else { None }
    }

    pub fn usage(&self) -> Option<&UsageEvent> {
        if let Self::Usage(event) = self { Some(event) } else { None }
    }

    pub fn sandbox(&self) -> Option<&SandboxEvent> {
        if let Self::Sandbox(event) = self { Some(event) } else { None }
    }

    pub fn payout(&self) -> Option<&PayoutEvent> {
        if let Self::Payout(event) = self { Some(event) } else { None }
    }

    pub fn processor_call(&self) -> Option<&ProcessorCallEvent> {
        if let Self::ProcessorCall(event) = self { Some(event) } else { None }
    }
}

fn read<T: DeserializeOwned>(payload: &str) -> Result<T, String> {
    serde_json::from_str(payload).map_err(|error| error.to_string())
}

/// The version that every event is written with today. An event whose form changes gets a version of its own and an
/// upcaster (docs/how-to/add-an-event.md).
pub const EVENT_VERSION: &str = "1";

#[cfg(test)]
#[path = "golden_tests.rs"]
mod golden_tests;
