//! What can be asked of a payment, and what can be reported about one.

use super::event::{ChargeReport, DisputeReport, IntentReport, RefundReport, RefundStatus};
use crate::id::PaymentId;
use crate::stamp::Stamp;

#[derive(Debug, Clone)]
pub enum PaymentCommand {
    // Outcomes of our own processor.
    /// The attempt's status says whether it succeeded or was declined.
    RecordAttempt {
        id: PaymentId,
        charge: Box<ChargeReport>,
    },
    /// An intent: refused over what is left.
    Refund {
        refund: RefundReport,
    },
    /// What became of a refund that was pending.
    SettleRefund {
        refund: String,
        status: RefundStatus,
    },
    /// A dispute at our own processor was opened, or stands otherwise now. Refused over what was collected.
    Dispute {
        dispute: DisputeReport,
    },
    // Facts: recorded, never refused.
    ReportCharge {
        id: PaymentId,
        stamp: Stamp,
        charge: Box<ChargeReport>,
    },
    ReportIntent {
        id: PaymentId,
        stamp: Stamp,
        intent: Box<IntentReport>,
    },
    ReportRefund {
        id: PaymentId,
        stamp: Stamp,
        refund: RefundReport,
    },
    ReportDispute {
        id: PaymentId,
        stamp: Stamp,
        dispute: DisputeReport,
    },
}
