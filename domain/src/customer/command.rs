//! What can be asked of a customer, and what can be reported about one.

use jiff::Timestamp;

use super::event::{CustomerSnapshot, PaymentMethod, Profile};
use super::patch::{ProfilePatch, Seen};
use crate::id::{CustomerId, PaymentMethodId};
use crate::stamp::Stamp;

#[derive(Debug, Clone)]
pub enum CustomerCommand {
    // Intents: may be refused.
    Create {
        id: CustomerId,
        profile: Box<Profile>,
        method: Option<PaymentMethod>,
    },
    /// Changes what the caller names, on the profile as it stands when this is decided.
    Update {
        patch: Box<ProfilePatch>,
        /// What the request was made from; refused where that has changed. `None` where nothing hangs on it.
        seen: Option<Box<Seen>>,
    },
    /// Changes nothing: part of a request that takes this customer as its payer, with a payment method of its own.
    ConfirmPayer {
        method: Option<PaymentMethodId>,
    },
    AttachPaymentMethod {
        method: PaymentMethod,
        make_default: bool,
    },
    DetachPaymentMethod {
        method: PaymentMethodId,
    },
    // Facts: recorded, never refused.
    /// Some other object named this customer at that time.
    Mention {
        id: CustomerId,
        at: Timestamp,
    },
    Report {
        id: CustomerId,
        stamp: Stamp,
        snapshot: Box<CustomerSnapshot>,
    },
    ReportPaymentMethod {
        id: CustomerId,
        stamp: Stamp,
        method: PaymentMethod,
    },
    AnnounceCardExpiry {
        id: CustomerId,
        at: Timestamp,
        method: PaymentMethodId,
    },
}
