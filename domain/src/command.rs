//! A command for any aggregate, so that one append can carry the consequences of several (rule L11).

use crate::account::AccountCommand;
use crate::catalogue_entry::{CatalogueEntryCommand, EntryId};
use crate::customer::CustomerCommand;
use crate::dunning::DunningCommand;
use crate::id::{
    CampaignId, CustomerId, InvoiceId, PaymentId, PayoutId, ProcessorCallId, StripeEventId, SubscriptionId,
};
use crate::invoice::InvoiceCommand;
use crate::payment::PaymentCommand;
use crate::payout::PayoutCommand;
use crate::processor_call::ProcessorCallCommand;
use crate::sandbox::{CLOCK_ID, SandboxCommand};
use crate::stripe_event::StripeEventCommand;
use crate::subscription::SubscriptionCommand;
use crate::tenant_settings::TenantSettingsCommand;
use crate::usage::UsageCommand;

/// A command and the stream it is for.
#[derive(Debug, Clone)]
pub enum Command {
    Customer(CustomerId, CustomerCommand),
    Subscription(SubscriptionId, SubscriptionCommand),
    Invoice(InvoiceId, InvoiceCommand),
    Payment(PaymentId, PaymentCommand),
    Dunning(CampaignId, DunningCommand),
    StripeEvent(StripeEventId, StripeEventCommand),
    CatalogueEntry(EntryId, CatalogueEntryCommand),
    /// A tenant has one stream of settings.
    TenantSettings(TenantSettingsCommand),
    /// Of a customer.
    Account(CustomerId, AccountCommand),
    /// Of a subscription.
    Usage(SubscriptionId, UsageCommand),
    Sandbox(SandboxStream, SandboxCommand),
    Payout(PayoutId, PayoutCommand),
    ProcessorCall(ProcessorCallId, ProcessorCallCommand),
}

/// The sandbox has a stream for the tenant's clock, and one for the script of each customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxStream {
    Clock,
    Customer(CustomerId),
}

impl SandboxStream {
    pub fn id(&self) -> &str {
        match self {
            Self::Clock => CLOCK_ID,
            Self::Customer(customer) => customer.as_str(),
        }
    }
}
