//! A request's commands as the funnel takes them: each with the time it was issued at, made once and not again for
//! every attempt.

use std::fmt::Write;

use domain::account::AccountCommand;
use domain::catalogue_entry::{CatalogueEntryCommand, EntryId};
use domain::command::{Command, SandboxStream};
use domain::customer::CustomerCommand;
use domain::dunning::DunningCommand;
use domain::id::{
    CampaignId, CustomerId, InvoiceId, PaymentId, PayoutId, ProcessorCallId, StripeEventId, SubscriptionId,
};
use domain::invoice::InvoiceCommand;
use domain::issued::Issued;
use domain::payment::PaymentCommand;
use domain::payout::PayoutCommand;
use domain::processor_call::ProcessorCallCommand;
use domain::sandbox::SandboxCommand;
use domain::stripe_event::StripeEventCommand;
use domain::subscription::SubscriptionCommand;
use domain::tenant_settings::TenantSettingsCommand;
use domain::usage::UsageCommand;
use jiff::Timestamp;

#[derive(Debug)]
pub enum Step {
    Customer(CustomerId, Issued<CustomerCommand>),
    Subscription(SubscriptionId, Issued<SubscriptionCommand>),
    Invoice(InvoiceId, Issued<InvoiceCommand>),
    Payment(PaymentId, Issued<PaymentCommand>),
    Dunning(CampaignId, Issued<DunningCommand>),
    StripeEvent(StripeEventId, Issued<StripeEventCommand>),
    CatalogueEntry(EntryId, Issued<CatalogueEntryCommand>),
    TenantSettings(Issued<TenantSettingsCommand>),
    Account(CustomerId, Issued<AccountCommand>),
    Usage(SubscriptionId, Issued<UsageCommand>),
    Sandbox(SandboxStream, Issued<SandboxCommand>),
    Payout(PayoutId, Issued<PayoutCommand>),
    ProcessorCall(ProcessorCallId, Issued<ProcessorCallCommand>),
}

impl Step {
    pub fn new(now: Timestamp, command: Command) -> Self {
        match command {
            Command::Customer(id, command) => Self::Customer(id, Issued { now, command }),
            Command::Subscription(id, command) => Self::Subscription(id, Issued { now, command }),
            Command::Invoice(id, command) => Self::Invoice(id, Issued { now, command }),
            Command::Payment(id, command) => Self::Payment(id, Issued { now, command }),
            Command::Dunning(id, command) => Self::Dunning(id, Issued { now, command }),
            Command::StripeEvent(id, command) => Self::StripeEvent(id, Issued { now, command }),
            Command::CatalogueEntry(id, command) => Self::CatalogueEntry(id, Issued { now, command }),
            Command::TenantSettings(command) => Self::TenantSettings(Issued { now, command }),
            Command::Account(id, command) => Self::Account(id, Issued { now, command }),
            Command::Usage(id, command) => Self::Usage(id, Issued { now, command }),
            Command::Sandbox(id, command) => Self::Sandbox(id, Issued { now, command }),
            Command::Payout(id, command) => Self::Payout(id, Issued { now, command }),
            Command::ProcessorCall(id, command) => Self::ProcessorCall(id, Issued { now, command }),
        }
    }
}

/// `<aggregate>.<Variant>` of a command: the start of its `Debug` form, which is broken off where the name ends, so
/// that a large command costs no more than a small one.
pub fn command_name(aggregate: &str, command: &impl std::fmt::Debug) -> String {
    let mut name = NameOnly(format!("{aggregate}."));
    // The error is how the writer stops the formatting.
    let _stopped = write!(name, "{command:?}");
    name.0
}

struct NameOnly(String);

impl Write for NameOnly {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            if !character.is_alphanumeric() {
                return Err(std::fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_variant_alone() {
        assert_eq!(command_name("stripe_event", &StripeEventCommand::Retry), "stripe_event.Retry");
        assert_eq!(command_name("invoice", &Some(1)), "invoice.Some");
        assert_eq!(command_name("invoice", &InvoiceCommand::MarkUncollectible), "invoice.MarkUncollectible");
    }
}
