//! What can be asked of a customer, and what can be reported about one.

use jiff::Timestamp;

use super::event::{CustomerSnapshot, PaymentMethod, Profile};
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
    /// Replaces the whole profile; the operation has merged what the caller named.
    Update {
        profile: Box<Profile>,
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
