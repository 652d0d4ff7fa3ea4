//! A command for any aggregate, so that one append can carry the consequences of several (rule L11).

use crate::customer::CustomerCommand;
use crate::dunning::DunningCommand;
use crate::id::{CampaignId, CustomerId, InvoiceId, PaymentId, StripeEventId, SubscriptionId};
use crate::invoice::InvoiceCommand;
use crate::payment::PaymentCommand;
use crate::stripe_event::StripeEventCommand;
use crate::subscription::SubscriptionCommand;

/// A command and the stream it is for.
#[derive(Debug, Clone)]
pub enum Command {
    Customer(CustomerId, CustomerCommand),
    Subscription(SubscriptionId, SubscriptionCommand),
    Invoice(InvoiceId, InvoiceCommand),
    Payment(PaymentId, PaymentCommand),
    Dunning(CampaignId, DunningCommand),
    StripeEvent(StripeEventId, StripeEventCommand),
}
